import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage } from '../../model/goldenImage.js';
import type { BackgroundTask } from '../background.js';
import { bake, refuseTaken } from '../bake/bake.js';
import type { Admit } from '../bake/frozenImage.js';
import { admission, beyond } from './admission.js';
import type { BakeProposal, ImageReason, KnownImage, LearningBudget } from './decide/learning.js';
import { isOwn } from './decide/madeHere.js';
import { evict, evictDamaged } from './evict.js';
import type { LearnerParts } from './learnerParts.js';
import { freshName, learnedName, proposedKeys, proposedOrder } from './proposedOrder.js';
import { rewarm } from './rewarm.js';
import { createSetbacks } from './setbacks.js';
import type { ImageSurvey } from './surveyImages.js';

/** Images that were too large; what was discarded longest ago is forgotten first. */
const MOST_DISCARDED = 100;

/** What can be done of a decision, as pieces of work; undefined for what cannot be done now. */
export interface LearningTasks {
  readonly bake: (proposal: BakeProposal, now: number) => BackgroundTask | undefined;
  /** @param used what images that this plant learned take now */
  readonly rewarm: (image: KnownImage, used: LearningBudget, now: number) => BackgroundTask | undefined;
  readonly evict: (evicted: ImageReason, now: number) => BackgroundTask | undefined;
  readonly evictDamaged: (name: string, now: number) => BackgroundTask | undefined;
  /** Images that were made and discarded because they did not fit: their sizes are known. */
  readonly discarded: () => readonly KnownImage[];
  /** Whether since the time given something may be tried again that had failed. */
  readonly mayRetrySince: (then: number, now: number) => boolean;
}

export interface LearningTasksOptions {
  readonly parts: LearnerParts;
  readonly survey: () => Promise<ImageSurvey>;
  /** What may go for a new image, what is worth least first. */
  readonly victims: () => readonly ImageReason[];
  /** Something has turned out otherwise than it was decided upon. */
  readonly onSurprise: () => void;
}

