import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plant } from '../plant/plant.js';
import type { VmRequest } from '../shop/client.js';
import { type BenchContext, type Benchmark, measurement, median } from './measurement.js';
import { openRacingPlant, openRacingShop, type RacingPlant, type RacingShop } from './support/racingShops.js';
import type { Surroundings } from './support/surroundings.js';

const RACES = 10_000;
const WARM_UP = 5;
/** As many creations that do not race are measured as one in so many races. */
const ONE_IN = 10;
const REPORT_EVERY = 1_000;
/** More than all shops need: nobody races for its places. */
const PLENTY = 64;
/** Shops that race with one another; a third of the races each. */
const FIELDS = [2, 3, 4];

const REQUEST: VmRequest = { operatingSystem: { name: 'fake' }, hardware: { memory: 64 } };

/**
 * Two, three and four shops that want the last place of the same plant at the same moment, over real gRPC, on plants with
 * the fake line; another plant, which is dearer, has room. `races-oversold`: VMs on the plant above its one place, in
 * 10,000 races. `races`: milliseconds until all shops' creations are done, against as many at once that do not race.
 */
export function races({ temporaryDirectory }: Pick<Surroundings, 'temporaryDirectory'>): Benchmark {
  return {
    name: 'races',
    run: async function* (context) {
      const directory = await mkdtemp(join(temporaryDirectory, 'vmplants-races-'));
      try {
        const results: FieldResult[] = [];
        for (const shops of FIELDS) {
          const rounds = Math.ceil(RACES / FIELDS.length);
          results.push(await raceOf(shops, rounds, context, join(directory, String(shops))));
        }
        const races = results.reduce((sum, { raced }) => sum + raced.length, 0);
        const oversold = results.reduce((sum, result) => sum + result.oversold, 0);
        yield measurement('races-oversold', 'VMs', oversold, races);
        for (const [index, { raced, calm }] of results.entries())
          yield measurement(`races-${FIELDS[index]}-shops`, 'ms', median(raced), median(calm));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

interface FieldResult {
  readonly oversold: number;
  /** Milliseconds of every race, and of as many creations at once that did not race. */
  readonly raced: readonly number[];
  readonly calm: readonly number[];
}

async function raceOf(
  field: number,
  rounds: number,
  context: BenchContext,
  directory: string,
): Promise<FieldResult> {
  const plants: RacingPlant[] = [];
  const shops: RacingShop[] = [];
  const open = async (name: string, cost: number, places: number): Promise<RacingPlant> => {
    const plant = await openRacingPlant(name, cost, places, join(directory, name));
    plants.push(plant);
    return plant;
  };
  const shopsOver = async (over: readonly RacingPlant[]): Promise<readonly RacingShop[]> => {
    const opened: RacingShop[] = [];
    for (let number = 0; number < field; number++)
      opened.push(await openRacingShop(over, context.seed + number));
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
    for (let number = -WARM_UP; number < rounds; number++) {
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
        context.report(`races of ${field} shops: ${number} of ${rounds}, ${oversold} oversold`);
    }
    return { oversold, ...times };
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
