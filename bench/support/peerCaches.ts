import { type Arrival, type Recipe, wholeBytes, wholeSeconds } from './trace.js';

/** A cache that learning is compared with. It is filled at once, and that costs nothing. */
export interface PeerCache {
  /** Serves the order and remembers it; gives the seconds of work that it did not bring. */
  readonly serve: (arrival: Arrival) => number;
}

/** How much there is room for, and what every kept state takes besides what its actions left. */
export interface CacheRoom {
  readonly bytes: number;
  readonly memoryBytes: number;
}

/** Keeps nothing. */
export function noCache(): PeerCache {
  return { serve: ({ recipe }) => wholeSeconds(recipe) };
}

/**
 * Keeps whole recipes, the least recently used goes. A recipe is found again however it is written: what is compared
 * is the set of its actions and edges.
 */
export function exactRecipeCache(room: CacheRoom): PeerCache {
  // A Map remembers the order of insertion: the least recently used is first.
  const kept = new Map<Recipe, number>();
  let used = 0;
  return {
    serve: ({ recipe }) => {
      const known = kept.get(recipe);
      if (known !== undefined) {
        kept.delete(recipe);
        kept.set(recipe, known);
        return 0;
      }
      const bytes = wholeBytes(recipe) + room.memoryBytes;
      if (bytes <= room.bytes) {
        for (const [oldest, freed] of kept) {
          if (used + bytes <= room.bytes) break;
          kept.delete(oldest);
          used -= freed;
        }
        kept.set(recipe, bytes);
        used += bytes;
      }
      return wholeSeconds(recipe);
    },
  };
}

interface Layer {
  readonly parent: Layer | undefined;
  readonly name: string;
  readonly bytes: number;
  readonly children: Map<string, Layer>;
  lastUsed: number;
}

/**
 * Keeps a layer for every action on top of those that were written before it, as container images do; it takes only
 * its own bytes. The least recently used layer that no other lies on goes. A state that can be resumed is charged only
 * for the topmost layers; those below are resumed as well, for nothing.
 */
export function layerCache(room: CacheRoom): PeerCache {
  const root: Layer = { parent: undefined, name: '', bytes: 0, children: new Map(), lastUsed: 0 };
  const topmost = new Set<Layer>();
  let used = 0;
  let time = 0;

  function remove(layer: Layer): void {
    topmost.delete(layer);
    used -= layer.bytes + room.memoryBytes;
    const { parent } = layer;
    parent?.children.delete(layer.name);
    if (parent !== undefined && parent !== root && parent.children.size === 0) {
      topmost.add(parent);
      used += room.memoryBytes;
    }
  }

  function makeRoom(bytes: number, keep: Layer): boolean {
    while (used + bytes > room.bytes) {
      let oldest: Layer | undefined;
      for (const layer of topmost) {
        if (layer !== keep && (oldest === undefined || layer.lastUsed < oldest.lastUsed)) oldest = layer;
      }
      if (oldest === undefined) return false;
      remove(oldest);
    }
    return true;
  }

  return {
    serve: ({ recipe, written }) => {
      time += 1;
      let layer = root;
      let residual = 0;
      let adding = true;
      for (const place of written) {
        const action = recipe.actions[place];
        if (action === undefined) continue;
        const found: Layer | undefined = layer.children.get(action.name);
        if (found !== undefined) {
          found.lastUsed = time;
          layer = found;
          continue;
        }
        residual += action.seconds;
        if (!adding) continue;
        // What lies on a topmost layer takes over its charge for the state.
        const charged = topmost.has(layer) ? 0 : room.memoryBytes;
        adding = makeRoom(action.bytes + charged, layer);
        if (!adding) continue;
        const added: Layer = {
          parent: layer,
          name: action.name,
          bytes: action.bytes,
          children: new Map(),
          lastUsed: time,
        };
        layer.children.set(action.name, added);
        // Asked again: it may have become topmost when what lay on it went.
        const carries = topmost.delete(layer);
        topmost.add(added);
        used += action.bytes + (carries ? 0 : room.memoryBytes);
        layer = added;
      }
      return residual;
    },
  };
}
