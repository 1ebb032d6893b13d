import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { LocatedImage } from '../../model/goldenImage.js';
import { cloneRoot } from '../../plant/cli/layout.js';
import { openInformationSystem } from '../../plant/info/informationSystem.js';
import type { ProductionLine } from '../../plant/line/line.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, type PlantDeadlines } from '../../plant/parts.js';
import { DEFAULT_COST_MODELS } from '../../plant/planner/cost.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import type { PrepareLimits } from '../../plant/prepare/decidePrepared.js';
import { crashPointAt } from '../../plant/produce/crashPoint.js';
import { qemuSubject } from '../conformance/qemuSubject.js';
import { fakeOrder, produce } from '../plant/produce/rig.js';

/** What a plant process is told, as JSON in a file. */
export interface PlantTask {
  readonly directory: string;
  readonly images: readonly LocatedImage[];
  readonly vmid: string;
  /** Where it kills itself; absent: once the VM is there. */
  readonly crashAt?: string;
  /** An action that fails, so that the production is rolled back. */
  readonly fails: boolean;
  readonly prepare?: PrepareLimits;
  /** A VM that is made before; then it waits until `prepare.spare` machines wait. */
  readonly firstVmid?: string;
}

export const MICRO_ORDER = (fails: boolean) =>
  fakeOrder([{ name: 'work', script: fails ? 'exit 3\n' : 'echo kept > /kept\n' }], {
    hardware: { memory: 128 },
    operatingSystem: { name: 'micro' },
  });

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A plant on real VMs in the directory. */
export async function openRealPlant(
  task: Pick<PlantTask, 'directory' | 'images' | 'crashAt' | 'prepare'>,
  line: ProductionLine,
  deadlines: Partial<PlantDeadlines> = {},
): Promise<Plant> {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return await createPlant({
    name: 'plant-1',
    lines: [line],
    warehouse: {
      images: () => task.images,
      get: (name) => task.images.find(({ descriptor }) => descriptor.name === name),
      onChange: () => () => undefined,
    },
    info: openInformationSystem({ directory: task.directory, clock, log: quiet }),
    cloneRoot: cloneRoot(task.directory),
    limits: { ...DEFAULT_LIMITS, memoryMiB: 4096 },
    deadlines: { ...DEFAULT_DEADLINES, stopGraceMilliseconds: 100, ...deadlines },
    clock,
    random: (count) => randomBytes(count),
    log: quiet,
    crashPoint: crashPointAt(task.crashAt, die),
    costModels: DEFAULT_COST_MODELS,
    ...(task.prepare === undefined ? {} : { prepare: task.prepare }),
    background: { quietMilliseconds: 50, everyMilliseconds: 500 },
  });
}

/** Until that many machines wait. */
export async function untilWaiting(plant: Plant, count: number): Promise<void> {
  while (plant.describe().snapshot.prepared.count !== count) await after(50);
}

/** As the kernel kills: nothing is closed, nobody is told. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Run as a program, with the task's file: produces one VM and dies. */
const taskFile = process.env.PLANT_TASK;
if (taskFile !== undefined) {
  const task = JSON.parse(readFileSync(taskFile, 'utf8')) as PlantTask;
  const plant = await openRealPlant(task, await qemuSubject.create());
  if (task.firstVmid !== undefined && task.prepare !== undefined) {
    await produce(plant, MICRO_ORDER(false), { vmid: task.firstVmid });
    await untilWaiting(plant, task.prepare.spare);
  }
  await produce(plant, MICRO_ORDER(task.fails), { vmid: task.vmid }).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
  });
  if (task.crashAt === undefined) die();
  process.exitCode = 9;
}
