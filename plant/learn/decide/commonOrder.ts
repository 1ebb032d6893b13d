import type { CompiledShape } from './compiledShape.js';

/**
 * An order of these symbols that all of the shapes allow, as near to the given one as can be; undefined when their
 * partial orders form a cycle. All of them are in every shape, with all of their predecessors.
 */
export function commonOrder(
  order: readonly number[],
  shapes: readonly CompiledShape[],
): readonly number[] | undefined {
  const rank = new Map<number, number>();
  order.forEach((symbol, place) => {
    rank.set(symbol, place);
  });
  const successors = order.map(() => new Set<number>());
  const missing = new Int32Array(order.length);
  for (const shape of shapes) {
    for (let at = 0; at < shape.symbols.length; at++) {
      const node = rank.get(shape.symbols[at] ?? -1);
      if (node === undefined) continue;
      const end = shape.starts[at + 1] ?? 0;
      for (let edge = shape.starts[at] ?? 0; edge < end; edge++) {
        const before = rank.get(shape.predecessors[edge] ?? -1);
        const after = before === undefined ? undefined : successors[before];
        if (after === undefined || after.has(node)) continue;
        after.add(node);
        missing[node] = (missing[node] ?? 0) + 1;
      }
    }
  }
  const sorted: number[] = [];
  const done = new Uint8Array(order.length);
  // The first that may be next, again and again; sets are small, and this is seldom asked.
  for (let next = firstReady(missing, done); next >= 0; next = firstReady(missing, done)) {
    done[next] = 1;
    sorted.push(order[next] ?? 0);
    for (const after of successors[next] ?? []) missing[after] = (missing[after] ?? 0) - 1;
  }
  return sorted.length === order.length ? sorted : undefined;
}

function firstReady(missing: Int32Array, done: Uint8Array): number {
  for (let place = 0; place < missing.length; place++) {
    if (missing[place] === 0 && done[place] === 0) return place;
  }
  return -1;
}
