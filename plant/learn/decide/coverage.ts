import type { Worth } from './imageWorth.js';

/** Something that can be kept: an image that there is, or one that could be baked. */
export interface Item {
  readonly bytes: number;
  readonly worth: Worth;
  /** An image that there is: giving it up for something that has to be baked first must pay. */
  readonly exists: boolean;
}

/**
 * What a changing set of items is worth together: every use takes the item that saves it most. Seconds a day over
 * what is there anyway.
 */
export interface Coverage {
  /** Places of the chosen items. */
  readonly chosen: ReadonlySet<number>;
  readonly bytes: () => number;
  readonly value: () => number;
  /** What the item would add. */
  readonly gain: (item: number) => number;
  /** What would be lost without the item, which is chosen. */
  readonly loss: (item: number) => number;
  /**
   * What would be lost without each of the chosen items if this one, which is not chosen, were there: it may make up
   * for some of it.
   */
  readonly lossesBeside: (item: number) => ReadonlyMap<number, number>;
  readonly add: (item: number) => void;
  readonly remove: (item: number) => void;
}

export interface CoverageInput {
  readonly items: readonly Item[];
  /** Expected uses a day, by place of the shape. */
  readonly weights: Float64Array;
  /** Seconds saved by what is there anyway, by place of the shape. */
  readonly baseline: Float64Array;
}

const NOBODY = -1;

export function createCoverage({ items, weights, baseline }: CoverageInput): Coverage {
  const chosen = new Set<number>();
  // Of every shape: the most seconds saved, by whom, and the most by anyone else.
  const best = baseline.slice();
  const second = baseline.slice();
  const by = new Int32Array(baseline.length).fill(NOBODY);
  /** Marks the shapes that `remove` looks at. */
  const affected = new Uint8Array(baseline.length);
  let losses: ReadonlyMap<number, number> | undefined;
  let bytes = 0;
  let value = 0;

  function gain(item: number): number {
    const { shapes, seconds } = items[item]?.worth ?? NOTHING;
    let sum = 0;
    for (let at = 0; at < shapes.length; at++) {
      const shape = shapes[at] ?? 0;
      const more = (seconds[at] ?? 0) - (best[shape] ?? 0);
      if (more > 0) sum += more * (weights[shape] ?? 0);
    }
    return sum;
  }

  function loss(item: number): number {
    const { shapes } = items[item]?.worth ?? NOTHING;
    let sum = 0;
    for (const shape of shapes) {
      if (by[shape] === item) sum += ((best[shape] ?? 0) - (second[shape] ?? 0)) * (weights[shape] ?? 0);
    }
    return sum;
  }

  /** @param only the marked shapes */
  function cover(item: number, only?: Uint8Array): void {
    const { shapes, seconds } = items[item]?.worth ?? NOTHING;
    for (let at = 0; at < shapes.length; at++) {
      const shape = shapes[at] ?? 0;
      if (only !== undefined && only[shape] === 0) continue;
      const saved = seconds[at] ?? 0;
      if (saved > (best[shape] ?? 0)) {
        second[shape] = best[shape] ?? 0;
        best[shape] = saved;
        by[shape] = item;
      } else if (saved > (second[shape] ?? 0)) second[shape] = saved;
    }
  }

  return {
    chosen,
    bytes: () => bytes,
    value: () => value,
    gain,
    loss,
    lossesBeside: (item) => {
      losses ??= new Map([...chosen].map((other) => [other, loss(other)]));
      const beside = new Map(losses);
      const { shapes, seconds } = items[item]?.worth ?? NOTHING;
      for (let at = 0; at < shapes.length; at++) {
        const shape = shapes[at] ?? 0;
        const owner = by[shape] ?? NOBODY;
        if (owner === NOBODY) continue;
        const made = Math.min(seconds[at] ?? 0, best[shape] ?? 0) - (second[shape] ?? 0);
        if (made > 0) beside.set(owner, (beside.get(owner) ?? 0) - made * (weights[shape] ?? 0));
      }
      return beside;
    },
    add: (item) => {
      value += gain(item);
      bytes += items[item]?.bytes ?? 0;
      chosen.add(item);
      losses = undefined;
      cover(item);
    },
    remove: (item) => {
      value -= loss(item);
      bytes -= items[item]?.bytes ?? 0;
      chosen.delete(item);
      losses = undefined;
      const { shapes } = items[item]?.worth ?? NOTHING;
      for (const shape of shapes) {
        affected[shape] = 1;
        best[shape] = baseline[shape] ?? 0;
        second[shape] = baseline[shape] ?? 0;
        by[shape] = NOBODY;
      }
      for (const other of chosen) cover(other, affected);
      for (const shape of shapes) affected[shape] = 0;
    },
  };
}

const NOTHING: Worth = { shapes: new Int32Array(0), seconds: new Float64Array(0) };
