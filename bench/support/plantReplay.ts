import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrder } from '../../model/createOrder.js';
import type { Order } from '../../model/order.js';
import { bakeBase } from '../../plant/bake/bakeBase.js';
import type { BakeParts } from '../../plant/bake/bakeParts.js';
import type { Clock } from '../../plant/clock.js';
import { openInformationSystem } from '../../plant/info/informationSystem.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, NO_CRASH } from '../../plant/parts.js';
import { DEFAULT_COST_MODELS } from '../../plant/planner/cost.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import { makeFakeImage } from '../../test/conformance/fakeSubject.js';
import { openWarehouse } from '../../warehouse/warehouse.js';
import { discardClones } from './discardClones.js';
import type { Surroundings } from './surroundings.js';
import type { Arrival } from './trace.js';

const MEMORY_MIB = 32;
const NOTHING = (): undefined => undefined;
const SILENT = { info: NOTHING, warn: NOTHING, error: NOTHING };

/**
 * Replays a trace on a whole plant with the fake line: it produces every order, remembers it, decides, bakes into a
 * real warehouse directory and evicts. The guest's scripts sleep for as long as their actions take, in its own time,
 * which passes at once. Between orders the plant has as long as it wants.
 *
 * @param images how many images it may keep; their bytes do not count, because fake actions leave none
 * @returns mean seconds of work that the images did not bring
 */
export async function replayOnPlant(
  trace: readonly Arrival[],
  images: number,
  { temporaryDirectory, toolEnvironment }: Pick<Surroundings, 'temporaryDirectory' | 'toolEnvironment'>,
  signal: AbortSignal,
): Promise<number> {
  // Short: sockets lie in it.
  const directory = await mkdtemp(join(temporaryDirectory, 'vmplants-learn-'));
  try {
    return await replayIn(directory, trace, images, toolEnvironment, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function replayIn(
  directory: string,
  trace: readonly Arrival[],
  images: number,
  toolEnvironment: BakeParts['toolEnvironment'],
  signal: AbortSignal,
): Promise<number> {
  const time = { now: Date.UTC(2026, 0, 1) };
  const clock: Clock = { now: () => time.now, monotonic: () => performance.now() };
  const parts: BakeParts = {
    line: createFakeLine({ timeScale: 0 }),
    warehouseDirectory: join(directory, 'warehouse'),
    scratchRoot: join(directory, 'scratch'),
    toolEnvironment,
    deadlines: DEFAULT_DEADLINES,
    clock,
    random: (count) => randomBytes(count),
    log: SILENT,
  };
  await bakeFakeBase(directory, parts, signal);
  const warehouse = await openWarehouse({ directory: parts.warehouseDirectory, signal, log: SILENT });
  const cloneRoot = join(directory, 'vms');
  try {
    const plant = await createPlant({
      name: 'bench',
      lines: [parts.line],
      warehouse,
      info: openInformationSystem({ directory: join(directory, 'data'), clock, log: SILENT }),
      cloneRoot,
      limits: { ...DEFAULT_LIMITS, memoryMiB: 1024 },
      deadlines: DEFAULT_DEADLINES,
      clock,
      random: parts.random,
      log: SILENT,
      crashPoint: NO_CRASH,
      costModels: DEFAULT_COST_MODELS,
      background: { quietMilliseconds: 0, everyMilliseconds: 3_600_000 },
      making: {
        warehouseDirectory: parts.warehouseDirectory,
        scratchRoot: parts.scratchRoot,
        toolEnvironment: parts.toolEnvironment,
        refresh: warehouse.refresh,
        problems: warehouse.problems,
        learning: {
          enabled: true,
          budget: { bytes: Number.MAX_SAFE_INTEGER, images },
          decideEveryMilliseconds: 0,
        },
      },
    });
    try {
      let residual = 0;
      for (const [number, arrival] of trace.entries()) {
        time.now += Math.round(arrival.gapSeconds * 1000);
        await plant.settled();
        signal.throwIfAborted();
        const seconds = await serve(plant, arrival, number, signal);
        residual += seconds;
        time.now += Math.round(seconds * 1000);
      }
      return residual / trace.length;
    } finally {
      await plant.close();
    }
  } finally {
    await discardClones(parts.line, cloneRoot);
    await warehouse.close();
  }
}

/** Produces the order and removes its VM; gives the seconds of what its image had not performed. */
async function serve(plant: Plant, arrival: Arrival, number: number, signal: AbortSignal): Promise<number> {
  const vmid = `vm-${number
    .toString(4)
    .replace(/./g, (digit) => 'abcd'[Number(digit)] ?? '')
    .padStart(26, 'z')}`;
  let image: string | undefined;
  for await (const event of plant.produce({ vmid, order: orderOf(arrival), keepFailed: false }, signal)) {
    if (event.kind === 'vm') image = event.vm.image;
  }
  const performed = new Set(
    plant
      .images()
      .find(({ name }) => name === image)
      ?.performed.map(({ name }) => name),
  );
  await plant.collect(vmid, signal);
  return arrival.recipe.actions
    .filter(({ name }) => !performed.has(actionName(name)))
    .reduce((sum, { seconds }) => sum + seconds, 0);
}

function orderOf({ recipe, written }: Arrival): Order {
  return createOrder({
    hardware: { memory: MEMORY_MIB },
    operatingSystem: { name: 'fake' },
    actions: written.flatMap((place) => {
      const action = recipe.actions[place];
      if (action === undefined) return [];
      return [
        {
          name: actionName(action.name),
          after: (recipe.after[place] ?? []).map((before) => actionName(recipe.actions[before]?.name ?? '')),
          script: `# ${action.name}\nsleep ${action.seconds}\n`,
        },
      ];
    }),
  });
}

function actionName(name: string): string {
  return name.replaceAll(' ', '-');
}

/** Makes the warehouse of the parts, with a base image for the fake line in it. @param directory to work in, absolute */
export async function bakeFakeBase(directory: string, parts: BakeParts, signal: AbortSignal): Promise<void> {
  await mkdir(parts.warehouseDirectory);
  const { descriptor, directory: assembled } = await makeFakeImage(join(directory, 'assembled'));
  await bakeBase(
    parts,
    {
      name: 'base',
      assembled: {
        directory: assembled,
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
    signal,
  );
}
