import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { Order } from '../../../model/order.js';
import { type Background, startBackground } from '../../../plant/background.js';
import { bakeBase } from '../../../plant/bake/bakeBase.js';
import type { BakeParts } from '../../../plant/bake/bakeParts.js';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import type { LearningBudget } from '../../../plant/learn/decide/learning.js';
import type { Dependants } from '../../../plant/learn/dependants.js';
import { type HidingImages, hidingImages } from '../../../plant/learn/hidingImages.js';
import { createLearner, type Learner } from '../../../plant/learn/learner.js';
import type { LearnerParts } from '../../../plant/learn/learnerParts.js';
import { shapeOf } from '../../../plant/learn/shapeOf.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES } from '../../../plant/parts.js';
import { allocatedBytes } from '../../../warehouse/usage.js';
import { openWarehouse, type Warehouse } from '../../../warehouse/warehouse.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';
import { fakeOrder, NEVER, type RememberingLog, rememberingLog } from '../produce/rig.js';

export interface LearnerRig {
  readonly directory: string;
  readonly log: RememberingLog;
  readonly parts: BakeParts;
  /** What depends on images, as the tests have it. */
  dependants: Dependants;
  /** Milliseconds since the epoch, of all parts. */
  now: number;
  readonly open: (options?: OpenOptions) => Promise<OpenedLearner>;
  readonly remove: () => Promise<void>;
}

export interface OpenOptions {
  readonly budget?: LearningBudget;
  readonly enabled?: boolean;
  readonly unable?: string;
  readonly bake?: Partial<BakeParts>;
  readonly decide?: LearnerParts['decide'];
  /** Id of the plant, which has a data directory of its own. */
  readonly plant?: string;
}

interface NoteOptions {
  /** The image that it was produced from; `base` unless told otherwise. */
  readonly image?: string;
  /** How long each of its actions took; 10 unless told otherwise. */
  readonly seconds?: number;
  /** False: its actions' work is not remembered, as when it is too large. */
  readonly work?: boolean;
}

export interface OpenedLearner {
  readonly warehouse: Warehouse;
  readonly images: HidingImages;
  readonly info: InformationSystem;
  readonly learner: Learner;
  readonly background: Background;
  /** One order was produced. */
  readonly note: (order: Order, options?: NoteOptions) => void;
  /** It was produced twice, the least for which all of it may be in an image. */
  readonly noteTwice: (order: Order, options?: NoteOptions) => void;
  /** Names of the images that plants made of themselves. */
  readonly learned: () => readonly string[];
  /** What those take on disk. */
  readonly used: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export const NO_DEPENDANTS: Dependants = { vms: new Map(), prepared: new Map(), unfinished: new Set() };
export const PLENTY: LearningBudget = { bytes: 2 ** 40, images: 100 };
export const START = Date.parse('2026-03-01T00:00:00Z');

/** Small, because every byte of a frozen memory is digested. */
const MEMORY_MIB = 32;

/** An order for a machine of the base image's size. */
export function smallOrder(actions: readonly object[] = []): Order {
  return fakeOrder(actions, { hardware: { memory: MEMORY_MIB } });
}

/** A learner over a real warehouse with one base image, on the fake line. */
export async function createLearnerRig(): Promise<LearnerRig> {
  const directory = await mkdtemp(join(tmpdir(), 'learn-'));
  const log = rememberingLog();
  const opened: OpenedLearner[] = [];
  const clock = { now: () => rig.now, monotonic: () => performance.now() };
  const parts: BakeParts = {
    line: createFakeLine({ timeScale: 0 }),
    warehouseDirectory: join(directory, 'warehouse'),
    scratchRoot: join(directory, 'scratch'),
    toolEnvironment: { PATH: process.env.PATH ?? '' },
    deadlines: DEFAULT_DEADLINES,
    clock,
    random: (count) => randomBytes(count),
    log,
  };
  const rig: LearnerRig = {
    directory,
    log,
    parts,
    dependants: NO_DEPENDANTS,
    now: START,
    open: async (options = {}) => {
      const one = await openOne(rig, options);
      opened.push(one);
      return one;
    },
    remove: async () => {
      for (const one of opened) await one.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await bakeFakeBase(directory, parts);
  return rig;
}

async function openOne(rig: LearnerRig, options: OpenOptions): Promise<OpenedLearner> {
  const { log } = rig;
  const bake = { ...rig.parts, ...options.bake };
  const warehouse = await openWarehouse({ directory: bake.warehouseDirectory, signal: NEVER, log });
  const info = openInformationSystem({
    directory: join(rig.directory, options.plant ?? 'data'),
    clock: bake.clock,
    log,
  });
  const images = hidingImages(warehouse);
  const learner = createLearner({
    enabled: options.enabled ?? true,
    unable: options.unable,
    plant: options.plant,
    bake,
    lines: [bake.line.environment],
    images,
    warehouse,
    history: info.history,
    budget: options.budget ?? PLENTY,
    dependants: () => rig.dependants,
    decideEveryMilliseconds: 0,
    ...(options.decide === undefined ? {} : { decide: options.decide }),
  });
  const background = startBackground({
    sources: [learner],
    quietMilliseconds: 0,
    everyMilliseconds: 3_600_000,
    log,
  });
  const learnedImages = (): readonly LocatedImage[] =>
    warehouse
      .images()
      .filter(({ descriptor }) => descriptor.origin === 'learned' || descriptor.origin === 'rewarmed');
  const note: OpenedLearner['note'] = (order, { image = 'base', seconds = 10, work = true } = {}) => {
    const shaped = shapeOf(order);
    info.recordDurations(
      order.digest,
      shaped.actions.map(({ key }) => ({ key, seconds, ok: true })),
    );
    const actions = work ? shaped.actions : [];
    learner.note({ ...shaped, actions, image, savedSeconds: 0, at: rig.now });
  };
  let closed = false;
  return {
    warehouse,
    images,
    info,
    learner,
    background,
    note,
    noteTwice: (order, options) => {
      note(order, options);
      note(order, options);
    },
    learned: () => learnedImages().map(({ descriptor }) => descriptor.name),
    used: async () => {
      const sizes = await Promise.all(learnedImages().map((image) => allocatedBytes(image.directory)));
      return sizes.reduce((sum, bytes) => sum + bytes, 0);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await background.close();
      learner.close();
      info.close();
      await warehouse.close();
    },
  };
}

async function bakeFakeBase(directory: string, parts: BakeParts): Promise<void> {
  await mkdir(parts.warehouseDirectory);
  const assembled = await makeFakeImage(join(directory, 'assembled'));
  const { descriptor } = assembled;
  await bakeBase(
    parts,
    {
      name: 'base',
      assembled: {
        directory: assembled.directory,
        diskFile: descriptor.disk.file,
        diskMiB: descriptor.hardware.diskMiB,
        kernelFile: descriptor.boot.kernel,
        initrdFile: descriptor.boot.initrd,
        kernelCommandLine: 'quiet',
        guestKernel: descriptor.boot.guestKernel,
        operatingSystem: { name: 'fake', version: '1' },
      },
      hardware: { vcpus: 1, memoryMiB: MEMORY_MIB },
      network: 'host-only',
      images: [],
    },
    () => undefined,
    NEVER,
  );
}
