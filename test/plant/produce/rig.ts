import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrder } from '../../../model/createOrder.js';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { Order } from '../../../model/order.js';
import type { Vm } from '../../../model/vm.js';
import type { Clock } from '../../../plant/clock.js';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import type { FailAt } from '../../../plant/line/fake/failure.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import type { ProductionLine } from '../../../plant/line/line.js';
import type { Log } from '../../../plant/log.js';
import {
  type CrashPoint,
  DEFAULT_DEADLINES,
  DEFAULT_LIMITS,
  type ImageSource,
  NO_CRASH,
  type PlantDeadlines,
  type PlantLimits,
} from '../../../plant/parts.js';
import { DEFAULT_COST_MODELS } from '../../../plant/planner/cost.js';
import { createPlant, type Plant } from '../../../plant/plant.js';
import type { PrepareLimits } from '../../../plant/prepare/decidePrepared.js';
import type { ProduceEvent } from '../../../plant/produce/productions.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';

/** A log that remembers, so that a test can look for what must not be in it. */
export interface RememberingLog extends Log {
  readonly lines: readonly string[];
}

export function rememberingLog(): RememberingLog {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, info: write, warn: write, error: write };
}

export interface RigOptions {
  readonly name?: string;
  readonly failAt?: FailAt;
  readonly line?: ProductionLine;
  /** Besides the fake line. */
  readonly otherLines?: readonly ProductionLine[];
  readonly images?: readonly LocatedImage[];
  readonly limits?: Partial<PlantLimits>;
  readonly deadlines?: Partial<PlantDeadlines>;
  readonly crashPoint?: CrashPoint;
  /** Put between the plant and its store. */
  readonly aroundInfo?: (info: InformationSystem) => InformationSystem;
  readonly timeScale?: number;
  /** In place of one that always has `images`. */
  readonly warehouse?: ImageSource;
  /** Machines are resumed ahead of orders. */
  readonly prepare?: PrepareLimits | 'none';
  readonly clock?: Clock;
}

/** A plant on the fake line, in a directory of its own. */
export interface Rig {
  readonly directory: string;
  readonly cloneRoot: string;
  readonly line: ProductionLine;
  readonly images: readonly LocatedImage[];
  readonly log: RememberingLog;
  /** Opens a plant on the directory. The one before must have been closed, or its store abandoned. */
  readonly open: (options?: RigOptions) => Promise<OpenedPlant>;
  /** Lets go of the store of a plant that never came up. */
  readonly releaseStore: () => void;
  /** Names of the clones that there are. */
  readonly clones: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

export interface OpenedPlant {
  readonly plant: Plant;
  /** As a crash does: the store is let go at once, nothing is rolled back and nobody is told. */
  readonly abandon: () => void;
}

const QUICK: PlantDeadlines = {
  ...DEFAULT_DEADLINES,
  cloneMilliseconds: 5_000,
  startMilliseconds: 5_000,
  bootMilliseconds: 5_000,
  acceptMilliseconds: 5_000,
  renewMilliseconds: 5_000,
  marginMilliseconds: 5_000,
  stopGraceMilliseconds: 1_000,
};

export async function createRig(base: RigOptions = {}): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'plant-'));
  const cloneRoot = join(directory, 'vms');
  const images = base.images ?? [await makeFakeImage(join(directory, 'images', 'base'))];
  const log = rememberingLog();
  const line =
    base.line ??
    createFakeLine({
      timeScale: base.timeScale ?? 0.01,
      ...(base.failAt === undefined ? {} : { failAt: base.failAt }),
    });
  const clock = base.clock ?? { now: () => Date.now(), monotonic: () => performance.now() };
  let releaseStore: () => void = () => undefined;
  return {
    directory,
    cloneRoot,
    line,
    images,
    log,
    open: async (options = {}) => {
      const merged = { ...base, ...options };
      const info = openInformationSystem({ directory: join(directory, 'data'), clock, log });
      releaseStore = info.close;
      const plant = await createPlant({
        name: merged.name ?? 'plant-1',
        lines: [merged.line ?? line, ...(merged.otherLines ?? [])],
        warehouse: merged.warehouse ?? {
          images: () => images,
          get: (name) => images.find(({ descriptor }) => descriptor.name === name),
          onChange: () => () => undefined,
        },
        info: merged.aroundInfo?.(info) ?? info,
        cloneRoot,
        limits: { ...DEFAULT_LIMITS, memoryMiB: 16_384, ...merged.limits },
        deadlines: { ...QUICK, ...merged.deadlines },
        clock,
        random: (count) => randomBytes(count),
        log,
        crashPoint: merged.crashPoint ?? NO_CRASH,
        ...(merged.prepare === undefined || merged.prepare === 'none' ? {} : { prepare: merged.prepare }),
        background: { quietMilliseconds: 1, everyMilliseconds: 20 },
        costModels: DEFAULT_COST_MODELS,
        // Asked by the tests themselves, or not at all.
        monitor: { intervalMilliseconds: 3_600_000, answerMilliseconds: 500 },
      });
      return { plant, abandon: info.close };
    },
    releaseStore: () => releaseStore(),
    clones: async () => await readdir(cloneRoot).catch(() => []),
    remove: async () => {
      for (const name of await readdir(cloneRoot).catch(() => [])) {
        await line
          .discard(join(cloneRoot, name), undefined, AbortSignal.timeout(5_000))
          .catch(() => undefined);
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let numbers = 0;

/** A VMID that no other call gave. */
export function newVmid(): string {
  numbers += 1;
  const letters = numbers
    .toString(4)
    .split('')
    .map((digit) => 'abcd'[Number(digit)])
    .join('');
  return `vm-${letters.padStart(26, 'z')}`;
}

/** An order for the fake line; the actions in the plain shape of requests. */
export function fakeOrder(
  actions: readonly object[] = [],
  rest: Readonly<Record<string, unknown>> = {},
): Order {
  return createOrder({ hardware: { memory: 256 }, operatingSystem: { name: 'fake' }, actions, ...rest });
}

/** A signal that is never aborted; any number of calls may share it. */
export const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** Follows a production to its end. */
export async function produce(
  plant: Plant,
  order: Order,
  options: {
    readonly vmid?: string;
    readonly keepFailed?: boolean;
    readonly claimWithinSeconds?: number;
  } = {},
): Promise<{ readonly vm: Vm; readonly events: readonly ProduceEvent[] }> {
  const request = {
    vmid: options.vmid ?? newVmid(),
    order,
    keepFailed: options.keepFailed ?? false,
    claimWithinSeconds: options.claimWithinSeconds ?? 0,
  };
  const events: ProduceEvent[] = [];
  for await (const event of plant.produce(request, NEVER)) events.push(event);
  const last = events.at(-1);
  if (last?.kind !== 'vm') throw new Error(`expected a VM at the end, found ${JSON.stringify(last)}`);
  return { vm: last.vm, events };
}
