import { compareCodeUnits } from '../../../model/canonical.js';
import { compileHistory, type History } from './compiledShape.js';
import { type Coverage, type CoverageInput, createCoverage, type Item } from './coverage.js';
import { budgetLeft, type Fate, fateOf, wholeBytes } from './fate.js';
import { imageWorths, type Worth } from './imageWorth.js';
import type { BakeProposal, ImageReason, KnownImage, LearningDecision, LearningInput } from './learning.js';
import { createMachineFit } from './machineFit.js';
import { type Possible, possibleImages } from './possibleImages.js';
import { describeEvicted, describeHeld, describeSaving, describeUses } from './reasons.js';
import { selectImages } from './selectImages.js';
import { createServing } from './servedShapes.js';

/**
 * What to bake, evict and keep, so that orders like those remembered have the least work left. Pure: history x images
 * x budget. Neither the order of the history nor that of the images matters.
 *
 * A set of images is worth the seconds a day that it is expected to save: for every shape its expected uses times the
 * seconds of the best image that serves it. What is chosen is as good a set as `selectImages` finds among the images
 * that exist and those that could be baked (`possibleImages`), within the budget. Images that people or other plants
 * made stay and count, and so do those with a protection that this plant learned; these last take of the budget.
 */
export function decideLearning(given: LearningInput): LearningDecision {
  const sorted = [...given.images].sort((first, second) =>
    compareCodeUnits(first.image.name, second.image.name),
  );
  const input: LearningInput = { ...given, images: sorted };
  const history = compileHistory(input);
  const fits = new Map(history.groups.map((group) => [group, createMachineFit(group.profile, input)]));
  const serving = createServing(history.symbols.keys.length);
  const worths = imageWorths(history, input, fits, serving);
  const images = sorted.map(
    (known, place): RatedImage => ({
      known,
      fate: fateOf(known, input),
      item: { bytes: wholeBytes(known.bytes), worth: worths[place] ?? NO_WORTH, exists: true },
    }),
  );
  const staying = images.filter(({ fate }) => fate.kind === 'stays');
  const removable = images.filter(({ fate }) => fate.kind === 'may-go');
  const baseline = savedBy(staying, history);
  const sources = staying.map(({ known }) => known.image);
  const possible = possibleImages({ input, history, fits, serving, sources, baseline }).filter(
    (one) => !removable.some((image) => standsFor(image, one, history)),
  );
  const choice: CoverageInput = {
    items: [...removable, ...possible].map(({ item }) => item),
    weights: Float64Array.from(history.shapes, ({ weight }) => weight),
    baseline,
  };
  const budget = budgetLeft(
    input.budget,
    images.map(({ item, fate }) => ({ bytes: item.bytes, fate })),
  );
  const chosen = selectImages(choice, budget);

  const before = createCoverage(choice);
  removable.forEach((_, place) => {
    before.add(place);
  });
  const after = createCoverage(choice);
  removable.forEach((_, place) => {
    if (chosen.has(place)) after.add(place);
  });
  // Before the keepers' reasons: their worth is what it will be beside what is baked.
  const bake = proposals(choice, chosen, removable.length, possible, after, history, input.now);
  return {
    bake,
    evict: evictions(images, removable, chosen, before),
    keep: keepers(images, removable, chosen, after),
  };
}

/** An image that there is, what can become of it, and what it is worth. */
interface RatedImage {
  readonly known: KnownImage;
  readonly fate: Fate;
  readonly item: Item;
}

const NO_WORTH: Worth = { shapes: new Int32Array(0), seconds: new Float64Array(0) };

/** Seconds that these images save each use of a shape, by its place; none where no image serves it. */
function savedBy(images: readonly RatedImage[], history: History): Float64Array {
  const saved = new Float64Array(history.shapes.length).fill(Number.NEGATIVE_INFINITY);
  for (const { item } of images) {
    const { shapes, seconds } = item.worth;
    for (let at = 0; at < shapes.length; at++) {
      const shape = shapes[at] ?? 0;
      saved[shape] = Math.max(saved[shape] ?? 0, seconds[at] ?? 0);
    }
  }
  return saved.map((seconds) => (seconds === Number.NEGATIVE_INFINITY ? 0 : seconds));
}

