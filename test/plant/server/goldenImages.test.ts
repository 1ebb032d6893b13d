import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { GoldenImage } from '../../../model/goldenImage.js';
import type { ImageChange } from '../../../plant/imageMaker.js';
import type { OrderShape } from '../../../plant/learn/decide/orderShape.js';
import type { LearningReport } from '../../../plant/learn/report.js';
import type { Plant } from '../../../plant/plant.js';
import type { PublicationRequest } from '../../../plant/publish/publication.js';
import { createPlantHandlers } from '../../../plant/server.js';
import { orderToMachineRequest } from '../../../proto/mapping/machineRequest.js';
import { openPlantClient, type PlantClient } from '../../../proto/plantClient.js';
import { plantService, serve } from '../../../proto/serve.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
import { fakeOrder } from '../produce/rig.js';

const DEADLINE = { timeoutMilliseconds: 10_000 };
const VMID = `vm-${'a'.repeat(26)}`;
const GIB = 1024 ** 3;

const IMAGE: GoldenImage = {
  format: 'vmplants-golden-image/1',
  name: 'web',
  created: '2026-01-02T03:04:05.678Z',
  operatingSystem: { name: 'micro', version: '1' },
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 128, diskMiB: 64 },
  performed: [],
  lines: ['fake'],
  disk: { file: 'disk.qcow2', format: 'qcow2', backingImage: 'micro' },
  boot: { kernel: 'k', initrd: 'i', commandLine: '', guestKernel: '6.1' },
  devices: [],
  bootSeconds: 1,
  files: [],
  origin: 'live',
  parent: 'micro',
  owner: 'lab.example',
  policy: { shared: 'disk', pinned: true },
};

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A service over a plant of which only what the test gives is there. */
async function over(given: Partial<Plant>): Promise<PlantClient> {
  const logger = recordingLogger();
  const plant = { name: 'p1', ...given } as Plant;
  const handlers = createPlantHandlers({ plant, logger, version: '1' });
  const server = await serve({ address: '127.0.0.1:0', services: [plantService(handlers)], logger });
  const client = openPlantClient({ address: server.address });
  ends.push(
    () => server.stop(0),
    () => client.close(),
  );
  return client;
}

async function all<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of stream) found.push(one);
  return found;
}

