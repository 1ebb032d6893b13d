import { randomBytes, randomUUID } from 'node:crypto';
import type { LocatedImage } from '../model/goldenImage.js';
import type { CloneSpec, Machine, ProductionLine } from '../plant/line/line.js';
import { withDeadline } from '../plant/untilAborted.js';
import { type BenchContext, type Benchmark, type Measurement, measurement } from './measurement.js';
import { type BaseImage, baseImage } from './support/baseImage.js';
import { benchWarehouseOf, type Surroundings } from './support/surroundings.js';
import { type Finished, timeAlternately } from './support/timeAlternately.js';
import { untilReady } from './support/untilReady.js';
import { inWorkplace } from './support/workplace.js';

const LARGE_MIB = 4096;
const SMALL_MIB = 256;
const PAIRS = { warmUp: 3, pairs: 41 };
const DEADLINE_MILLISECONDS = 60_000;

/**
 * `clone-vs-memory`: milliseconds of the cloning step (clone, start, run) from a golden image with 4 GiB of memory,
 * against one with 256 MiB.
 */
export function cloneVsMemory(surroundings: Surroundings): Benchmark {
  return {
    name: 'clone-vs-memory',
    async *run(context) {
      yield await measure(surroundings, context);
    },
  };
}

function measure(surroundings: Surroundings, context: BenchContext): Promise<Measurement> {
  return inWorkplace(surroundings, context, async ({ line, data, newClone }) => {
    const warehouse = benchWarehouseOf(surroundings);
    const micro = (memoryMiB: number): BaseImage => ({
      warehouse,
      name: `micro-${memoryMiB}`,
      base: 'micro',
      memoryMiB,
    });
    const large = await baseImage(surroundings, micro(LARGE_MIB), data, context);
    const small = await baseImage(surroundings, micro(SMALL_MIB), data, context);
    context.report(`clone-vs-memory: ${LARGE_MIB} MiB against ${SMALL_MIB} MiB`);
    const { measured, against } = await timeAlternately(context, PAIRS, {
      measured: () => cloneAndRun(line, large, newClone(), context.signal),
      against: () => cloneAndRun(line, small, newClone(), context.signal),
    });
    return measurement('clone-vs-memory', 'ms', measured, against);
  });
}

async function cloneAndRun(
  line: ProductionLine,
  image: LocatedImage,
  directory: string,
  signal: AbortSignal,
): Promise<Finished> {
  const { vcpus, memoryMiB } = image.descriptor.hardware;
  const spec: CloneSpec = {
    vmid: `bench-${randomBytes(6).toString('hex')}`,
    directory,
    image,
    rung: 'warm',
    vcpus,
    memoryMiB,
    network: 'host-only',
    macs: ['52:54:00:00:00:01'],
    generationId: randomUUID(),
    purpose: 'vm',
  };
  let machine: Machine | undefined;
  const undo = async (): Promise<void> => {
    machine?.release();
    await line.discard(directory, machine?.process, AbortSignal.timeout(DEADLINE_MILLISECONDS));
  };
  try {
    const started = await withDeadline(signal, DEADLINE_MILLISECONDS, async (until) => {
      await line.clone(spec, until);
      machine = await line.start(spec, until);
      await machine.run(until);
      return machine;
    });
    const check = (): Promise<void> =>
      withDeadline(signal, DEADLINE_MILLISECONDS, (until) => untilReady(started, until));
    return { check, undo };
  } catch (error) {
    await undo();
    throw error;
  }
}
