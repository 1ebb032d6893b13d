import type { GoldenImage } from '../../model/goldenImage.js';
import type { Rung } from '../../model/plan.js';
import type { BackgroundSource, BackgroundTask } from '../background.js';
import type { HistoryEntry } from '../info/orderHistory.js';
import { beyond } from './admission.js';
import { chooseRewarm } from './decide/chooseRewarm.js';
import type { KnownImage, LearningDecision } from './decide/learning.js';
import { isMadeBy } from './decide/madeHere.js';
import { decideAside } from './decideAside.js';
import { usersOf } from './dependants.js';
import type { LearnerParts } from './learnerParts.js';
import { createLearningTasks } from './learningTasks.js';
import type { LearningReport } from './report.js';
import { createSurvey, type ImageSurvey } from './surveyImages.js';

export type LearnedSoFar = Omit<LearningReport, 'doing'>;

/** Makes of what was ordered the images that will pay, and keeps them within their budget. */
export interface Learner extends BackgroundSource {
  /** An order was produced and its VM handed out. */
  readonly note: (entry: HistoryEntry) => void;
  /** A clone of the image has failed on the rung. */
  readonly rungFailed: (image: string, rung: Rung) => void;
  /** Decides now. Changes nothing by itself. */
  readonly decide: (signal: AbortSignal) => Promise<LearnedSoFar>;
  /** What was decided last, if anything was. */
  readonly report: () => LearnedSoFar | undefined;
  readonly close: () => void;
}

/** A decision and what it was made of. */
interface Decided {
  /** Number of changes that were known. */
  readonly changes: number;
  /** Images that it learned and something depended on. */
  readonly dependedOn: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly decision: LearningDecision;
  readonly seconds: number;
  readonly survey: ImageSurvey;
  readonly orders: number;
  /** What is to be booted and frozen anew. */
  readonly rewarm: readonly KnownImage[];
}

export function createLearner(parts: LearnerParts): Learner {
  const { budget, history, images } = parts;
  const { clock, line, warehouseDirectory } = parts.bake;
  /** Memories that did not resume, by image and when that was made. */
  const failedMemories = new Set<string>();
  /** Images of its own that cannot be used, and since when that is known, in milliseconds since the epoch. */
  let damagedSince: ReadonlyMap<string, number> = new Map();
  let changes = 0;
  let decided: Decided | undefined;
  let decidedAt = Number.NEGATIVE_INFINITY;

  const unsubscribe = images.onChange(() => {
    changes += 1;
  });
  const survey = createSurvey({
    warehouseDirectory,
    plant: parts.plant,
    images: images.images,
    problems: parts.warehouse.problems,
    dependants: parts.dependants,
    hasFailed: (image) => failedMemories.has(memoryName(image)),
  });
  const tasks = createLearningTasks({
    parts,
    survey,
    victims: () => decided?.decision.evict ?? [],
    onSurprise: () => {
      changes += 1;
    },
  });
  /** Which images of its own something depends on. */
  const dependedOn = (): string => {
    const dependants = parts.dependants();
    const names = [...new Set([...usersOf(dependants).keys(), ...(dependants.elsewhere?.keys() ?? [])])];
    return names
      .filter((name) => isMadeBy(images.get(name)?.descriptor ?? {}, parts.plant))
      .sort()
      .join(' ');
  };
  const decideNow = async (signal: AbortSignal): Promise<Decided> => {
    const began = clock.monotonic();
    const known = changes;
    const depended = dependedOn();
    const now = clock.now();
    const seen = await survey();
    damagedSince = new Map(seen.damaged.map(({ name }) => [name, damagedSince.get(name) ?? now]));
    const damagedBytes = seen.damaged.reduce((sum, { bytes }) => sum + bytes, 0);
    const shapes = history.shapes();
    const decision = await (parts.decide ?? decideAside)(
      {
        now,
        history: shapes,
        images: seen.images,
        seconds: history.seconds(),
        budget: {
          bytes: Math.max(0, budget.bytes - damagedBytes),
          images: Math.max(0, budget.images - seen.damaged.length),
        },
        lines: parts.lines,
        discarded: tasks.discarded(),
      },
      signal,
    );
    decidedAt = clock.monotonic();
    decided = {
      changes: known,
      dependedOn: depended,
      at: now,
      decision,
      seconds: (decidedAt - began) / 1000,
      survey: seen,
      orders: shapes.reduce((sum, { times }) => sum + times.length, 0),
      rewarm: chooseRewarm(seen.images, line.environment, history.imageUses(), now),
    };
    return decided;
  };

  const isStale = (now: number): boolean =>
    decided === undefined ||
    decided.changes !== changes ||
    decided.dependedOn !== dependedOn() ||
    tasks.mayRetrySince(decided.at, now);

  const enabled = parts.enabled && parts.unable === undefined;

  const next = (): BackgroundTask | undefined => {
    if (!enabled) return undefined;
    const now = clock.now();
    const stale = isStale(now);
    if (stale && clock.monotonic() - decidedAt >= parts.decideEveryMilliseconds) {
      return {
        what: 'deciding what to learn',
        yields: true,
        run: async (signal) => {
          await decideNow(signal);
        },
      };
    }
    // What was decided may be of yesterday's images: it is done only while it is of today's.
    if (decided === undefined || stale) return undefined;
    const { decision, survey: seen } = decided;
    const longDamaged = [...damagedSince].filter(([, since]) => now - since >= DAMAGED_STAYS_MILLISECONDS);
    const evictions = (): BackgroundTask | undefined =>
      firstOf(decision.evict, (evicted) => tasks.evict(evicted, now));
    const urgent =
      firstOf(longDamaged, ([name]) => tasks.evictDamaged(name, now)) ??
      (beyond(budget, seen.used) === undefined ? undefined : evictions());
    if (urgent !== undefined) return urgent;
    const made =
      firstOf(decided.rewarm, (known) => tasks.rewarm(known, seen.used, now)) ??
      firstOf(decision.bake, (proposal) => tasks.bake(proposal, now));
    if (made !== undefined) return made;
    // What was to make room for an image goes only for that image.
    return decision.bake.length === 0 ? evictions() : undefined;
  };

  const reportOf = ({ decision, seconds, survey: seen, orders }: Decided): LearnedSoFar => ({
    enabled,
    ...(parts.unable === undefined ? {} : { unable: parts.unable }),
    orders,
    used: seen.used,
    budget,
    decision: parts.unable === undefined ? decision : { ...decision, bake: [] },
    decisionSeconds: seconds,
  });

  return {
    next,
    note: (entry) => {
      history.record(entry);
      changes += 1;
    },
    rungFailed: (name, rung) => {
      const image = images.get(name)?.descriptor;
      if (rung !== 'warm' || image?.memory === undefined) return;
      failedMemories.add(memoryName(image));
      changes += 1;
    },
    decide: async (signal) => reportOf(await decideNow(signal)),
    report: () => (decided === undefined ? undefined : reportOf(decided)),
    close: unsubscribe,
  };
}

/** So long people have to look at a learned image that is damaged, or to mend it. */
const DAMAGED_STAYS_MILLISECONDS = 3_600_000;

/** Of a memory: another image may have the name later. */
function memoryName({ name, created }: GoldenImage): string {
  return `${name} ${created}`;
}

/** The first piece of work that one of them gives. */
function firstOf<T>(
  all: readonly T[],
  task: (one: T) => BackgroundTask | undefined,
): BackgroundTask | undefined {
  for (const one of all) {
    const found = task(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
