import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openInformationSystem } from '../../plant/info/informationSystem.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, NO_CRASH } from '../../plant/parts.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import { createPlantHandlers } from '../../plant/server.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { fixedList } from '../../registry/fixedList.js';
import { connectVmshop, type VmshopClient } from '../../shop/client.js';
import { seededRandom } from '../../shop/random.js';
import { createShop } from '../../shop/server.js';
import { makeFakeImage } from '../../test/conformance/fakeSubject.js';

const NOTHING = (): undefined => undefined;
const SILENT = { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };

/** A plant on the fake line, with a server socket of its own. */
export interface RacingPlant {
  readonly plant: Plant;
  readonly address: string;
  close(): Promise<void>;
}

/** @param cost what it asks for, whatever the order; @param data its data directory, absolute */
export async function openRacingPlant(
  name: string,
  cost: number,
  maxVms: number,
  data: string,
): Promise<RacingPlant> {
  await mkdir(data, { recursive: true });
  const image = await makeFakeImage(join(data, 'image'));
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const plant = await createPlant({
    name,
    lines: [createFakeLine({ timeScale: 0 })],
    warehouse: { images: () => [image], get: () => image, onChange: () => NOTHING },
    info: openInformationSystem({ directory: data, clock, log: SILENT }),
    cloneRoot: join(data, 'vms'),
    limits: { ...DEFAULT_LIMITS, maxVms, memoryMiB: 64 * 1024 },
    deadlines: DEFAULT_DEADLINES,
    clock,
    random: (count) => randomBytes(count),
    log: SILENT,
    crashPoint: NO_CRASH,
    costModels: [() => ({ name: 'fixed', cost, basis: 'the same for every order' })],
  });
  const handlers = createPlantHandlers({ plant, logger: SILENT, version: 'bench' });
  const service = plantService(handlers);
  const server: RunningServer = await serve({ address: '127.0.0.1:0', services: [service], logger: SILENT });
  return {
    plant,
    address: server.address,
    close: async () => {
      await server.stop(0);
      await plant.close();
    },
  };
}

/** A client of a shop over the plants. */
export interface RacingShop {
  readonly client: VmshopClient;
  close(): Promise<void>;
}

export async function openRacingShop(
  plants: readonly Pick<RacingPlant, 'address'>[],
  seed: number,
): Promise<RacingShop> {
  const shop = createShop({
    registry: fixedList(plants.map(({ address }) => address)),
    logger: SILENT,
    now: () => performance.now(),
    random: seededRandom(seed),
    randomBytes,
    // What is measured is who wins, not who is late on a busy machine.
    limits: { bidMilliseconds: 60_000, askMilliseconds: 60_000, reserveMilliseconds: 60_000 },
  });
  const server = await serve({ address: '127.0.0.1:0', services: [shop.service], logger: SILENT });
  const client = connectVmshop({ address: server.address });
  return {
    client,
    close: async () => {
      client.close();
      await server.stop(0);
      await shop.close(0);
    },
  };
}
