import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plant } from '../plant/plant.js';
import type { VmRequest } from '../shop/client.js';
import { type BenchContext, type Benchmark, type Measurement, measurement, median } from './measurement.js';
import { openRacingPlant, openRacingShop, type RacingPlant, type RacingShop } from './support/racingShops.js';
import type { Surroundings } from './support/surroundings.js';

const RACES = 10_000;
const WARM_UP = 20;
/** As many creations that do not race are measured as one in so many races. */
const ONE_IN = 10;
const REPORT_EVERY = 1_000;
/** More than both shops need: nobody races for its places. */
const PLENTY = 64;

const REQUEST: VmRequest = { operatingSystem: { name: 'fake' }, hardware: { memory: 64 } };

/**
 * Two shops that want the last place of the same plant at the same moment, over real gRPC, on plants with the fake
 * line; another plant, which is dearer, has room. `races-oversold`: VMs on the plant above its one place, in 10,000
 * races. `races`: milliseconds until both shops' creations are done, against two at once that do not race.
 */
export function races({ temporaryDirectory }: Pick<Surroundings, 'temporaryDirectory'>): Benchmark {
  return {
    name: 'races',
    run: async function* (context) {
      const directory = await mkdtemp(join(temporaryDirectory, 'vmplants-races-'));
      try {
        yield* race(context, directory);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

async function* race(context: BenchContext, directory: string): AsyncIterable<Measurement> {
  const plants: RacingPlant[] = [];
  const shops: RacingShop[] = [];
  const open = async (name: string, cost: number, places: number): Promise<RacingPlant> => {
    const plant = await openRacingPlant(name, cost, places, join(directory, name));
    plants.push(plant);
    return plant;
  };
  const shopsOver = async (over: readonly RacingPlant[]): Promise<readonly RacingShop[]> => {
    const opened = [await openRacingShop(over, context.seed), await openRacingShop(over, context.seed + 1)];
    shops.push(...opened);
    return opened;
  };
  try {
    const last = await open('last', 1, 1);
    const dear = await open('dear', 2, PLENTY);
    const roomy = await open('roomy', 1, PLENTY);
    const racing = await shopsOver([last, dear]);
    const calm = await shopsOver([roomy, dear]);
    const times = { raced: [] as number[], calm: [] as number[] };
    let oversold = 0;
    for (let number = -WARM_UP; number < RACES; number++) {
      context.signal.throwIfAborted();
      const raced = await createAtOnce(context, racing);
      oversold += Math.max(0, last.plant.list(undefined).length - 1);
      await collectAll(context, [last.plant, dear.plant]);
      if (number >= 0) times.raced.push(raced);
      if (number % ONE_IN === 0) {
        const unraced = await createAtOnce(context, calm);
        await collectAll(context, [roomy.plant, dear.plant]);
        if (number >= 0) times.calm.push(unraced);
      }
      if (number > 0 && number % REPORT_EVERY === 0)
        context.report(`races: ${number} of ${RACES}, ${oversold} oversold`);
    }
    yield measurement('races-oversold', 'VMs', oversold, RACES);
    yield measurement('races', 'ms', median(times.raced), median(times.calm));
  } finally {
    for (const shop of shops) await shop.close();
    for (const plant of plants) await plant.close();
  }
}

/** Milliseconds until all of the shops have created a VM. Rejects when one could not. */
async function createAtOnce({ now, signal }: BenchContext, shops: readonly RacingShop[]): Promise<number> {
  const began = now();
  await Promise.all(shops.map(({ client }) => client.create(REQUEST, { signal })));
  return now() - began;
}

async function collectAll({ signal }: BenchContext, plants: readonly Plant[]): Promise<void> {
  await Promise.all(
    plants.flatMap((plant) => plant.list(undefined).map(({ vmid }) => plant.collect(vmid, signal))),
  );
}
