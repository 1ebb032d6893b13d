import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import { openInformationSystem } from '../../plant/info/informationSystem.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, type ImageSource, NO_CRASH } from '../../plant/parts.js';
import { parseCostConfiguration } from '../../plant/planner/costConfiguration.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import { createPlantHandlers } from '../../plant/server.js';
import type { OrderMemory } from '../../proto/mapping/machineRequest.js';
import { createRequestMemory, remembering } from '../../proto/requestMemory.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { makeFakeImage } from '../../test/conformance/fakeSubject.js';
import { anyOf, seededRandom } from './seededRandom.js';

const NOTHING = (): undefined => undefined;
const SILENT = { isLevelEnabled: () => false, info: NOTHING, warn: NOTHING, error: NOTHING };
const MEMORY_MIB = 64 * 1024;
const MAX_VMS = 40;
/** So loaded, in VMs, a plant is at the start at most. */
const MOST_LOAD = 20;
const DOMAINS = ['bench', 'others', 'more'];
/** Load, new networks and missing work all count. */
const COSTS = [
  { name: 'compute', weight: 4 },
  { name: 'network', weight: 50 },
  { name: 'residual-work', weight: 10 },
];

/** Whole plants on the fake line, each with a server socket of its own, all in this process. */
export interface ManyPlants {
  readonly addresses: readonly string[];
  /** What the cheapest of them would take for the order now. */
  readonly lowestCost: (order: Order) => number;
  close(): Promise<void>;
}

/**
 * Plants with random loads and random images: each has the base, and one in four an image that performed a beginning
 * of the order's actions, of random length.
 *
 * @param directory absolute; for their stores and clones
 */
export async function openManyPlants(
  count: number,
  order: Order,
  directory: string,
  seed: number,
): Promise<ManyPlants> {
  const random = seededRandom(seed);
  const base = await makeFakeImage(join(directory, 'image'));
  const images = order.dag.actions.map((_, length) => beginning(base, order, length + 1));
  const memory = createRequestMemory();
  const orders: OrderMemory = new WeakMap();
  const plants: Plant[] = [];
  const servers: RunningServer[] = [];
  for (let number = 0; number < count; number++) {
    const image = images[anyOf(images.length, random)];
    const source = fixedImages(random() < 0.25 && image !== undefined ? [base, image] : [base]);
    const data = join(directory, String(number));
    await mkdir(data, { recursive: true });
    const { plant, load } = await openOne(`plant-${number}`, source, data);
    load(anyOf(MOST_LOAD, random), () => DOMAINS[anyOf(DOMAINS.length, random)] ?? '');
    plants.push(plant);
    const handlers = createPlantHandlers({ plant, logger: SILENT, version: 'bench', orders });
    const service = remembering(plantService(handlers), 'Bid', memory);
    servers.push(await serve({ address: '127.0.0.1:0', services: [service], logger: SILENT }));
  }
  return {
    addresses: servers.map(({ address }) => address),
    lowestCost: (asked) => Math.min(...plants.map((plant) => costOn(plant, asked))),
    close: async () => {
      await Promise.all(servers.map((server) => server.stop(0)));
      for (const plant of plants) await plant.close();
    },
  };
}

function costOn(plant: Plant, order: Order): number {
  try {
    return plant.bid(order).cost;
  } catch {
    // It is full.
    return Number.POSITIVE_INFINITY;
  }
}

interface LoadedPlant {
  readonly plant: Plant;
  /** Records so many VMs, as if they ran. */
  readonly load: (vms: number, domain: () => string) => void;
}

async function openOne(name: string, warehouse: ImageSource, data: string): Promise<LoadedPlant> {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const info = openInformationSystem({ directory: data, clock, log: SILENT });
  const plant = await createPlant({
    name,
    lines: [createFakeLine({ timeScale: 0 })],
    warehouse,
    info,
    cloneRoot: join(data, 'vms'),
    limits: { ...DEFAULT_LIMITS, maxVms: MAX_VMS, memoryMiB: MEMORY_MIB },
    deadlines: DEFAULT_DEADLINES,
    clock,
    random: (count) => randomBytes(count),
    log: SILENT,
    crashPoint: NO_CRASH,
    costModels: parseCostConfiguration(COSTS),
  });
  const load = (vms: number, domain: () => string): void => {
    for (let number = 0; number < vms; number++) {
      const vmid = `vm-${name}-${number}`;
      const clientDomain = domain();
      info.insert(
        {
          vm: {
            vmid,
            state: 'running',
            plant: name,
            clientDomain,
            image: 'base',
            rung: 'disk',
            line: 'fake',
            createdAt: clock.now(),
            classad: {},
            vcpus: 1,
            memoryMiB: 64,
            hostname: vmid,
            orderDigest: '0'.repeat(64),
          },
          directory: join(data, 'vms', vmid),
          network: DOMAINS.indexOf(clientDomain),
          macs: [],
          holds: true,
        },
        'start',
      );
    }
  };
  return { plant, load };
}

/** The base with the first actions of the order. */
function beginning(base: LocatedImage, order: Order, length: number): LocatedImage {
  const descriptor: GoldenImage = {
    ...base.descriptor,
    name: `first-${length}`,
    performed: order.dag.actions.slice(0, length).map(({ key, name }) => ({
      key,
      name,
      seconds: 1,
      performedAt: '2026-01-01T00:00:00Z',
    })),
  };
  return { ...base, descriptor };
}

function fixedImages(images: readonly LocatedImage[]): ImageSource {
  return {
    images: () => images,
    get: (name) => images.find(({ descriptor }) => descriptor.name === name),
    onChange: () => NOTHING,
  };
}
