import { VmplantsError } from '../model/errors.js';
import type { LocatedImage } from '../model/goldenImage.js';
import type { ImageProblem } from '../warehouse/listDescriptors.js';
import { setPolicy } from '../warehouse/setPolicy.js';
import type { BakeParts } from './bake/bakeParts.js';
import { freezingLine, noFreezingLine } from './bake/freezingLine.js';
import type { LearningBudget } from './learn/decide/learning.js';
import type { Dependants } from './learn/dependants.js';
import type { HidingImages } from './learn/hidingImages.js';
import { createLearner, type LearnedSoFar, type Learner } from './learn/learner.js';
import { shapeOf } from './learn/shapeOf.js';
import type { Machines } from './machines.js';
import type { PlantParts } from './parts.js';
import type { ProducedOrder } from './produce/productions.js';
import { createPublisher, type Publisher } from './publish/publisher.js';
import { createRecipes } from './recipes.js';
import type { Sharing } from './sharing.js';

/** What a plant needs to make golden images: by publishing, learning and re-warming. */
export interface ImageMaking {
  /** Absolute directory of the warehouse that images are published in. */
  readonly warehouseDirectory: string;
  /** Absolute directory for machines while they bake, best on the warehouse's file system. Made when missing. */
  readonly scratchRoot: string;
  /** Environment of the tools that are run; `PATH` at least. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** Looks at the whole warehouse now. */
  readonly refresh: () => Promise<void>;
  /** What is in the warehouse and cannot be used. */
  readonly problems: () => readonly ImageProblem[];
  readonly learning: {
    /** False: it says what it would do, and does nothing of it. So it is where no line can freeze a machine. */
    readonly enabled: boolean;
    readonly budget: LearningBudget;
    /** At least so long from one decision to the next. */
    readonly decideEveryMilliseconds: number;
  };
}

/** A decision about an image, by one of its owner's domain. What is not named stays. */
export interface ImageChange {
  readonly name: string;
  readonly clientDomain: string;
  readonly shared?: 'no' | 'disk' | 'memory';
  readonly pinned?: boolean;
}

/** Makes golden images of what a plant produces, and decides about them. */
export interface ImageMaker {
  readonly learner: Learner;
  readonly publish: Publisher['publish'];
  /** Images that a publication works with: they must not be removed. */
  readonly imagesInWork: () => ReadonlySet<string>;
  /** @throws VmplantsError NOT_FOUND unless the image is the domain's or everybody's; FAILED_PRECONDITION, NO_OWNER */
  readonly change: (change: ImageChange, signal: AbortSignal) => Promise<LocatedImage>;
  /** Decides now what would pay. Changes nothing. */
  readonly decide: () => Promise<LearnedSoFar>;
  readonly noteProduced: (produced: ProducedOrder) => void;
  readonly close: (reason: VmplantsError) => Promise<void>;
}

export interface ImageMakerOptions {
  readonly parts: PlantParts;
  readonly making: ImageMaking;
  readonly images: HidingImages;
  readonly machines: Machines;
  readonly dependants: () => Dependants;
  /** Where the warehouse may be other plants' as well. */
  readonly sharing: Sharing | undefined;
}

/** A decision over a long history takes a second; one that takes this long hangs. */
const DECISION_MILLISECONDS = 60_000;

export function openImageMaker(options: ImageMakerOptions): ImageMaker {
  const { parts, making, images, machines, sharing } = options;
  const { info, lines, log, clock, random, deadlines } = parts;
  const { refresh, problems, warehouseDirectory, scratchRoot, toolEnvironment } = making;
  const freezing = freezingLine(lines);
  const line = freezing ?? lines[0];
  if (line === undefined) throw new Error('a plant has at least one production line');
  const unable = freezing === undefined ? noFreezingLine(lines.map(({ name }) => name)).message : undefined;
  if (unable !== undefined && making.learning.enabled) log.warn({}, `nothing is learned: ${unable}`);
  const tools = { warehouseDirectory, scratchRoot, toolEnvironment, deadlines, clock, random, log };
  const bake: BakeParts = { ...tools, line };
  const recipes = createRecipes(info, (name) => images.get(name));
  const publisher = createPublisher({
    ...tools,
    lines,
    info,
    machines,
    warehouse: { images: () => images.images(), get: (name) => images.get(name), refresh },
    orderOf: recipes.orderOf,
  });
  const learner = createLearner({
    ...making.learning,
    unable,
    lines: [line, ...lines.filter((other) => other !== line)].map(({ environment }) => environment),
    plant: sharing?.plant,
    bake,
    images,
    warehouse: { refresh, problems },
    history: info.history,
    dependants: options.dependants,
  });
  return {
    learner,
    publish: publisher.publish,
    imagesInWork: publisher.imagesInWork,
    change: async ({ name, clientDomain, shared, pinned }, signal) => {
      const found = images.get(name)?.descriptor;
      if (found === undefined || (found.owner !== undefined && found.owner !== clientDomain)) {
        throw noSuchImage(name);
      }
      await setPolicy({
        warehouse: warehouseDirectory,
        name,
        ...(shared === undefined ? {} : { shared }),
        ...(pinned === undefined ? {} : { pinned }),
        now: clock.now,
        signal,
      });
      await refresh();
      const changed = images.get(name);
      if (changed === undefined) throw noSuchImage(name);
      return changed;
    },
    decide: () => learner.decide(AbortSignal.timeout(DECISION_MILLISECONDS)),
    noteProduced: ({ order, plan, vm }) => {
      recipes.note(vm.vmid, order);
      const { shape, actions } = shapeOf(order);
      learner.note({ shape, actions, image: plan.image, savedSeconds: plan.savedSeconds, at: clock.now() });
    },
    close: async (reason) => {
      await publisher.close(reason);
      learner.close();
      recipes.close();
    },
  };
}

function noSuchImage(name: string): VmplantsError {
  return new VmplantsError('NOT_FOUND', `there is no golden image ${name}`, { reason: 'IMAGE_NOT_FOUND' });
}
