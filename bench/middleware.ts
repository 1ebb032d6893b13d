import { randomBytes } from 'node:crypto';
import { createPlantHandlers } from '../plant/server.js';
import { plantService, serve } from '../proto/serve.js';
import { fixedList } from '../registry/fixedList.js';
import { connectVmshop, type VmshopClient } from '../shop/client.js';
import { createShop } from '../shop/server.js';
import { type BenchContext, type Benchmark, type Measurement, measurement, median } from './measurement.js';
import { baseImage } from './support/baseImage.js';
import { CREATE_PHASES, LAST_PHASE, phasesOf } from './support/createPhases.js';
import { createVm } from './support/createVm.js';
import { openPlant } from './support/openPlant.js';
import { type Surroundings, warehouseOf } from './support/surroundings.js';
import { type TimedCall, timedCalls } from './support/timedCalls.js';
import { wantedMachine } from './support/wantedMachine.js';
import { watchedLine } from './support/watchedPlant.js';
import { inWorkplace } from './support/workplace.js';

const MEMORY_MIB = 512;
const CREATIONS = { warmUp: 3, counted: 21 };

/**
 * `middleware`: milliseconds of a creation that neither the monitor nor the guest works, against the whole creation: a
 * Debian clone with account and SSH key, as in `create-vs-cloud-init`, without a prepared machine. `middleware-PHASE`:
 * its parts. `middleware-outside-PHASE`: what the monitor and the guest work. `middleware-store`: what of it the
 * plant's records take, in whichever phase.
 *
 * Client, shop and plant talk over gRPC as ever but share one process here, and so one clock.
 */
export function middleware(surroundings: Surroundings): Benchmark {
  return {
    name: 'middleware',
    async *run(context) {
      yield* await measure(surroundings, context);
    },
  };
}

interface Creation {
  readonly milliseconds: number;
  readonly phases: ReadonlyMap<string, number>;
  readonly store: number;
}

function measure(surroundings: Surroundings, context: BenchContext): Promise<readonly Measurement[]> {
  return inWorkplace(surroundings, context, async ({ line, data }) => {
    const warehouse = warehouseOf(surroundings);
    const wanted = { warehouse, name: 'debian-12', base: 'debian-12', memoryMiB: MEMORY_MIB } as const;
    const image = await baseImage(surroundings, wanted, data, context);
    const calls: TimedCall[] = [];
    const note = (call: TimedCall): void => {
      calls.push(call);
    };
    const plant = await openPlant(watchedLine(line, context.now, note), image, data, undefined, (info) =>
      timedCalls(info, 'info.', context.now, note),
    );
    try {
      return await withShop(timedCalls(plant, 'plant.', context.now, note), async (client) => {
        const creations: Creation[] = [];
        for (let index = -CREATIONS.warmUp; index < CREATIONS.counted; index++) {
          calls.length = 0;
          const creation = await createOnce(client, calls, context);
          if (index >= 0) creations.push(creation);
        }
        return linesOf(creations);
      });
    } finally {
      await plant.close();
    }
  });
}

async function createOnce(
  client: VmshopClient,
  calls: readonly TimedCall[],
  { now, signal, report }: BenchContext,
): Promise<Creation> {
  const machine = wantedMachine(`bench-${randomBytes(6).toString('hex')}`, randomBytes(32));
  const began = now();
  const { check, undo } = await createVm(client, MEMORY_MIB, machine, signal);
  const ended = now();
  try {
    const phases = phasesOf({ began, ended }, calls);
    const store = calls
      .filter(({ name, ended: at }) => name.startsWith('info.') && at <= ended)
      .reduce((sum, call) => sum + call.ended - call.began, 0);
    await check();
    report(`  ${(ended - began).toFixed(0)} ms, ${phases.get('guest')?.toFixed(0)} ms of it the guest's`);
    return { milliseconds: ended - began, phases, store };
  } finally {
    await undo();
  }
}

async function withShop<T>(
  plant: Parameters<typeof createPlantHandlers>[0]['plant'],
  work: (client: VmshopClient) => Promise<T>,
): Promise<T> {
  const silent = (): void => undefined;
  const logger = { info: silent, warn: silent, error: silent };
  const handlers = createPlantHandlers({ plant, logger, version: 'bench' });
  const listen = { address: '127.0.0.1:0', logger };
  const plantServer = await serve({ ...listen, services: [plantService(handlers)] });
  const shop = createShop({
    registry: fixedList([plantServer.address]),
    logger,
    now: () => performance.now(),
    random: Math.random,
    randomBytes,
  });
  const shopServer = await serve({ ...listen, services: [shop.service] });
  const client = connectVmshop({ address: shopServer.address });
  try {
    return await work(client);
  } finally {
    client.close();
    await shopServer.stop(0);
    await shop.close(0);
    await plantServer.stop(0);
  }
}

function linesOf(creations: readonly Creation[]): readonly Measurement[] {
  const whole = median(creations.map(({ milliseconds }) => milliseconds));
  const line = (name: string, of: (creation: Creation) => number): Measurement =>
    measurement(name, 'ms', median(creations.map(of)), whole);
  const phases = [...CREATE_PHASES, LAST_PHASE];
  const ours = phases.filter(({ share }) => share === 'middleware');
  const took = ({ phases: found }: Creation, name: string): number => found.get(name) ?? Number.NaN;
  return [
    line('middleware', (creation) => ours.reduce((sum, { name }) => sum + took(creation, name), 0)),
    ...phases.map(({ name, share }) =>
      line(`middleware-${share === 'middleware' ? '' : 'outside-'}${name}`, (creation) =>
        took(creation, name),
      ),
    ),
    line('middleware-store', ({ store }) => store),
  ];
}
