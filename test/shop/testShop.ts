import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { openChannel } from '../../proto/channel.js';
import type { CreateEvent__Output } from '../../proto/gen/vmplants/v1/CreateEvent.js';
import type { CreateRequest } from '../../proto/gen/vmplants/v1/CreateRequest.js';
import type { MachineRequest } from '../../proto/gen/vmplants/v1/MachineRequest.js';
import { contracts } from '../../proto/load.js';
import { serve } from '../../proto/serve.js';
import { fixedList } from '../../registry/fixedList.js';
import { seededRandom } from '../../shop/random.js';
import { createShop } from '../../shop/server.js';
import type { ShopLimits } from '../../shop/shopParts.js';
import { type RecordingLogger, recordingLogger } from '../proto/recordingLogger.js';
import { type PlantScript, type ScriptedPlant, startPlant } from './scriptedPlant.js';

/** A request that any plant takes. */
export const machine: MachineRequest = {
  operatingSystem: { name: 'debian' },
  actions: [{ name: 'install', guest: { script: 'echo installed\n' } }],
};

/** The same with another order digest. */
export const otherMachine: MachineRequest = { ...machine, hardware: { memoryMib: 1024 } };

/** A deadline that no test meets unless something hangs. */
export const SOON = { timeoutMilliseconds: 15_000 };

type Channel = ReturnType<typeof openChannel>;

export interface TestShop {
  readonly address: string;
  readonly channel: Channel;
  readonly logger: RecordingLogger;
  create(request?: CreateRequest, signal?: AbortSignal): AsyncGenerator<CreateEvent__Output, void, undefined>;
  /** Ends the server and the shop; creations in progress are left to the plants. */
  stop(): Promise<void>;
}

interface TestShopOptions {
  readonly seed?: number;
  readonly limits?: Partial<ShopLimits>;
}

/** Starts shops and plants on free ports of the loopback interface, and ends all of them. */
export interface Stage {
  plant(script: PlantScript): Promise<ScriptedPlant>;
  shop(plants: readonly { readonly address: string }[], options?: TestShopOptions): Promise<TestShop>;
  clear(): Promise<void>;
}

export function openStage(): Stage {
  const ends: (() => Promise<void>)[] = [];
  return {
    plant: async (script) => {
      const plant = await startPlant(script);
      ends.push(plant.stop);
      return plant;
    },
    shop: async (plants, options = {}) => {
      const shop = await startShop(
        plants.map(({ address }) => address),
        options,
      );
      ends.push(shop.stop);
      return shop;
    },
    clear: async () => {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}

async function startShop(plants: readonly string[], options: TestShopOptions): Promise<TestShop> {
  const logger = recordingLogger();
  const shop = createShop({
    registry: fixedList(plants),
    logger,
    now: () => performance.now(),
    random: seededRandom(options.seed ?? 1),
    randomBytes,
    limits: { bidMilliseconds: 1_000, askMilliseconds: 1_000, ...options.limits },
  });
  const server = await serve({ address: '127.0.0.1:0', services: [shop.service], logger });
  const channel = openChannel({ address: server.address });
  return {
    address: server.address,
    channel,
    logger,
    create: (request = { machine }, signal) =>
      channel.serverStream(contracts().shop.Create, request, {
        ...SOON,
        ...(signal === undefined ? {} : { signal }),
      }),
    stop: async () => {
      channel.close();
      await server.stop(0);
      await shop.close(0);
    },
  };
}

export async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const received: T[] = [];
  for await (const message of messages) received.push(message);
  return received;
}

/** The VM that a creation ends with. */
export async function createdVm(
  events: AsyncIterable<CreateEvent__Output>,
): Promise<NonNullable<CreateEvent__Output['vm']>> {
  const last = (await all(events)).at(-1);
  return last?.vm ?? expect.unreachable(`the creation ended with ${JSON.stringify(last)}`);
}

export function rejection(work: Promise<unknown>): Promise<VmplantsError> {
  return work.then(
    (value) => expect.unreachable(`expected to fail, found ${JSON.stringify(value)}`),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(VmplantsError);
      return thrown as VmplantsError;
    },
  );
}

/** A promise with its resolver, for a test to decide when something goes on. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
