import { anyOf, seededRandom, shuffled } from './seededRandom.js';

/** An action of a trace: what it does takes this long and leaves so much. */
export interface TraceAction {
  /** Also decides its key: actions of one name are the same. */
  readonly name: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** What is ordered again and again. */
export interface Recipe {
  readonly actions: readonly TraceAction[];
  /** Of every action the places of its direct predecessors. */
  readonly after: readonly (readonly number[])[];
}

/** One order of a trace. */
export interface Arrival {
  readonly recipe: Recipe;
  /** Places of the recipe's actions in the order in which this person wrote them: one that the DAG allows. */
  readonly written: readonly number[];
  /** Seconds without any order before this one, after the one before was served. */
  readonly gapSeconds: number;
}

/** Whether recipes have actions in common. */
export type Sharing = 'prefixes' | 'nothing';

interface TraceParameters {
  readonly seed: number;
  readonly sharing: Sharing;
  readonly orders: number;
  readonly recipes: number;
  /** The n-th most popular recipe is ordered 1/n^exponent as often as the first. */
  readonly popularityExponent: number;
  /** Gaps are exponentially distributed with this mean. */
  readonly meanGapSeconds: number;
  /** What actions are drawn from. */
  readonly actions: readonly TraceAction[];
}

/** A private step, a file of the recipe's own or some settings: what the clone of a small repository takes. */
const OWN_STEP = { seconds: 0.12, bytes: 11 * 1024 * 1024 };

const RUNTIMES = 4;
const FRAMEWORKS_PER_RUNTIME = 3;
const SERVICES = 6;

/**
 * Every recipe is a chain of six actions (two that are the site's, two of a runtime, one of a framework, one of its
 * own) and beside it one to three services, which depend on the site's actions only. So the DAG leaves the place of the
 * services in the writing open, and every order is written by someone who decides it anew.
 *
 * With shared prefixes there are one site, four runtimes, three frameworks for each, and six services; a recipe's own
 * last step is short. Without, recipes have the same form, but every action is the recipe's own.
 */
export function makeTrace(parameters: TraceParameters): readonly Arrival[] {
  const random = seededRandom(parameters.seed);
  const recipes = makeRecipes(parameters, random);
  const weights = recipes.map((_, place) => (place + 1) ** -parameters.popularityExponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: parameters.orders }, (): Arrival => {
    let left = random() * total;
    let place = 0;
    while (place < recipes.length - 1 && left >= (weights[place] ?? 0)) {
      left -= weights[place] ?? 0;
      place += 1;
    }
    const recipe = recipes[place] ?? { actions: [], after: [] };
    return {
      recipe,
      written: writeDown(recipe, random),
      gapSeconds: -Math.log(1 - random()) * parameters.meanGapSeconds,
    };
  });
}

function makeRecipes(parameters: TraceParameters, random: () => number): readonly Recipe[] {
  const draw = (name: string): TraceAction => {
    const like = parameters.actions[anyOf(parameters.actions.length, random)];
    return { name, seconds: like?.seconds ?? 0, bytes: like?.bytes ?? 0 };
  };
  const shared = new Map<string, TraceAction>();
  return Array.from({ length: parameters.recipes }, (_, number): Recipe => {
    const action = (name: string): TraceAction => {
      if (parameters.sharing === 'nothing') return draw(`recipe ${number} ${name}`);
      const known = shared.get(name) ?? draw(name);
      shared.set(name, known);
      return known;
    };
    const runtime = `runtime ${anyOf(RUNTIMES, random)}`;
    const framework = `${runtime} framework ${anyOf(FRAMEWORKS_PER_RUNTIME, random)}`;
    const services = shuffled(
      Array.from({ length: SERVICES }, (__, service) => `service ${service}`),
      random,
    ).slice(0, 1 + anyOf(3, random));
    const chain = [
      action('site 1'),
      action('site 2'),
      action(`${runtime} 1`),
      action(`${runtime} 2`),
      action(framework),
      { name: `recipe ${number}`, ...OWN_STEP },
    ];
    return {
      actions: [...chain, ...services.map(action)],
      after: [...chain.map((__, place) => (place === 0 ? [] : [place - 1])), ...services.map(() => [1])],
    };
  });
}

/** The recipe's actions in one of the orders that its DAG allows, each step as likely as any other that could be next. */
function writeDown({ actions, after }: Recipe, random: () => number): readonly number[] {
  const written: number[] = [];
  const left = new Set(actions.keys());
  while (left.size > 0) {
    const ready = [...left].filter((place) => after[place]?.every((before) => !left.has(before)) === true);
    const next = ready[anyOf(ready.length, random)];
    if (next === undefined) throw new Error('a recipe of the trace is no DAG');
    left.delete(next);
    written.push(next);
  }
  return written;
}

/** Seconds of all of its actions. */
export function wholeSeconds({ actions }: Recipe): number {
  return actions.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Bytes that all of its actions leave. */
export function wholeBytes({ actions }: Recipe): number {
  return actions.reduce((sum, { bytes }) => sum + bytes, 0);
}