export function createLearningTasks(options: LearningTasksOptions): LearningTasks {
  const { parts, survey } = options;
  const { bake: bakeParts, budget, images } = parts;
  const { clock, line, log, warehouseDirectory } = bakeParts;
  const { refresh } = parts.warehouse;
  const evictParts = {
    warehouseDirectory,
    images,
    refresh,
    dependants: parts.dependants,
    plant: parts.plant,
    log,
  };
  const madeBy = parts.plant === undefined ? {} : { madeBy: parts.plant };
  const setbacks = createSetbacks();
  /** By what they are made of. */
  const discarded = new Map<string, KnownImage>();

  const isTaken = (name: string): boolean =>
    images.get(name) !== undefined || parts.warehouse.problems().some((problem) => problem.name === name);

  const evictNow = async ({ image, reason }: ImageReason, signal: AbortSignal): Promise<boolean> => {
    const going = images.get(image)?.descriptor;
    const parent = images.get(going?.parent ?? '')?.descriptor;
    const gone = await evict(evictParts, image, reason, signal);
    // Not to be made again at once.
    if (gone && going?.origin === 'rewarmed' && parent !== undefined) {
      setbacks.add(rewarmId(parent), clock.now());
    }
    return gone;
  };

  const admitting = (
    signal: AbortSignal,
    discardedAs: string,
    victims: () => readonly ImageReason[],
  ): Admit => {
    const admit = admission(
      {
        budget,
        survey,
        evict: (image, reason) => evictNow({ image, reason }, signal),
        onDiscarded: (image) => {
          discarded.delete(discardedAs);
          discarded.set(discardedAs, image);
          for (const oldest of discarded.keys()) {
            if (discarded.size <= MOST_DISCARDED) break;
            discarded.delete(oldest);
          }
        },
      },
      victims,
    );
    return async (image, bytes) => {
      // Another plant may have made it meanwhile: then nothing has to go for it.
      await refresh();
      refuseTaken(image.name, images.images());
      await admit(image, bytes);
    };
  };

  /**
   * Work that is not done again at once, neither when it fails nor when what it made is not what was hoped for; to give
   * way to a creation is neither. Work that another plant has done meanwhile is done: its image has the name.
   */
  const attempt = async (
    what: string,
    signal: AbortSignal,
    work: () => Promise<unknown>,
    alsoBlamed: (error: unknown) => string | undefined = () => undefined,
  ): Promise<void> => {
    try {
      await work();
      setbacks.add(what, clock.now());
    } catch (error) {
      if (!signal.aborted) {
        setbacks.add(what, clock.now());
        const blamed = alsoBlamed(error);
        if (blamed !== undefined) setbacks.add(blamed, clock.now());
        options.onSurprise();
        if (isDoneByAnother(error)) {
          log.info({ work: what, found: error.message }, 'what was to be made is there already');
          return;
        }
      }
      throw error;
    } finally {
      await refresh();
    }
  };

  return {
    bake: (proposal, now) => {
      const { profile } = proposal.shape;
      const keys = proposedKeys(proposal);
      const id = learnedName(profile, keys, () => false);
      if ([id, ...keys].some((what) => setbacks.holds(what, now))) return undefined;
      if (profile.line !== undefined && profile.line !== line.name) return undefined;
      const order = proposedOrder(proposal, parts.history.action);
      if (order === undefined) return undefined;
      const name = learnedName(profile, keys, isTaken);
      const work = async (signal: AbortSignal): Promise<void> => {
        const admit = admitting(signal, id, options.victims);
        const request = {
          name,
          order,
          images: images.images(),
          origin: 'learned',
          ...madeBy,
          admit,
        } as const;
        await bake(bakeParts, { ...request, owner: profile.clientDomain }, () => undefined, signal);
        discarded.delete(id);
        log.info({ image: name, reason: proposal.reason }, 'golden image learned');
      };
      const failedKey = (error: unknown): string | undefined => {
        const failure = error instanceof VmplantsError ? error.actionFailure : undefined;
        return order.dag.actions.find((action) => action.name === failure?.action)?.key;
      };
      return {
        what: `baking ${name}: ${proposal.reason}`,
        yields: true,
        run: (signal) => attempt(id, signal, () => work(signal), failedKey),
      };
    },

    rewarm: (known, used, now) => {
      const { image, bytes, protectedBy } = known;
      const id = rewarmId(image);
      const located = images.get(image.name);
      if (located === undefined || setbacks.holds(id, now)) return undefined;
      // What this plant learned is replaced; what people or other plants made gets a companion.
      const replaced = isOwn(known);
      const leaves = replaced && protectedBy.length === 0 ? 1 : 0;
      const after = { bytes: used.bytes + (1 - leaves) * bytes, images: used.images + 1 - leaves };
      if (beyond(budget, after) !== undefined) return undefined;
      const origin = replaced && image.origin === 'learned' ? 'learned' : 'rewarmed';
      const name = freshName(origin, [image.name, image.created, { ...line.environment }], isTaken);
      const work = async (signal: AbortSignal): Promise<void> => {
        const victims = replaced ? [{ image: image.name, reason: `replaced by ${name}` }] : [];
        const admit = admitting(signal, id, () => victims);
        await rewarm(bakeParts, { name, image: located, origin, ...madeBy, admit }, signal);
        log.info({ image: name, of: image.name }, 'golden image rewarmed for this host');
      };
      return {
        what: `rewarming ${image.name} as ${name}`,
        yields: true,
        run: (signal) => attempt(id, signal, () => work(signal)),
      };
    },

    evict: (evicted, now) => {
      const id = evictId(evicted.image);
      if (setbacks.holds(id, now)) return undefined;
      const work = async (signal: AbortSignal): Promise<void> => {
        // Something depends on it since: that is to be decided anew.
        if (!(await evictNow(evicted, signal))) options.onSurprise();
      };
      return {
        what: `evicting ${evicted.image}: ${evicted.reason}`,
        yields: false,
        run: (signal) => attempt(id, signal, () => work(signal)),
      };
    },

    evictDamaged: (name, now) => {
      const id = evictId(name);
      if (setbacks.holds(id, now)) return undefined;
      return {
        what: `removing ${name}, which is damaged`,
        yields: false,
        run: (signal) =>
          attempt(id, signal, async () => {
            await evictDamaged(evictParts, name, signal);
            // No usable image has gone, but there is room.
            options.onSurprise();
          }),
      };
    },

    discarded: () => [...discarded.values()],
    mayRetrySince: setbacks.endedSince,
  };
}

/** Names say what an image is made of: one with this name is what was to be made. Or one of another name has all of it. */
function isDoneByAnother(error: unknown): error is VmplantsError {
  if (!(error instanceof VmplantsError)) return false;
  return error.reason === 'IMAGE_EXISTS' || error.reason === 'NOTHING_TO_BAKE';
}

function evictId(image: string): string {
  return `evict ${image}`;
}

/** Of this image: another may have the name later. */
function rewarmId({ name, created }: GoldenImage): string {
  return `rewarm ${name} ${created}`;
}
