import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createOrder } from '../model/createOrder.js';
import type { LocatedImage } from '../model/goldenImage.js';
import type { Order } from '../model/order.js';
import type { Vm } from '../model/vm.js';
import type { Plant } from '../plant/plant.js';
import { type BenchContext, type Benchmark, type Measurement, measurement } from './measurement.js';
import { type BaseImage, baseImage } from './support/baseImage.js';
import { openPlant } from './support/openPlant.js';
import { benchWarehouseOf, type Surroundings, warehouseOf } from './support/surroundings.js';
import { type Finished, timeAlternately } from './support/timeAlternately.js';
import { inWorkplace } from './support/workplace.js';

const PAIRS = { warmUp: 2, pairs: 15 };

/** One waits; none is made while one of them is measured. */
const PREPARE = { memoryMiB: 4096, spare: 1, maxPerImage: 4 };

/**
 * Seconds from the request to the plant to its VM's classad, for an order of which the image brings everything but one
 * small identity action: served by a machine that was resumed ahead and waits, against by a clone that is resumed for it.
 *
 * `prepared`: the Debian image. `prepared-micro`: the micro image, whose guest does little when it is given its identity.
 */
export function prepared(surroundings: Surroundings): Benchmark {
  const debian = { name: 'debian-12', base: 'debian-12', memoryMiB: 512 } as const;
  const micro = { name: 'micro-256', base: 'micro', memoryMiB: 256 } as const;
  return {
    name: 'prepared',
    async *run(context) {
      yield await measure('prepared', surroundings, context, {
        ...debian,
        warehouse: warehouseOf(surroundings),
      });
      yield await measure('prepared-micro', surroundings, context, {
        ...micro,
        warehouse: benchWarehouseOf(surroundings),
      });
    },
  };
}

function measure(
  name: string,
  surroundings: Surroundings,
  context: BenchContext,
  wanted: BaseImage,
): Promise<Measurement> {
  return inWorkplace(surroundings, context, async ({ line, data }) => {
    const image = await baseImage(surroundings, wanted, data, context);
    const [keeps, clones] = await Promise.all([
      openPlant(line, image, data, PREPARE),
      openPlant(line, image, join(data, 'against'), undefined),
    ]);
    try {
      // What nobody asked for is not prepared.
      const first = await create(keeps, image, context.signal);
      await keeps.collect(first.vmid, context.signal);
      await untilPrepared(keeps, context);
      context.report(`${name}: a machine of ${image.descriptor.name} that waits against a clone of it`);
      const { measured, against } = await timeAlternately(context, PAIRS, {
        measured: () => timedCreate(keeps, image, true, context, () => untilPrepared(keeps, context)),
        against: () => timedCreate(clones, image, false, context, async () => undefined),
      });
      return measurement(name, 's', measured / 1000, against / 1000);
    } finally {
      for (const plant of [keeps, clones]) {
        for (const { vmid } of plant.list(undefined)) await plant.collect(vmid, AbortSignal.timeout(30_000));
        await plant.close();
      }
    }
  });
}

async function timedCreate(
  plant: Plant,
  image: LocatedImage,
  isPrepared: boolean,
  { signal }: BenchContext,
  settled: () => Promise<void>,
): Promise<Finished> {
  const vm = await create(plant, image, signal);
  return {
    check: async () => {
      if (vm.rung !== 'warm' || vm.classad.Prepared !== isPrepared || vm.classad.MARK !== vm.hostname) {
        const { Prepared, MARK } = vm.classad;
        throw new Error(
          `not the VM that was to be measured: ${JSON.stringify({ rung: vm.rung, Prepared, MARK })}`,
        );
      }
    },
    undo: async () => {
      await plant.collect(vm.vmid, AbortSignal.timeout(30_000));
      await settled();
    },
  };
}

async function create(plant: Plant, { descriptor }: LocatedImage, signal: AbortSignal): Promise<Vm> {
  const vmid = `bench-${randomBytes(6).toString('hex')}`;
  for await (const event of plant.produce({ vmid, order: order(descriptor), keepFailed: false }, signal)) {
    if (event.kind === 'vm') return event.vm;
  }
  throw new Error('the plant answered without a VM');
}

/** Never the same twice: the mark is a new one. */
function order({ hardware, operatingSystem }: LocatedImage['descriptor']): Order {
  const hostname = `bench-${randomBytes(6).toString('hex')}`;
  return createOrder({
    hardware: { memory: hardware.memoryMiB },
    operatingSystem: { name: operatingSystem.name },
    identity: { hostname },
    actions: [
      {
        name: 'mark',
        parameters: { mark: { identity: 'hostname' } },
        script: 'echo "MARK=$PARAM_mark" >> "$VMPLANTS_ATTRIBUTES"\n',
      },
    ],
  });
}

const POLL_MILLISECONDS = 50;

/** Until as many machines wait as are to wait: the plant then has nothing to do in the background. */
async function untilPrepared(plant: Plant, { signal, now }: BenchContext): Promise<void> {
  const deadline = now() + 120_000;
  for (;;) {
    const [point] = plant.prepared();
    if (point !== undefined && point.wanted > 0 && point.waiting === point.wanted) return;
    if (now() > deadline) throw new Error('no machine was prepared within two minutes');
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    signal.throwIfAborted();
  }
}
