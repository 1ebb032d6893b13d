import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { ProductionLine } from '../../plant/line/line.js';
import type { Plant } from '../../plant/plant.js';
import { createPlantHandlers } from '../../plant/server.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { qemuSubject } from '../conformance/qemuSubject.js';
import { openRealPlant } from './plantProcess.js';

/** What a process that serves a plant is told, as JSON in a file. */
export interface ServedPlantTask {
  readonly directory: string;
  readonly images: readonly LocatedImage[];
}

export interface ServedPlant {
  readonly plant: Plant;
  readonly server: RunningServer;
}

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A plant on real VMs, served on a free port. @param surcharge what it asks for above what its cost models say */
export async function serveRealPlant(
  task: ServedPlantTask,
  line: ProductionLine,
  surcharge: number,
): Promise<ServedPlant> {
  const plant = await openRealPlant(task, line);
  const priced: Plant = {
    ...plant,
    bid: (order) => {
      const bid = plant.bid(order);
      return { ...bid, cost: bid.cost + surcharge };
    },
  };
  const handlers = createPlantHandlers({ plant: priced, logger: quiet, version: 'test' });
  const server = await serve({ address: '127.0.0.1:0', services: [plantService(handlers)], logger: quiet });
  return { plant, server };
}

/** The same in a process of its own, which may be killed; ready once it has said its address. */
export async function startServedPlant(
  task: ServedPlantTask,
): Promise<{ readonly address: string; readonly child: ChildProcess }> {
  const file = join(task.directory, 'task.json');
  writeFileSync(file, JSON.stringify(task));
  const child = spawn(process.execPath, ['--import', 'tsx', resolve('test/fault/servedPlant.ts')], {
    cwd: resolve('.'),
    env: { PATH: process.env.PATH, SERVED_PLANT_TASK: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) })) as [Buffer];
  return { address: said.toString().trim(), child };
}

const taskFile = process.env.SERVED_PLANT_TASK;
if (taskFile !== undefined) {
  const task = JSON.parse(readFileSync(taskFile, 'utf8')) as ServedPlantTask;
  const { server } = await serveRealPlant(task, await qemuSubject.create(), 0);
  process.stdout.write(`${server.address}\n`);
}
