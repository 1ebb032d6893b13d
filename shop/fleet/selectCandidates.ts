import type { Random } from '../random.js';
import { type Candidate, estimatedCost, fits, keysHeld } from './candidate.js';
import type { OrderSummary } from './orderSummary.js';

export interface SamplePolicy {
  /** Plants in the first wave; every further one may have twice as many as the one before. */
  readonly sample: number;
}

/** Places of a wave that plants of which nothing is known get, where there are some. */
const UNKNOWN_IN_WAVE = 2;

/**
 * In which order to ask plants for bids: waves, of which the next is asked only when none before it brought an offer.
 * Every plant is in exactly one. Pure, but for `random`.
 *
 * First come the plants that fit, with up to two of those that nobody has heard of, at random, in every wave. Half of the
 * rest of a wave is chosen by locality, half by estimated cost. By cost: the cheapest, of equally cheap ones those that
 * hold more. By locality: of those whose images hold most of the order's actions the cheapest, then the cheapest of those
 * that hold one less, and so on, then again. So whatever the cost models make of load and of the work that is left, as long as
 * the cost grows with both, the best plant is among the first that are asked: none that holds as much is cheaper. (Where
 * plants differ in more numbers of held actions than half a wave has places, the best may be missed.) What is still equal goes by chance, so that shops do not all run to one plant (the power of some choices).
 *
 * Then come the plants that do not fit (what is known may be old), and the suspects at the very end.
 */
export function* selectCandidates(
  order: OrderSummary,
  candidates: readonly Candidate[],
  policy: SamplePolicy,
  random: Random,
): Generator<readonly string[], void, undefined> {
  const fitting: Ranked[] = [];
  const unknown: string[] = [];
  const misfits: string[] = [];
  const suspects: string[] = [];
  for (const { address, suspect, known } of candidates) {
    if (suspect) suspects.push(address);
    else if (known === undefined) unknown.push(address);
    else if (!fits(order, known)) misfits.push(address);
    else {
      const ranked = { held: keysHeld(order, known), cost: estimatedCost(order, known), tie: random() };
      fitting.push({ address, ...ranked });
    }
  }
  let size = Math.max(1, policy.sample);
  const unheard = shuffled(unknown, random);
  const next = bestFirst(fitting);
  for (let left = fitting.length; left > 0 || unheard.length > 0; size *= 2) {
    const strangers = Math.max(Math.min(UNKNOWN_IN_WAVE, Math.floor(size / 2)), size - left);
    const wave = unheard.splice(0, strangers);
    while (wave.length < size && left > 0) {
      const address = next();
      if (address === undefined) break;
      wave.push(address);
      left -= 1;
    }
    yield wave;
  }
  const doubtful = shuffled(misfits, random);
  for (; doubtful.length > 0; size *= 2) yield doubtful.splice(0, size);
  if (suspects.length > 0) yield suspects;
}

/** A plant that fits, as it is compared. */
interface Ranked {
  readonly address: string;
  readonly held: number;
  readonly cost: number;
  readonly tie: number;
}

/** Gives every plant once: by cost and by locality in turns. */
function bestFirst(plants: readonly Ranked[]): () => string | undefined {
  const byCost = [...plants].sort((a, b) => a.cost - b.cost || b.held - a.held || a.tie - b.tie);
  const levels = new Map<number, Ranked[]>();
  // Within a level as by cost: all of it hold the same number.
  for (const plant of byCost) {
    const level = levels.get(plant.held);
    if (level === undefined) levels.set(plant.held, [plant]);
    else level.push(plant);
  }
  const byLocality = inTurns([...levels].sort(([a], [b]) => b - a).map(([, level]) => level));
  const queues = [byLocality, byCost.values()];
  const given = new Set<string>();
  let turn = 0;
  return () => {
    // One queue may be through while the other is not: each has every plant.
    for (let tries = 0; tries < queues.length; tries++) {
      const queue = queues[turn++ % queues.length];
      for (let next = queue?.next(); next?.done === false; next = queue?.next()) {
        const { address } = next.value;
        if (given.has(address)) continue;
        given.add(address);
        return address;
      }
    }
    return undefined;
  };
}

/** The first of every list, then the second of every list, and so on. */
function* inTurns<T>(lists: readonly (readonly T[])[]): Generator<T, void, undefined> {
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  for (let place = 0; place < longest; place++) {
    for (const list of lists) {
      const item = list[place];
      if (item !== undefined) yield item;
    }
  }
}

/** In an order that is as likely as any other (Fisher and Yates). */
function shuffled<T>(list: readonly T[], random: Random): T[] {
  const mixed = [...list];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [mixed[last], mixed[other]];
    if (a === undefined || b === undefined) continue;
    mixed[last] = b;
    mixed[other] = a;
  }
  return mixed;
}
