import { setMaxListeners } from 'node:events';
import type { Plant } from '../../plant/plant.js';
import { createPlantHandlers } from '../../plant/server.js';
import type { VMPlantHandlers } from '../../proto/gen/vmplants/v1/VMPlant.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { createRig, type OpenedPlant, type Rig, type RigOptions } from '../plant/produce/rig.js';
import { recordingLogger } from '../proto/recordingLogger.js';
import { openWire, type Wire } from './wire.js';

/** A plant on the fake line behind a real gRPC server, which can die, come back, and be cut off. */
export interface FakePlant {
  readonly name: string;
  readonly address: string;
  readonly wire: Wire;
  readonly rig: Rig;
  readonly plant: () => Plant;
  /** As a crash: nothing is rolled back, and every connection breaks. */
  readonly die: () => Promise<void>;
  /** Comes back with what it had, at the same address. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface FakePlantOptions extends RigOptions {
  readonly name: string;
  /** What it asks for; absent: what its cost models say. */
  readonly cost?: number;
  /** Put in place of its own. */
  readonly around?: (handlers: VMPlantHandlers) => Partial<VMPlantHandlers>;
}

export async function startFakePlant(options: FakePlantOptions): Promise<FakePlant> {
  const { name, cost, around, ...rigOptions } = options;
  const rig = await createRig(rigOptions);
  const wire = await openWire();
  let opened: OpenedPlant;
  let server: RunningServer;

  const up = async (base: RigOptions): Promise<void> => {
    opened = await rig.open(base);
    const { plant } = opened;
    const priced: Plant = {
      ...plant,
      name,
      bid: (order) => {
        const bid = { ...plant.bid(order), plant: name };
        return cost === undefined ? bid : { ...bid, cost };
      },
    };
    const logger = recordingLogger();
    const handlers = createPlantHandlers({ plant: priced, logger, version: 'test' });
    const service = plantService(Object.assign({}, handlers, around?.(handlers)));
    server = await serve({ address: '127.0.0.1:0', services: [service], logger });
    wire.leadTo(server.port);
  };
  await up(rigOptions);

  return {
    name,
    address: wire.address,
    wire,
    rig,
    plant: () => opened.plant,
    die: async () => {
      opened.abandon();
      wire.down();
      await server.stop(0);
    },
    restart: () => up({}),
    close: async () => {
      wire.thaw();
      await server.stop(0);
      await opened.plant.close().catch(() => undefined);
      await wire.close();
      await rig.remove();
    },
  };
}

/** Plants of one test, ended together. */
export function openPlants(): {
  readonly start: (options: FakePlantOptions) => Promise<FakePlant>;
  readonly clear: () => Promise<void>;
} {
  const started: FakePlant[] = [];
  return {
    start: async (options) => {
      const plant = await startFakePlant(options);
      started.push(plant);
      return plant;
    },
    clear: async () => {
      await Promise.all(started.splice(0).map((plant) => plant.close()));
    },
  };
}

/** A signal that is never aborted. */
export const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);