/** Whether the image exists that the proposal would make: it performed the same and is worth at least as much. */
function standsFor({ known, item }: RatedImage, possible: Possible, history: History): boolean {
  const { order } = possible.set;
  if (known.image.performed.length !== order.length) return false;
  const performed = known.image.performed.map(({ key }) => key).sort();
  const wanted = Array.from(order, (symbol) => history.symbols.keys[symbol] ?? '').sort();
  if (!wanted.every((key, place) => key === performed[place])) return false;
  const saved = new Map(Array.from(item.worth.shapes, (shape, at) => [shape, item.worth.seconds[at] ?? 0]));
  const { shapes, seconds } = possible.item.worth;
  return shapes.every((shape, at) => (saved.get(shape) ?? Number.NEGATIVE_INFINITY) >= (seconds[at] ?? 0));
}

/** @param coverage of the images that stay; what is proposed is added to it */
function proposals(
  choice: CoverageInput,
  chosen: ReadonlySet<number>,
  removable: number,
  possible: readonly Possible[],
  coverage: Coverage,
  history: History,
  now: number,
): readonly BakeProposal[] {
  const waiting = new Set([...chosen].filter((place) => place >= removable).sort((a, b) => a - b));
  const made: BakeProposal[] = [];
  while (waiting.size > 0) {
    let next = -1;
    let highest = -1;
    for (const place of waiting) {
      const density = coverage.gain(place) / (choice.items[place]?.bytes ?? 1);
      if (density > highest) {
        next = place;
        highest = density;
      }
    }
    waiting.delete(next);
    const found = possible[next - removable];
    const [shape] = found?.set.shapes ?? [];
    if (found === undefined || shape === undefined) continue;
    const placeOf = new Map(Array.from(shape.symbols, (symbol, at) => [symbol, shape.places[at] ?? 0]));
    made.push({
      shape: shape.shape,
      perform: Array.from(found.set.order, (symbol) => placeOf.get(symbol) ?? 0),
      bytes: found.item.bytes,
      savedSecondsPerDay: coverage.gain(next),
      reason: describeUses(
        Array.from(found.item.worth.shapes).flatMap((index) => history.shapes[index] ?? []),
        now,
      ),
    });
    coverage.add(next);
  }
  return made;
}

/** @param before all learned images */
function evictions(
  images: readonly RatedImage[],
  removable: readonly RatedImage[],
  chosen: ReadonlySet<number>,
  before: Coverage,
): readonly ImageReason[] {
  const purposeless = images.flatMap(({ known, fate }) =>
    fate.kind === 'goes' ? [{ image: known.image.name, reason: fate.reason }] : [],
  );
  const outdone = removable
    .map(({ known }, place) => ({ known, place, saved: before.loss(place) }))
    .filter(({ place }) => !chosen.has(place))
    .sort((first, second) => first.saved - second.saved)
    .map(({ known, saved }) => ({ image: known.image.name, reason: describeEvicted(saved) }));
  return [...purposeless, ...outdone];
}

/** @param after all that stay, and what is to be baked */
function keepers(
  images: readonly RatedImage[],
  removable: readonly RatedImage[],
  chosen: ReadonlySet<number>,
  after: Coverage,
): readonly ImageReason[] {
  const placeOf = new Map(removable.map((image, place) => [image, place]));
  return images.flatMap((image) => {
    const { name, origin, parent } = image.known.image;
    if (image.fate.kind === 'stays') return [{ image: name, reason: describeHeld(image.known) }];
    const place = placeOf.get(image);
    if (place === undefined || !chosen.has(place)) return [];
    const saving = describeSaving(after.loss(place), image.item.worth.shapes.length);
    return [
      {
        image: name,
        reason:
          origin === 'rewarmed' ? `stands for ${parent}, whose memory does not fit here; ${saving}` : saving,
      },
    ];
  });
}