describe('publishing on a plant', () => {
  const listening = async (): Promise<{
    readonly client: PlantClient;
    readonly asked: readonly PublicationRequest[];
  }> => {
    const asked: PublicationRequest[] = [];
    const standing = { uses: 0, savedSeconds: 0, vms: 0, prepared: 0, keptBecause: [] };
    const client = await over({
      imageReports: async () => [
        { kind: 'usable', image: IMAGE, uniqueBytes: 4096, sharedBytes: 8192, ...standing },
      ],
      publish: async function* (request) {
        asked.push(request);
        yield { kind: 'progress', progress: { phase: 'pause', message: 'stands still', seconds: 0.4 } };
        yield {
          kind: 'published',
          published: { image: IMAGE, opaqueKey: 'k', pausedSeconds: 0.4, leftOut: ['a'], scrubbed: ['b'] },
        };
      },
    });
    return { client, asked };
  };

  test('tells what happens and ends with the image', async () => {
    const { client, asked } = await listening();
    const live = { memory: true, scrub: 'true\n', keep: ['user'] };
    const events = await all(
      client.publish({ vmid: VMID, name: 'web', shared: 'disk', pinned: true, live }, DEADLINE),
    );
    expect(events).toMatchObject([
      { progress: { phase: 'pause', seconds: 0.4 } },
      {
        published: {
          image: {
            plant: 'p1',
            name: 'web',
            origin: 'live',
            owner: 'lab.example',
            shared: 'disk',
            pinned: true,
            parent: 'micro',
            backingImage: 'micro',
            uniqueBytes: '4096',
            sharedBytes: '8192',
          },
          opaqueKey: 'k',
          pausedSeconds: 0.4,
          leftOut: ['a'],
          scrubbed: ['b'],
        },
      },
    ]);
    expect(asked).toEqual([
      { vmid: VMID, name: 'web', shared: 'disk', pinned: true, way: { kind: 'live', ...live } },
    ]);
  });

  test('takes the recipe for the default, shared with nobody, and an order with it', async () => {
    const { client, asked } = await listening();
    const order = fakeOrder([{ name: 'a', script: 'echo a\n' }]);
    await all(client.publish({ vmid: VMID, name: 'x' }, DEADLINE));
    await all(client.publish({ vmid: VMID, name: 'x', live: {} }, DEADLINE));
    await all(
      client.publish({ vmid: VMID, name: 'y', recipe: { machine: orderToMachineRequest(order) } }, DEADLINE),
    );
    expect(asked.map(({ way }) => way)).toMatchObject([
      { kind: 'recipe' },
      { kind: 'live', memory: false, keep: [] },
      { kind: 'recipe', order: { digest: order.digest } },
    ]);
    expect(asked.map(({ way }) => Object.keys(way).includes('scrub'))).toEqual([false, false, false]);
    expect(asked.map(({ shared }) => shared)).toEqual(['no', 'no', 'no']);
  });

  test('refuses what is wrong before anything is done', async () => {
    const { client, asked } = await listening();
    const fields = async (request: object): Promise<readonly string[]> =>
      all(client.publish(request, DEADLINE)).then(
        () => expect.unreachable('it was taken'),
        (error: { readonly violations: readonly { readonly field: string }[] }) =>
          error.violations.map(({ field }) => field),
      );
    expect(await fields({})).toEqual(['vmid', 'name']);
    expect(await fields({ vmid: '../x', name: 'X', shared: 'all' })).toEqual(['vmid', 'name', 'shared']);
    expect(await fields({ vmid: VMID, name: 'x', live: { scrub: 'a\0', keep: ['start'] } })).toEqual([
      'live.scrub',
      'live.keep[0]',
    ]);
    expect(await fields({ vmid: VMID, name: 'x', recipe: { document: {} } })).toEqual(['recipe.document']);
    expect(await fields({ vmid: VMID, name: 'x', recipe: { machine: { actions: [{}] } } })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^recipe\.machine\./)]),
    );
    expect(asked).toEqual([]);
  });

  test('ends with the call', async () => {
    let say: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      say = resolve;
    });
    const client = await over({
      publish: async function* (_request, signal) {
        yield { kind: 'progress', progress: { phase: 'boot', message: 'boots' } };
        await once(signal, 'abort');
        say();
      },
    });
    for await (const event of client.publish({ vmid: VMID, name: 'x' }, DEADLINE)) {
      expect(event.progress?.phase).toBe('boot');
      break;
    }
    await ended;
  });
});

test('images come with their standing, those in quarantine with their problem, for one domain or all', async () => {
  const asked: (string | undefined)[] = [];
  const client = await over({
    imageReports: async (domain) => {
      asked.push(domain);
      return [
        {
          kind: 'usable',
          image: IMAGE,
          uniqueBytes: 5 * GIB,
          sharedBytes: 2,
          uses: 3,
          savedSeconds: 4.5,
          vms: 1,
          prepared: 2,
          keptBecause: ['pinned'],
        },
        { kind: 'quarantined', name: 'broken', problem: '' },
      ];
    },
  });
  const { images } = await client.images({}, DEADLINE);
  expect(images[0]).toMatchObject({
    name: 'web',
    uniqueBytes: String(5 * GIB),
    sharedBytes: '2',
    uses: 3,
    savedSeconds: 4.5,
    vms: 1,
    prepared: 2,
    keptBecause: ['pinned'],
    problem: '',
  });
  // Without a word about the problem it would count as one that can be used.
  expect(images[1]).toMatchObject({ plant: 'p1', name: 'broken', problem: 'unknown' });
  await client.images({ clientDomain: 'lab.example' }, DEADLINE);
  expect(asked).toEqual([undefined, 'lab.example']);
});

