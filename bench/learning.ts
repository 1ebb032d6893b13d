import { decideLearning } from '../plant/learn/decide/decideLearning.js';
import { type BenchContext, type Benchmark, type Measurement, measurement, median } from './measurement.js';
import { learningHistory } from './support/learningHistory.js';
import { replayLearning } from './support/learningReplay.js';
import { MEASURED_ACTIONS } from './support/measuredActions.js';
import {
  type CacheRoom,
  exactRecipeCache,
  layerCache,
  noCache,
  type PeerCache,
} from './support/peerCaches.js';
import { replayOnPlant } from './support/plantReplay.js';
import type { Surroundings } from './support/surroundings.js';
import { type Arrival, makeTrace, type Recipe, type Sharing, wholeBytes } from './support/trace.js';

/** What every kept state takes besides what its actions left: a frozen memory without its holes. */
const MEMORY_BYTES = 128 * 1024 * 1024;
/** Room for a tenth of what images of all recipes would take. */
const ROOM = 0.1;

const LONG = { orders: 2000, recipes: 300, popularityExponent: 1, meanGapSeconds: 600 };
/** For the whole plant; it may keep this many images. */
const SHORT = { orders: 600, recipes: 60, popularityExponent: 1, meanGapSeconds: 600 };
const SHORT_IMAGES = 10;

const ORDERS_REMEMBERED = 10_000;
const SHAPES_REMEMBERED = 2_000;
const DECISIONS = 7;

/**
 * What learning saves, against the best of what else could fill the same room, in mean seconds of work left to an
 * order: `learning-prefixes` for recipes that share prefixes, `learning-nothing-shared` for recipes that share nothing,
 * both on the plant's decisions and a clock of their own; `learning-plant` for a short trace of recipes that share
 * prefixes on a whole plant with the fake line. `learning-decision`: milliseconds of one decision on 10,000 remembered
 * orders, against one on 1,000.
 */
export function learning(surroundings: Surroundings): Benchmark {
  return {
    name: 'learning',
    run: async function* (context) {
      yield* replay(context, 'learning-prefixes', 'prefixes');
      yield* replay(context, 'learning-nothing-shared', 'nothing');
      yield* onPlant(context, surroundings);
      yield decision(context);
    },
  };
}

function* replay(context: BenchContext, name: string, sharing: Sharing): Iterable<Measurement> {
  const trace = makeTrace({ ...LONG, seed: context.seed, sharing, actions: MEASURED_ACTIONS });
  const recipes = [...new Set(trace.map(({ recipe }) => recipe))];
  const all = recipes.reduce((sum, recipe) => sum + wholeBytes(recipe) + MEMORY_BYTES, 0);
  const room: CacheRoom = { bytes: Math.round(ROOM * all), memoryBytes: MEMORY_BYTES };
  const learned = replayLearning(trace, room);
  yield measurement(name, 's', learned, bestPeer(context, name, trace, room));
}

async function* onPlant(context: BenchContext, surroundings: Surroundings): AsyncIterable<Measurement> {
  const trace = withoutBytes(
    makeTrace({ ...SHORT, seed: context.seed, sharing: 'prefixes', actions: MEASURED_ACTIONS }),
  );
  const learned = await replayOnPlant(trace, SHORT_IMAGES, surroundings, context.signal);
  // One unit of room for every kept state, whatever is in it.
  const room: CacheRoom = { bytes: SHORT_IMAGES, memoryBytes: 1 };
  yield measurement('learning-plant', 's', learned, bestPeer(context, 'learning-plant', trace, room));
}

/** Mean seconds left to an order by the better of the caches that learning is compared with. */
function bestPeer(
  { report }: BenchContext,
  name: string,
  trace: readonly Arrival[],
  room: CacheRoom,
): number {
  const mean = (cache: PeerCache): number =>
    trace.reduce((sum, arrival) => sum + cache.serve(arrival), 0) / trace.length;
  const exact = mean(exactRecipeCache(room));
  const layers = mean(layerCache(room));
  report(
    `${name}: no cache ${mean(noCache()).toFixed(2)} s, exact recipes ${exact.toFixed(2)} s, layers ${layers.toFixed(2)} s`,
  );
  return Math.min(exact, layers);
}

function decision(context: BenchContext): Measurement {
  const many = learningHistory(context.seed, ORDERS_REMEMBERED, SHAPES_REMEMBERED);
  const few = learningHistory(context.seed, ORDERS_REMEMBERED / 10, SHAPES_REMEMBERED / 10);
  const times = { many: [] as number[], few: [] as number[] };
  for (let round = 0; round < DECISIONS; round++) {
    context.signal.throwIfAborted();
    for (const which of round % 2 === 0 ? (['many', 'few'] as const) : (['few', 'many'] as const)) {
      const started = context.now();
      decideLearning(which === 'many' ? many : few);
      times[which].push(context.now() - started);
    }
  }
  return measurement('learning-decision', 'ms', median(times.many), median(times.few));
}

/** The same trace of actions that leave nothing on the disk. */
function withoutBytes(trace: readonly Arrival[]): readonly Arrival[] {
  const stripped = new Map<Recipe, Recipe>();
  return trace.map((arrival) => {
    const { recipe } = arrival;
    const without = stripped.get(recipe) ?? {
      ...recipe,
      actions: recipe.actions.map((action) => ({ ...action, bytes: 0 })),
    };
    stripped.set(recipe, without);
    return { ...arrival, recipe: without };
  });
}
