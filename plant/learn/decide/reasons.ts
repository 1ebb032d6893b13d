import type { CompiledShape } from './compiledShape.js';
import { usesWithin } from './expectedUses.js';
import type { KnownImage, Protection } from './learning.js';
import { isLearned, isOwn } from './madeHere.js';

/** Why an image is proposed, for people: how many kinds of order share it, and how often they came of late. */
export function describeUses(shapes: readonly CompiledShape[], now: number): string {
  const kinds = `${shapes.length === 1 ? 'for 1 kind' : `shared by ${shapes.length} kinds`} of order`;
  for (const [days, period] of [
    [1, 'in the last day'],
    [7, 'in the last week'],
    [Number.POSITIVE_INFINITY, 'remembered'],
  ] as const) {
    const orders = shapes.reduce((sum, { times }) => sum + usesWithin(times, days, now), 0);
    if (orders > 0) return `${kinds}, ${orders} order${orders === 1 ? '' : 's'} ${period}`;
  }
  return kinds;
}

const HELD_BY: Readonly<Record<Protection, string>> = {
  pinned: 'pinned',
  vms: 'VMs live on it',
  prepared: 'prepared machines wait on it',
  'backs-others': 'the disks of other images hang on it',
  'unfinished-work': 'work that goes on uses it',
  'other-plants': 'other plants use it',
};

/** Why an image that this plant did not make, or that something holds, stays. */
export function describeHeld(known: KnownImage): string {
  const { protectedBy } = known;
  const held = protectedBy.map((protection) => HELD_BY[protection]).join(', ');
  const made = describeMaker(known);
  if (made === undefined) return held;
  return held === '' ? made : `${made}; ${held}`;
}

/** Undefined: this plant itself. */
function describeMaker(known: KnownImage): string | undefined {
  const { origin, madeBy, owner, performed } = known.image;
  if (isOwn(known)) return undefined;
  if (isLearned(known.image)) {
    const plant = madeBy === undefined ? 'a plant that it does not name' : `the plant ${plantName(madeBy)}`;
    return `${origin} by ${plant}`;
  }
  if (origin === undefined) return performed.length === 0 ? 'a base that was installed' : 'was installed';
  return `published by ${owner ?? 'an unknown domain'}`;
}

/** What people call the plant of an id: without the random digits at its end. */
function plantName(id: string): string {
  return id.replace(/-[0-9a-f]{16}$/, '');
}

/** @param saved seconds a day that would be lost without it */
export function describeSaving(saved: number, kinds: number): string {
  if (saved <= 0) return 'saves nothing now, but nothing needs its room';
  return `saves ${describeSeconds(saved)} a day for ${kinds} kind${kinds === 1 ? '' : 's'} of order`;
}

/** @param saved seconds a day that were lost without it, before */
export function describeEvicted(saved: number): string {
  return saved <= 0
    ? 'saves nothing now, and its room is needed'
    : `saves ${describeSeconds(saved)} a day, less than its room is worth to others or than the budget holds`;
}

function describeSeconds(seconds: number): string {
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  return seconds >= 10 ? `${Math.round(seconds)} s` : `${seconds.toPrecision(2)} s`;
}