test('a decision about an image names what is decided, and nothing else', async () => {
  const asked: ImageChange[] = [];
  const client = await over({
    updateImage: async (change) => {
      asked.push(change);
      return { kind: 'quarantined', name: change.name, problem: 'why' };
    },
  });
  const { images } = await client.updateImage({ name: 'web', pinned: false }, DEADLINE);
  expect(images).toMatchObject([{ name: 'web', problem: 'why' }]);
  await client.updateImage({ name: 'web', clientDomain: 'lab.example', shared: 'memory' }, DEADLINE);
  expect(asked).toEqual([
    { name: 'web', clientDomain: 'default', pinned: false },
    { name: 'web', clientDomain: 'lab.example', shared: 'memory' },
  ]);
  for (const request of [{ name: 'web' }, { name: 'web', shared: 'x' }, { name: '.x', pinned: true }]) {
    await expect(client.updateImage(request, DEADLINE)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
  expect(asked).toHaveLength(2);
});

test('what was learned is told in numbers and names', async () => {
  const shape: OrderShape = {
    digest: 'd',
    profile: {
      hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 0 },
      operatingSystem: { name: 'debian', version: '12' },
      network: 'none',
      clientDomain: 'lab.example',
    },
    actions: [
      { name: 'b', key: 'kb', after: [1] },
      { name: 'a', key: 'ka', after: [] },
    ],
  };
  const report: LearningReport = {
    enabled: true,
    orders: 7,
    used: { bytes: 10, images: 1 },
    budget: { bytes: Number.POSITIVE_INFINITY, images: 8 },
    decision: {
      bake: [{ shape, perform: [1, 0], bytes: 1.5, savedSecondsPerDay: 60, reason: 'why' }],
      evict: [{ image: 'old', reason: 'not used' }],
      keep: [],
    },
    decisionSeconds: 0.25,
    doing: undefined,
  };
  const dryRuns: boolean[] = [];
  const client = await over({
    learn: async ({ dryRun }) => {
      dryRuns.push(dryRun);
      return report;
    },
    prepared: () => [
      {
        image: 'web',
        line: 'fake',
        rung: 'warm',
        vcpus: 1,
        memoryMiB: 128,
        network: 'none',
        waiting: 1,
        wanted: 2,
        inUse: 3,
      },
    ],
  });
  const { reports } = await client.learn({ dryRun: true }, DEADLINE);
  expect(reports).toMatchObject([
    {
      plant: 'p1',
      enabled: true,
      orders: 7,
      images: 1,
      imagesBudget: 8,
      bytes: '10',
      bytesBudget: String(Number.MAX_SAFE_INTEGER),
      bake: [
        {
          actions: [
            { name: 'a', key: 'ka' },
            { name: 'b', key: 'kb' },
          ],
          operatingSystem: 'debian 12',
          memoryMib: 512,
          clientDomain: 'lab.example',
          bytes: '2',
          savedSecondsPerDay: 60,
          reason: 'why',
        },
      ],
      evict: [{ image: 'old', reason: 'not used' }],
      keep: [],
      doing: '',
      prepared: [{ image: 'web', memoryMib: 128, network: 'none', waiting: 1, wanted: 2, inUse: 3 }],
      decisionSeconds: 0.25,
    },
  ]);
  await client.learn({}, DEADLINE);
  expect(dryRuns).toEqual([true, false]);
});

test('machines that wait prepared are told apart from those in use', async () => {
  const client = await over({
    describe: () => ({
      snapshot: {
        vms: 1,
        maxVms: 8,
        usedMemoryMiB: 512,
        totalMemoryMiB: 4096,
        networks: { total: 4, byDomain: new Map() },
        prepared: { count: 2, memoryMiB: 256 },
      },
      reserved: 0,
      quote: { cost: 0, networkCost: 0 },
      images: 3,
      lines: [],
    }),
  });
  expect(await client.describe({}, DEADLINE)).toMatchObject({
    vms: 1,
    usedMemoryMib: 512,
    prepared: 2,
    preparedMemoryMib: 256,
  });
});
