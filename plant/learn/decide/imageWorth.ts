import type { GoldenImage } from '../../../model/goldenImage.js';
import type { History, ProfileGroup } from './compiledShape.js';
import type { LearningInput } from './learning.js';
import type { MachineFit } from './machineFit.js';
import type { PerformedSet, Serving } from './servedShapes.js';

/** What an image is worth to the shapes of a history. */
export interface Worth {
  /** Places in `History.shapes` of those that it serves. */
  readonly shapes: Int32Array;
  /** Seconds that it saves each use of each of these: its actions, less the boot where it has to be booted. */
  readonly seconds: Float64Array;
}

/** What every image that there is is worth, by its place. */
export function imageWorths(
  history: History,
  input: Pick<LearningInput, 'images' | 'now'>,
  fits: ReadonlyMap<ProfileGroup, MachineFit>,
  serving: Serving,
): readonly Worth[] {
  const performed = input.images.map(({ image }) => performedSet(image, history));
  const collected = input.images.map(collectWorth);
  for (const group of history.groups) {
    const usable: { readonly place: number; readonly bootSeconds: number; readonly set: PerformedSet }[] = [];
    input.images.forEach(({ image }, place) => {
      const set = performed[place];
      const bootSeconds = set === undefined ? undefined : fits.get(group)?.bootSeconds(image);
      if (set !== undefined && bootSeconds !== undefined) usable.push({ place, bootSeconds, set });
    });
    const sets = usable.map(({ set }) => set);
    const served = serving.images(group, sets, input.now);
    usable.forEach(({ place, bootSeconds, set }, at) => {
      const saved = setSeconds(history, set.order) - bootSeconds;
      for (const { index } of served[at] ?? []) collected[place]?.add(index, saved);
    });
  }
  return collected.map(({ worth }) => worth());
}

/** Gathers the shapes that something serves. */
export function collectWorth(): {
  readonly add: (shape: number, seconds: number) => void;
  readonly worth: () => Worth;
} {
  const shapes: number[] = [];
  const saved: number[] = [];
  return {
    add: (shape, seconds) => {
      shapes.push(shape);
      saved.push(seconds);
    },
    worth: () => ({ shapes: Int32Array.from(shapes), seconds: Float64Array.from(saved) }),
  };
}

/** What these symbols take, as measured here: what an image that brings them saves. */
export function setSeconds(history: History, order: readonly number[]): number {
  let seconds = 0;
  for (const symbol of order) seconds += history.symbols.seconds[symbol] ?? 0;
  return seconds;
}

/** The image's actions as symbols; undefined when one of them is in no remembered order. */
function performedSet(image: GoldenImage, history: History): PerformedSet | undefined {
  const occurrences = new Map<string, number>();
  const order: number[] = [];
  for (const { key } of image.performed) {
    const occurrence = occurrences.get(key) ?? 0;
    occurrences.set(key, occurrence + 1);
    const symbol = history.symbols.find(key, occurrence);
    if (symbol === undefined) return undefined;
    order.push(symbol);
  }
  return {
    order,
    performedAt: Float64Array.from(image.performed, ({ performedAt }) => Date.parse(performedAt)),
  };
}
