import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocatedImage } from '../model/goldenImage.js';
import type { CloneSpec, Machine } from '../plant/line/line.js';
import { withDeadline } from '../plant/untilAborted.js';
import { type BenchContext, type Benchmark, type Measurement, measurement, median } from './measurement.js';
import { baseImage } from './support/baseImage.js';
import { guestScript } from './support/guestScript.js';
import { edgesScript, standstill, tickingScript } from './support/standstill.js';
import { type Surroundings, warehouseOf } from './support/surroundings.js';
import { untilReady } from './support/untilReady.js';
import { inWorkplace, type Workplace } from './support/workplace.js';

const MEMORY_MIB = 512;
const ROUNDS = 5;
/** What was promised. */
const LIMIT_MILLISECONDS = 1000;
const LOG = '/run/ticks';
/** In which the VM's log counts: it cannot show less. */
const TICK_MILLISECONDS = 10;
/** Of the log before and after, so that there are whole seconds on either side of what is measured. */
const MARGIN_MILLISECONDS = 3500;
const DEADLINE_MILLISECONDS = 120_000;

/**
 * `publish-pause`: how long a Debian VM of 512 MiB stands still, by its own log, when it is copied with its
 * memory for publishing; against one second. `publish-pause-quiet`: the same against its log of a time without anything.
 * `publish-pause-told`: what the plant tells of the pause, against the log.
 */
export function publishPause(surroundings: Surroundings): Benchmark {
  return {
    name: 'publish-pause',
    async *run(context) {
      yield* await inWorkplace(surroundings, context, (place) => measure(surroundings, context, place));
    },
  };
}

async function measure(
  surroundings: Surroundings,
  context: BenchContext,
  place: Workplace,
): Promise<readonly Measurement[]> {
  const { report, signal } = context;
  const warehouse = warehouseOf(surroundings);
  const wanted = { warehouse, name: 'debian-12', base: 'debian-12', memoryMiB: MEMORY_MIB } as const;
  const image = await baseImage(surroundings, wanted, place.data, context);
  const machine = await runClone(place, image, signal);
  const rounds = { logged: [] as number[], quiet: [] as number[], told: [] as number[] };
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const publishing = await logged(context, machine, () => copy(machine, place, signal));
      const quiet = await logged(context, machine, () => delay(publishing.took, undefined, { signal }));
      rounds.told.push(publishing.value);
      rounds.logged.push(publishing.standstill);
      rounds.quiet.push(quiet.standstill);
      const [seen, told, without] = [publishing.standstill, publishing.value, quiet.standstill].map((one) =>
        one.toFixed(0),
      );
      report(
        `  round ${round} of ${ROUNDS}: ${seen} ms by the VM's log, ${told} ms told, ${without} ms without`,
      );
    }
  } finally {
    machine.release();
  }
  const seen = median(rounds.logged);
  return [
    measurement('publish-pause', 'ms', seen, LIMIT_MILLISECONDS),
    measurement('publish-pause-quiet', 'ms', seen, Math.max(TICK_MILLISECONDS, median(rounds.quiet))),
    measurement('publish-pause-told', 'ms', median(rounds.told), seen),
  ];
}

/** Does the work while the VM logs its clocks. Gives what the log shows, read from the VM afterwards. */
async function logged<T>(
  { now, signal }: BenchContext,
  machine: Machine,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly standstill: number; readonly took: number }> {
  await guestScript(machine, tickingScript(LOG), signal);
  await delay(MARGIN_MILLISECONDS, undefined, { signal });
  const began = now();
  const value = await work();
  const took = now() - began;
  await delay(MARGIN_MILLISECONDS, undefined, { signal });
  return { value, took, standstill: standstill(await guestScript(machine, edgesScript(LOG), signal)) };
}

/** Copies the machine as publishing does. Gives what it tells of the pause, in milliseconds. */
async function copy(machine: Machine, { newClone }: Workplace, signal: AbortSignal): Promise<number> {
  const directory = newClone();
  await mkdir(directory);
  try {
    const { pausedMilliseconds } = await withDeadline(signal, DEADLINE_MILLISECONDS, (until) =>
      machine.snapshot({ directory, memory: true }, until),
    );
    return pausedMilliseconds;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Whoever made the workplace ends it. */
async function runClone(
  { line, newClone }: Workplace,
  image: LocatedImage,
  signal: AbortSignal,
): Promise<Machine> {
  const { vcpus, memoryMiB } = image.descriptor.hardware;
  const spec: CloneSpec = {
    vmid: `bench-${randomBytes(6).toString('hex')}`,
    directory: newClone(),
    image,
    rung: 'warm',
    vcpus,
    memoryMiB,
    network: 'host-only',
    macs: ['52:54:00:00:00:01'],
    generationId: randomUUID(),
    purpose: 'vm',
  };
  return await withDeadline(signal, DEADLINE_MILLISECONDS, async (until) => {
    await line.clone(spec, until);
    const machine = await line.start(spec, until);
    await machine.run(until);
    await untilReady(machine, until);
    return machine;
  });
}
