import type { GoldenImage } from '../../model/goldenImage.js';
import { accessTo } from '../../model/imageAccess.js';
import type { Rung } from '../../model/plan.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import { type ImageEntry, measured } from './imageEntry.js';
import { chooseRung } from './ladder.js';
import type { CompiledQuery } from './query.js';
import { type Admits, advance, type ReplayState, startReplay } from './replay.js';
import { admitsDevice, devicesFailure, testUnrecordedDevices } from './testDevices.js';
import { testHardware } from './testHardware.js';
import { lineFailure, type UsableLine, usableLines } from './testLine.js';
import { admitsAge, maxAgeFailure } from './testMaxAge.js';
import { testOperatingSystem } from './testOperatingSystem.js';

/** An image that passed all tests, and what it is worth. */
export interface Match {
  readonly entry: ImageEntry;
  readonly rung: Rung;
  readonly rungReason: string | undefined;
  /** The production line that is to clone it. */
  readonly line: string;
  /** Whether a machine of it waits and is handed out. */
  readonly prepared: boolean;
  /** Seconds until it has booted; 0 where it is resumed or waits. */
  readonly bootSeconds: number;
  /**
   * Saved seconds, and more where a machine waits, or else less the boot on the disk rung: what images are compared
   * by. May be negative.
   */
  readonly netSeconds: number;
}

export type Outcome<T> =
  | { readonly kind: 'passed'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Whether the order's client domain may use the image at all; of one that it may not, it is not to learn. */
export function isVisible(query: CompiledQuery, image: GoldenImage): boolean {
  return accessTo(image, query.order.order.clientDomain) !== 'no';
}

/** The tests that need no record: hardware, operating system, line; and of what a line brings, the first two again. */
export function testMachine(query: CompiledQuery, image: GoldenImage): Outcome<readonly UsableLine[]> {
  const order = query.order.order;
  const failure = testHardware(order, image) ?? testOperatingSystem(order, image);
  if (failure !== undefined) return { kind: 'failed', failure };
  const lines = usableLines(query, image);
  return lines.length === 0
    ? { kind: 'failed', failure: lineFailure(query, image) }
    : { kind: 'passed', value: lines };
}

/** The image's worth on the best rung that fits. */
export function valueMatch(
  query: CompiledQuery,
  entry: ImageEntry,
  lines: readonly UsableLine[],
): Outcome<Match> {
  const choice = chooseRung(query, entry.image, lines);
  if (choice.kind === 'failure') return { kind: 'failed', failure: choice.failure };
  const { prepared, line } = choice;
  const bootSeconds = prepared || choice.rung === 'warm' ? 0 : bootOn(query, entry, line);
  const beyond = prepared ? query.readySeconds : -bootSeconds;
  return {
    kind: 'passed',
    value: {
      entry,
      prepared,
      rung: choice.rung,
      rungReason: choice.rungReason,
      line,
      bootSeconds,
      netSeconds: entry.savedSeconds + beyond,
    },
  };
}

/** Never negative: what an image is worth is bounded by what it saves. */
function bootOn(query: CompiledQuery, { image, bootSeconds }: ImageEntry, line: string): number {
  const here = query.bootSecondsOf(line, image);
  return here === undefined ? bootSeconds : measured(here);
}

/**
 * The tests on what a replayable record left: its age and its devices. Which actions the image performed may depend
 * on them where keys repeat, so they give the state that the record is finally read as.
 *
 * @param replayed a state that ends the replay of the record without them
 */
export function testConstraints(
  query: CompiledQuery,
  image: GoldenImage,
  replayed: ReplayState,
): Outcome<ReplayState> {
  const { order } = query;
  const stray = testUnrecordedDevices(image);
  if (!order.hasConstraints) {
    return stray === undefined ? { kind: 'passed', value: replayed } : { kind: 'failed', failure: stray };
  }
  const recent = admitsAge(order, image, query.now);
  const fresh = readAgain(order, image, replayed, recent);
  if (fresh.kind === 'stuck') {
    return { kind: 'failed', failure: maxAgeFailure(order, image, fresh.place, query.now) };
  }
  if (stray !== undefined) return { kind: 'failed', failure: stray };
  if (!order.addsDevices) return { kind: 'passed', value: fresh.state };
  const present = admitsDevice(order, image);
  const both: Admits = (node, place) => recent(node, place) && present(node, place);
  const complete = readAgain(order, image, fresh.state, both);
  return complete.kind === 'stuck'
    ? { kind: 'failed', failure: devicesFailure(order, image, complete.place) }
    : { kind: 'passed', value: complete.state };
}

/** The record read so that every entry is admitted, or the first place that no such reading reaches. */
function readAgain(
  order: CompiledOrder,
  image: GoldenImage,
  replayed: ReplayState,
  admits: Admits,
):
  | { readonly kind: 'read'; readonly state: ReplayState }
  | { readonly kind: 'stuck'; readonly place: number } {
  if (order.unambiguous) {
    const place = firstRefused(order, image.performed.length, replayed, admits);
    return place === undefined ? { kind: 'read', state: replayed } : { kind: 'stuck', place };
  }
  const keys = image.performed.map((action) => action.key);
  const frontier = advance(order, startReplay(order), keys, admits);
  const [state] = frontier.states;
  return state === undefined ? { kind: 'stuck', place: frontier.place } : { kind: 'read', state };
}

/** First place of a record of this length whose action is not admitted; looks only at actions that may not be. */
function firstRefused(
  order: CompiledOrder,
  length: number,
  replayed: ReplayState,
  admits: Admits,
): number | undefined {
  let refused: number | undefined;
  let place = length;
  for (let state: ReplayState | undefined = replayed; state !== undefined; state = state.parent) {
    for (let at = state.nodes.length - 1; at >= 0; at--) {
      place--;
      const node = state.nodes[at] ?? -1;
      if (order.constrained[node] === true && !admits(node, place)) refused = place;
    }
  }
  return refused;
}

/**
 * The better of two matches comes first: more net seconds; then more performed actions; then warm before disk; then
 * the newer image; then by name. A total order, so the winner depends neither on the order of images nor on chance.
 */
export function compareMatches(first: Match, second: Match): number {
  if (first.netSeconds !== second.netSeconds) return second.netSeconds - first.netSeconds;
  const actions = second.entry.image.performed.length - first.entry.image.performed.length;
  if (actions !== 0) return actions;
  if (first.rung !== second.rung) return first.rung === 'warm' ? -1 : 1;
  if (first.entry.createdAt !== second.entry.createdAt) return second.entry.createdAt - first.entry.createdAt;
  return first.entry.image.name < second.entry.image.name
    ? -1
    : first.entry.image.name > second.entry.image.name
      ? 1
      : 0;
}
