import { randomBytes } from 'node:crypto';
import type { Plant } from '../../../plant/plant.js';
import { createPlantHandlers } from '../../../plant/server.js';
import type { VMPlantHandlers } from '../../../proto/gen/vmplants/v1/VMPlant.js';
import { openPlantClient, type PlantClient } from '../../../proto/plantClient.js';
import { plantService, type RunningServer, serve } from '../../../proto/serve.js';
import { fixedList } from '../../../registry/fixedList.js';
import { createBroker } from '../../../shop/broker/broker.js';
import { brokerIdentity } from '../../../shop/broker/brokerId.js';
import { parseMarkup } from '../../../shop/broker/markup.js';
import { connectVmshop, type VmshopClient } from '../../../shop/client.js';
import { seededRandom } from '../../../shop/random.js';
import { createShop } from '../../../shop/server.js';
import type { ShopLimits } from '../../../shop/shopParts.js';
import { createRig, type RigOptions } from '../../plant/produce/rig.js';
import { type RecordingLogger, recordingLogger } from '../../proto/recordingLogger.js';

interface Addressed {
  readonly address: string;
}

/** A plant on the fake line behind a real server, in this process. */
export interface FakePlant extends Addressed {
  readonly plant: () => Plant;
  /** As a crash does: nobody is told, and its calls break. */
  readonly kill: () => Promise<void>;
  /** After `kill`, where it was. */
  readonly startAgain: () => Promise<void>;
}

export interface TestBroker extends Addressed {
  readonly logger: RecordingLogger;
  /** Speaks to it as a shop does. */
  readonly client: PlantClient;
  readonly stop: () => Promise<void>;
  /** After `stop`, where it was: it knows nothing. */
  readonly startAgain: (plants?: readonly Addressed[]) => Promise<void>;
}

interface BrokerSetup {
  readonly name?: string;
  readonly markup?: string;
  readonly limits?: Partial<ShopLimits>;
  /** A port that is free, for a broker that others know before it is there. */
  readonly address?: string;
}

/** A port of a server that was ended again: for circles, in which somebody has to know the other first. */
export async function freeAddress(): Promise<string> {
  const server = await serve({ address: '127.0.0.1:0', services: [], logger: recordingLogger() });
  await server.stop(0);
  return server.address;
}

/** What no test waits for unless something hangs, but for how long a stalled plant is waited for. */
const QUICK: Partial<ShopLimits> = {
  bidMilliseconds: 2_000,
  askMilliseconds: 2_000,
  silenceMilliseconds: 500,
};

/** Brokers, plants and shops on free ports of the loopback interface; ends all of them. */
export interface BrokerStage {
  plant(name: string, options?: RigOptions, handlers?: Partial<VMPlantHandlers>): Promise<FakePlant>;
  broker(plants: readonly Addressed[], setup?: BrokerSetup): Promise<TestBroker>;
  shop(plants: readonly Addressed[], limits?: Partial<ShopLimits>): Promise<VmshopClient>;
  clear(): Promise<void>;
}

export function openBrokerStage(): BrokerStage {
  const ends: (() => Promise<void>)[] = [];
  return {
    plant: async (name, options = {}, handlers = {}) => {
      const rig = await createRig({ ...options, name });
      let opened = await rig.open();
      let server: RunningServer;
      const start = async (address: string): Promise<void> => {
        const { plant } = opened;
        const own = createPlantHandlers({ plant, logger: rig.log, version: 'test' });
        const services = [plantService(Object.assign(own, handlers))];
        server = await serve({ address, services, logger: recordingLogger() });
      };
      await start('127.0.0.1:0');
      const kill = async (): Promise<void> => {
        opened.abandon();
        await server.stop(0);
      };
      let killed = false;
      ends.push(async () => {
        if (!killed) {
          await server.stop(0);
          await opened.plant.close();
        }
        await rig.remove();
      });
      return {
        get address() {
          return server.address;
        },
        plant: () => opened.plant,
        kill: async () => {
          killed = true;
          await kill();
        },
        startAgain: async () => {
          opened = await rig.open();
          killed = false;
          await start(server.address);
        },
      };
    },
    broker: async (plants, setup = {}) => {
      const logger = recordingLogger();
      const start = async (address: string, behind: readonly Addressed[]) => {
        const broker = createBroker({
          registry: fixedList(behind.map((plant) => plant.address)),
          logger,
          now: () => performance.now(),
          random: seededRandom(1),
          self: brokerIdentity(setup.name ?? 'broker', randomBytes),
          markup: parseMarkup(setup.markup ?? '0'),
          version: 'test',
          limits: { ...QUICK, ...setup.limits },
        });
        const server = await serve({ address, services: [broker.service], logger });
        return { broker, server };
      };
      let running = await start(setup.address ?? '127.0.0.1:0', plants);
      const client = openPlantClient({ address: running.server.address });
      const stop = async (): Promise<void> => {
        await running.server.stop(0);
        await running.broker.close(0);
      };
      ends.push(async () => {
        client.close();
        await stop();
      });
      return {
        address: running.server.address,
        logger,
        client,
        stop,
        startAgain: async (behind = plants) => {
          running = await start(running.server.address, behind);
        },
      };
    },
    shop: async (plants, limits = {}) => {
      const logger = recordingLogger();
      const shop = createShop({
        registry: fixedList(plants.map(({ address }) => address)),
        logger,
        now: () => performance.now(),
        random: seededRandom(1),
        randomBytes,
        limits: { ...QUICK, ...limits },
      });
      const server = await serve({ address: '127.0.0.1:0', services: [shop.service], logger });
      const client = connectVmshop({ address: server.address });
      ends.push(async () => {
        client.close();
        await server.stop(0);
        await shop.close(0);
      });
      return client;
    },
    clear: async () => {
      const problems: unknown[] = [];
      for (const end of ends.splice(0).reverse()) await end().catch((error: unknown) => problems.push(error));
      if (problems.length > 0) throw new AggregateError(problems, 'the stage could not be cleared');
    },
  };
}
