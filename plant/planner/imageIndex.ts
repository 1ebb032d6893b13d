import type { GoldenImage } from '../../model/goldenImage.js';
import { compareAge, createEntry, type ImageEntry } from './imageEntry.js';
import { type KnownSeconds, type SecondsByOwner, updateKnownSeconds } from './knownSeconds.js';

/**
 * The images of a warehouse, arranged so that what many of them have in common is looked at once: a compressed trie
 * over their sequences of performed keys. An index never changes; `updateIndex` gives a new one that shares the parts
 * that stayed the same, so a plan under way keeps the warehouse that it started with.
 */
export interface ImageIndex {
  readonly root: IndexNode;
  /** By name. */
  readonly entries: ReadonlyMap<string, ImageEntry>;
  /** What every action that some image performed is known to take. */
  readonly knownSeconds: SecondsByOwner;
}

export interface IndexNode {
  /** Keys performed after those of the parent; only the root's may be empty. */
  readonly edge: readonly string[];
  /** Images that performed exactly the keys on the way to here; those that save most first. */
  readonly entries: readonly ImageEntry[];
  /** By the first key of their edge. */
  readonly children: ReadonlyMap<string, IndexNode>;
  /** The most that any image at or below this node saves; -Infinity when there is none. */
  readonly maxSavedSeconds: number;
}

export const EMPTY_INDEX: ImageIndex = Object.freeze({
  root: Object.freeze({
    edge: [],
    entries: [],
    children: new Map(),
    maxSavedSeconds: Number.NEGATIVE_INFINITY,
  }),
  entries: new Map(),
  knownSeconds: new Map(),
});

/** A node that this update has made and may therefore still change. */
interface Draft {
  edge: readonly string[];
  entries: ImageEntry[];
  children: Map<string, IndexNode>;
  maxSavedSeconds: number;
}

/** Indexes a whole warehouse. Names are unique in it; of two images with one name the later counts. */
export function createIndex(images: Iterable<GoldenImage>): ImageIndex {
  return updateIndex(EMPTY_INDEX, { added: images, removed: [] });
}

/**
 * The index after a change of the warehouse. Removes first, then adds; an added image replaces one of its name.
 * Costs O(number of images) to copy the directory of names and keys, and O(performed actions) for each image added or
 * removed, however large the rest of the trie; a removed image that was the source of a known duration costs one look
 * through the records of all.
 */
export function updateIndex(
  index: ImageIndex,
  change: { readonly added: Iterable<GoldenImage>; readonly removed: Iterable<string> },
): ImageIndex {
  const entries = new Map(index.entries);
  for (const name of change.removed) entries.delete(name);
  for (const image of change.added) entries.set(image.name, createEntry(image));
  const come = [...entries.values()].filter((entry) => index.entries.get(entry.image.name) !== entry);
  const gone = [...index.entries.values()].filter((entry) => entries.get(entry.image.name) !== entry);
  const knownSeconds = updateKnownSeconds(index.knownSeconds, entries, come, gone);

  const drafts = new Set<IndexNode>();
  const root = own(index.root, drafts);
  for (const entry of gone) removeBelow(root, entry, 0, drafts);
  for (const entry of come) insertBelow(root, entry, knownSeconds.get(entry.image.owner), drafts);
  finish(root, drafts);
  return { root, entries, knownSeconds };
}

/** The node itself if this update made it, else a copy that it may change. */
function own(node: IndexNode, drafts: Set<IndexNode>): Draft {
  // A member of `drafts` was made by `remember` below, from a Draft.
  if (drafts.has(node)) return node as Draft;
  return remember(
    { edge: node.edge, entries: [...node.entries], children: new Map(node.children), maxSavedSeconds: 0 },
    drafts,
  );
}

function remember(draft: Draft, drafts: Set<IndexNode>): Draft {
  drafts.add(draft);
  return draft;
}

/**
 * @param known of the entry's owner; gives every key as one and the same string, which makes the trie smaller and comparing quicker
 */
function insertBelow(
  root: Draft,
  entry: ImageEntry,
  known: ReadonlyMap<string, KnownSeconds> | undefined,
  drafts: Set<IndexNode>,
): void {
  const performed = entry.image.performed;
  let node = root;
  let place = 0;
  for (;;) {
    const first = performed[place]?.key;
    if (first === undefined) {
      node.entries.push(entry);
      return;
    }
    const found = node.children.get(first);
    if (found === undefined) {
      const edge = performed.slice(place).map(({ key }) => known?.get(key)?.key ?? key);
      node.children.set(
        first,
        remember({ edge, entries: [entry], children: new Map(), maxSavedSeconds: 0 }, drafts),
      );
      return;
    }
    let common = 1;
    while (common < found.edge.length && found.edge[common] === performed[place + common]?.key) common++;
    const child = own(found, drafts);
    if (common < child.edge.length) {
      const upper = remember(
        { edge: child.edge.slice(0, common), entries: [], children: new Map(), maxSavedSeconds: 0 },
        drafts,
      );
      child.edge = child.edge.slice(common);
      upper.children.set(child.edge[0] ?? '', child);
      node.children.set(first, upper);
      node = upper;
    } else {
      node.children.set(first, child);
      node = child;
    }
    place += common;
  }
}

/** Takes the entry out below the node, and with it what then holds nothing or only one child. */
function removeBelow(node: Draft, entry: ImageEntry, place: number, drafts: Set<IndexNode>): void {
  const first = entry.image.performed[place]?.key;
  if (first === undefined) {
    node.entries = node.entries.filter((other) => other.image.name !== entry.image.name);
    return;
  }
  const found = node.children.get(first);
  if (found === undefined) return;
  const child = own(found, drafts);
  removeBelow(child, entry, place + child.edge.length, drafts);
  node.children.set(first, child);
  if (child.entries.length > 0 || child.children.size > 1) return;
  const [only] = child.children.values();
  if (only === undefined) {
    node.children.delete(first);
  } else {
    const merged = own(only, drafts);
    merged.edge = [...child.edge, ...merged.edge];
    node.children.set(first, merged);
  }
}

/** Computes what depends on the nodes below, for the nodes that this update made. */
function finish(root: IndexNode, drafts: Set<IndexNode>): void {
  // Parents before children, so that going back over it meets children first. No recursion: records may be long.
  const order: Draft[] = [];
  const pending: IndexNode[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!drafts.has(node)) continue;
    order.push(own(node, drafts));
    pending.push(...node.children.values());
  }
  for (const node of order.reverse()) {
    node.entries.sort(
      (first, second) => second.savedSeconds - first.savedSeconds || compareAge(first, second),
    );
    let most = node.entries[0]?.savedSeconds ?? Number.NEGATIVE_INFINITY;
    for (const child of node.children.values()) most = Math.max(most, child.maxSavedSeconds);
    node.maxSavedSeconds = most;
  }
}
