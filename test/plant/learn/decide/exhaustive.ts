import type { GoldenImage } from '../../../../model/goldenImage.js';
import type { Order } from '../../../../model/order.js';
import { expectedUsesPerDay } from '../../../../plant/learn/decide/expectedUses.js';
import { fateOf } from '../../../../plant/learn/decide/fate.js';
import type {
  KnownImage,
  LearningDecision,
  LearningInput,
  ShapeUses,
} from '../../../../plant/learn/decide/learning.js';
import type { MachineProfile, OrderShape } from '../../../../plant/learn/decide/orderShape.js';
import { choose } from '../../../../plant/planner/choose.js';
import { createIndex } from '../../../../plant/planner/imageIndex.js';
import { image, order } from '../../planner/build.js';

/** Trying everything, with the real planner as the judge of what serves what. For small instances. */

export function orderOf({ actions, profile }: OrderShape): Order {
  return order({
    hardware: profile.hardware,
    operatingSystem: profile.operatingSystem,
    network: { kind: profile.network },
    clientDomain: profile.clientDomain,
    actions: actions.map(({ name, key, after, maxAgeSeconds }) => ({
      name,
      key,
      after: after.map((place) => actions[place]?.name ?? ''),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    })),
  });
}

/** Made by the plant that decides, which so may remove it unless it is protected. */
export function isBudgeted({ image: { origin }, ofOther }: KnownImage): boolean {
  return (origin === 'learned' || origin === 'rewarmed') && ofOther !== true;
}

/**
 * Whether each of these actions was asked for by two orders of the profile at least, as an image that the system makes
 * by itself must have it. An action that is to be performed n times counts in orders that have it so often.
 */
export function isAskedTwice(
  history: readonly ShapeUses[],
  profile: MachineProfile,
  keys: readonly string[],
): boolean {
  const wanted = JSON.stringify(profile);
  const alike = history.filter(({ shape }) => JSON.stringify(shape.profile) === wanted);
  return keys.every((key) => {
    const often = keys.filter((other) => other === key).length;
    let orders = 0;
    for (const { shape, times } of alike) {
      if (shape.actions.filter((action) => action.key === key).length >= often) orders += times.length;
    }
    return orders >= 2;
  });
}

/** The warehouse after the decision was carried out as it says. */
export function carriedOut(input: LearningInput, decision: LearningDecision): readonly KnownImage[] {
  const gone = new Set(decision.evict.map((one) => one.image));
  const made = decision.bake.map((proposal, index): KnownImage => {
    const keys = proposal.perform.map((place) => proposal.shape.actions[place]?.key ?? '');
    return {
      image: imageOf(`baked${index}-${decision.bake.length}`, keys, input, proposal.shape),
      bytes: input.estimateBytes(proposal.shape.profile, keys),
      protectedBy: [],
    };
  });
  return [...input.images.filter((known) => !gone.has(known.image.name)), ...made];
}

function imageOf(name: string, keys: readonly string[], input: LearningInput, of: OrderShape): GoldenImage {
  const at = new Date(input.now).toISOString();
  return image({
    name,
    origin: 'learned',
    owner: of.profile.clientDomain,
    performed: keys.map((key) => ({ key, seconds: input.seconds.get(key) ?? 1, performedAt: at })),
  });
}

/** Seconds a day that these images are expected to save, as the planner would use them. */
export function worthOf(input: LearningInput, images: readonly GoldenImage[]): number {
  const index = createIndex(images.map((one) => withMeasured(one, input)));
  let value = 0;
  for (const { shape, times } of input.history) {
    const choice = choose(index, { order: orderOf(shape), now: input.now, lines: input.lines });
    value += (choice?.netSeconds ?? 0) * expectedUsesPerDay(times, input.now);
  }
  return value;
}

/** What an image saves is what its actions take here. */
function withMeasured(one: GoldenImage, input: LearningInput): GoldenImage {
  return {
    ...one,
    performed: one.performed.map((entry) => ({ ...entry, seconds: input.seconds.get(entry.key) ?? 1 })),
  };
}

/** The most that any set of images within the budget could save: all that must stay, and any of the others. */
export function bestValue(input: LearningInput): number {
  const staying = input.images.filter((known) => !isBudgeted(known) || known.protectedBy.length > 0);
  const held = staying.filter(isBudgeted);
  const bytesLeft = input.budget.bytes - held.reduce((sum, { bytes }) => sum + bytes, 0);
  const imagesLeft = Math.max(0, input.budget.images - held.length);
  const options = everyImage(input);
  const shapes = input.history.map(({ shape, times }) => ({
    order: orderOf(shape),
    weight: expectedUsesPerDay(times, input.now),
  }));
  const saving = (images: readonly GoldenImage[]): readonly number[] =>
    shapes.map(({ order: one }) => {
      const index = createIndex(images.map((each) => withMeasured(each, input)));
      return choose(index, { order: one, now: input.now, lines: input.lines })?.netSeconds ?? 0;
    });
  const base = saving(staying.map((known) => known.image));
  const rows = distinct(options.map(({ image: one, bytes }) => ({ bytes, saved: saving([one]) }))).filter(
    ({ bytes }) => bytes <= bytesLeft,
  );
  let best = 0;
  const explore = (from: number, bytes: number, images: number, saved: readonly number[]): void => {
    const value = saved.reduce((sum, seconds, at) => sum + seconds * (shapes[at]?.weight ?? 0), 0);
    best = Math.max(best, value);
    if (images === 0) return;
    for (let at = from; at < rows.length; at++) {
      const row = rows[at];
      if (row === undefined || row.bytes > bytes) continue;
      explore(
        at + 1,
        bytes - row.bytes,
        images - 1,
        saved.map((one, place) => Math.max(one, row.saved[place] ?? 0)),
      );
    }
  };
  explore(0, bytesLeft, imagesLeft, base);
  return best;
}

interface Row {
  readonly bytes: number;
  readonly saved: readonly number[];
}

/** Without those that save nothing more than another of the same size or smaller. */
function distinct(rows: readonly Row[]): readonly Row[] {
  const kept: Row[] = [];
  const smallestFirst = [...rows].sort((first, second) => first.bytes - second.bytes);
  for (const row of smallestFirst) {
    if (!kept.some(({ saved }) => row.saved.every((seconds, at) => seconds <= (saved[at] ?? 0))))
      kept.push(row);
  }
  return kept;
}

/**
 * Every image that could be: each beginning of each way of performing each shape, as far as two orders asked for it;
 * and those that there are.
 */
function everyImage(input: LearningInput): readonly KnownImage[] {
  const made = new Map<string, KnownImage>();
  for (const { shape } of input.history) {
    const extend = (performed: readonly number[]): void => {
      const keys = performed.map((place) => shape.actions[place]?.key ?? '');
      // What follows would have the same action in it.
      if (!isAskedTwice(input.history, shape.profile, keys)) return;
      if (keys.length > 0) {
        made.set(keys.join(), {
          image: imageOf(keys.join(), keys, input, shape),
          bytes: input.estimateBytes(shape.profile, keys),
          protectedBy: [],
        });
      }
      shape.actions.forEach(({ after }, place) => {
        if (performed.includes(place) || !after.every((before) => performed.includes(before))) return;
        extend([...performed, place]);
      });
    };
    extend([]);
  }
  // One without a purpose goes, also where it would help: an order that came once is no reason to keep it.
  const may = input.images.filter((known) => fateOf(known, input).kind === 'may-go');
  return [...made.values(), ...may];
}
