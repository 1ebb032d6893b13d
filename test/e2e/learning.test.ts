import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../model/plan.js';
import {
  connectVmshop,
  type ImageSummary,
  type LearningSummary,
  type VmshopClient,
} from '../../shop/client.js';
import { type Cluster, startCluster } from './cluster.js';
import { keepBusy } from './keepBusy.js';
import type { PlantServer } from './plantServer.js';
import { microRequest, type RequestedAction } from './requests.js';
import { startServer } from './server.js';
import { publishVariant } from './variantImage.js';

// A plant that bakes, while it is idle, what its orders have in common (VMPlants paper, section 3.2: "VM Warehouse").

let cluster: Cluster;

/** A plant that learns so many images at most, and prepares no machines. */
function withLearning(images: number): void {
  beforeAll(async () => {
    cluster = await startCluster({
      ownImages: ['micro'],
      plantArgs: ['--learn-disk', '2GiB', '--learn-images', String(images), '--prepare-memory', '0'],
    });
  });
  afterAll(() => cluster.close());
}

/** Baking takes ten seconds on a quiet machine, and begins only when nothing else goes on. */
const BAKED = { timeout: 150_000, interval: 250 };

const DOMAIN = 'lab.example.org';
/** Nobody else's memory or disk holds it by chance. */
const SECRET = 'canary-8e41b7c2d9';

/** Every action says in the guest that it ran. The first takes so long that to save it pays. */
const ran = (name: string, seconds = 0): string => `sleep ${seconds}\necho ${name} >>/ran\n`;

const own = (after: string): RequestedAction => ({
  name: 'own',
  after: [after],
  parameters: { secret: { identity: 'secret' } },
  script: `${ran('own')}echo "$PARAM_secret" >/secret\n`,
});

/** Orders that share a foundation with two branches and end each in their own way; here written in two ways. */
const order = (last: string, clientDomain = DOMAIN): object => {
  const foundation: RequestedAction = { name: 'foundation', script: ran('foundation', 2) };
  const left: RequestedAction = { name: 'left', after: ['foundation'], script: ran('left') };
  const right: RequestedAction = { name: 'right', after: ['foundation'], script: ran('right') };
  const end: RequestedAction = { name: last, after: ['left', 'right'], script: ran(last) };
  const actions =
    last === 'one' ? [foundation, left, right, end, own(last)] : [own(last), end, right, left, foundation];
  return microRequest(actions, { identity: { secret: SECRET }, clientDomain });
};
/** What they share. */
const SHARED = ['foundation', 'left', 'right'];

const namesOf = (actions: readonly { readonly name: string }[]): readonly string[] =>
  actions.map(({ name }) => name);

async function images(clientDomain?: string): Promise<readonly ImageSummary[]> {
  const asked = clientDomain === undefined ? {} : { clientDomain };
  return (await cluster.shop().images(asked)).images;
}

async function learned(): Promise<readonly ImageSummary[]> {
  return (await images()).filter(({ origin }) => origin === 'learned');
}

async function report(): Promise<LearningSummary> {
  const [only] = (await cluster.shop().learn({ dryRun: true })).reports;
  if (only === undefined) throw new Error('the plant does not say what it has learned');
  return only;
}

async function planFor(wanted: object): Promise<Plan> {
  const [offer] = (await cluster.shop().plan(wanted)).offers;
  if (offer === undefined) throw new Error('the plant would not bid');
  return offer.plan;
}

const leftOf = ({ stages }: Plan): readonly string[] =>
  stages.flatMap((stage) => (stage.kind === 'guest' ? namesOf(stage.actions) : [stage.action.name]));

/** Creates it, looks at which actions ran in it, in its own words, and collects it. */
async function createdFor(wanted: object) {
  const vm = await cluster.shop().create(wanted);
  const lines = (await cluster.inGuest(vm.vmid, 'cat /ran')).trim().split('\n');
  await cluster.shop().collect(vm.vmid);
  return { vm, ran: lines };
}

/** The most learned images that the warehouse has at once while the work goes on. */
async function mostLearnedWhile(work: () => Promise<void>): Promise<number> {
  const over = new AbortController();
  let most = 0;
  const looking = (async () => {
    while (!over.signal.aborted) {
      const names = await readdir(cluster.warehouse);
      most = Math.max(most, names.filter((name) => name.startsWith('learned-')).length);
      await after(10);
    }
  })();
  try {
    await work();
  } finally {
    over.abort();
    await looking;
  }
  return most;
}

describe('two kinds of order that share a prefix', () => {
  // It has to be the image that serves both.
  withLearning(1);

  it('are seen to: a dry run says what would be baked, and nothing is done about it', async () => {
    const busy = await keepBusy(cluster.shop());
    for (const last of ['one', 'two', 'one', 'two']) {
      const { vm, ran: lines } = await createdFor(order(last));
      expect(vm.image).toBe('micro');
      expect(lines.toSorted()).toEqual([...SHARED, last, 'own'].toSorted());
    }
    const text = await cluster.vmshopOutput(['learn', '--dry-run']);
    expect(text).toMatch(/would bake:\n.*\n *foundation,(left,right|right,left) +micro/);
    expect(text).toContain('shared by 2 kinds of order, 4 orders in the last day');
    const { orders, bake, evict, images: count, enabled } = await report();
    expect({ enabled, orders, evict, count }).toEqual({ enabled: true, orders: 4, evict: [], count: 0 });
    expect(bake.map(({ actions }) => namesOf(actions).toSorted())).toEqual([SHARED]);
    expect(bake[0]).toMatchObject({ clientDomain: DOMAIN, memoryMiB: 128, bytes: expect.any(Number) });
    expect(namesOf(await images())).toEqual(['micro']);
    await busy.end();
  });

  it('are helped while the plant is idle, but not before a creation that comes meanwhile', async () => {
    const baking = async (): Promise<string> => (await report()).doing ?? '';
    await expect.poll(baking, { ...BAKED, interval: 50 }).toMatch(/^baking learned-/);
    const { vm } = await createdFor(order('one'));
    expect(vm.image).toBe('micro');
    expect(cluster.plants[0]?.log()).toContain('work in the background gave way');
    await expect.poll(async () => (await learned()).length, BAKED).toBe(1);
    expect(cluster.plants[0]?.log()).not.toContain('work in the background failed');
  });

  it('are shown as what the image was made of, from what, how often it helped and why it is kept', async () => {
    const { vm } = await createdFor(order('two'));
    const [image] = await learned();
    expect(vm).toMatchObject({ image: image?.name, rung: 'warm' });
    expect(vm.classad).toMatchObject({ ActionsRun: ['two', 'own'] });
    await expect.poll(async () => (await learned())[0]?.uses, BAKED).toBe(1);
    await expect
      .poll(async () => (await learned())[0]?.keptBecause.join(), BAKED)
      .toMatch(/^saves .* a day for 2 kinds of order$/);
    const tree = await cluster.vmshopOutput(['images', '--tree']);
    expect(tree).toMatch(/^micro +warm .*a base that was installed/m);
    expect(tree).toMatch(
      /^`-- learned-[0-9a-f]{12} +warm +\S+ \S+ +1 +\S+ s +foundation,(left,right|right,left) +saves .* for 2 kinds of order$/m,
    );
    expect((await learned())[0]).toMatchObject({
      parent: 'micro',
      owner: DOMAIN,
      shared: 'no',
      warm: true,
      uses: 1,
      savedSeconds: expect.any(Number),
    });
  });

  it('help a third kind that shares nothing but the prefix: it begins with it, and runs the rest alone', async () => {
    const [image] = await learned();
    const third = order('three');
    const plan = await planFor(third);
    expect(plan).toMatchObject({ image: image?.name, rung: 'warm' });
    expect(namesOf(plan.performed).toSorted()).toEqual(SHARED);
    expect(leftOf(plan)).toEqual(['three', 'own']);
    const { vm, ran: lines } = await createdFor(third);
    expect(vm.classad).toMatchObject({ Image: image?.name, ActionsRun: ['three', 'own'] });
    // Once each: what the image brings did not run again.
    expect(lines.slice(0, 3).toSorted()).toEqual(SHARED);
    expect(lines.slice(3)).toEqual(['three', 'own']);
  });

  it('leave nothing of an identity in the image, neither in its record nor in its disk and memory', async () => {
    const [image] = await learned();
    for (const file of ['image.json', 'disk.qcow2', 'memory', 'device-state']) {
      const bytes = await readFile(join(cluster.warehouse, image?.name ?? '', file));
      expect([file, bytes.includes(SECRET)]).toEqual([file, false]);
    }
  });

  it("serve no other domain's orders, which do not even hear of it", async () => {
    const other = order('one', 'other.example.org');
    const plan = await planFor(other);
    expect(plan.image).toBe('micro');
    expect(plan.rejected).toEqual([]);
    expect(namesOf(await images('other.example.org'))).toEqual(['micro']);
    const { vm, ran: lines } = await createdFor(other);
    expect(vm).toMatchObject({ image: 'micro', rung: 'warm' });
    expect(lines).toHaveLength(5);
  });

  it('have to make room for what is worth more, and the budget is never exceeded', async () => {
    const [before] = await learned();
    const dear = microRequest([{ name: 'dear', script: ran('dear', 6) }], { clientDomain: DOMAIN });
    const performed = async (): Promise<readonly string[]> =>
      (await learned()).flatMap((image) => namesOf(image.performed));
    const most = await mostLearnedWhile(async () => {
      await Promise.all(Array.from({ length: 6 }, () => createdFor(dear)));
      await expect.poll(performed, BAKED).toEqual(['dear']);
    });
    expect(most).toBe(1);
    const { evict, images: count, imagesBudget } = await report();
    expect({ count, imagesBudget, evict }).toEqual({ count: 1, imagesBudget: 1, evict: [] });
    expect(await readdir(cluster.warehouse)).not.toContain(before?.name);
    const { vm, ran: lines } = await createdFor(dear);
    expect(vm.classad).toMatchObject({ ActionsPerformed: ['dear'], ActionsRun: [] });
    expect(lines).toEqual(['dear']);
    expect(await cluster.plants[0]?.audit()).toEqual([]);
  });
});

describe('an image whose memory was frozen under another monitor', () => {
  withLearning(4);

  it('is booted at first, and resumed once the plant has frozen its disk anew for this host', async () => {
    await publishVariant(cluster, {
      name: 'foreign',
      system: 'foreign',
      alter: async ({ memory, ...image }) => ({
        ...image,
        ...(memory === undefined ? {} : { memory: { ...memory, vmm: 'QEMU 99.0.0' } }),
      }),
    });
    const request = {
      ...microRequest([{ name: 'work', script: ran('work') }]),
      operatingSystem: { name: 'foreign' },
    };
    const plan = await planFor(request);
    expect(plan).toMatchObject({ image: 'foreign', rung: 'disk' });
    expect(plan.rungReason).toContain('QEMU 99.0.0');
    const first = await createdFor(request);
    expect(first.vm).toMatchObject({ image: 'foreign', rung: 'disk' });

    const rewarmed = async () => (await images()).filter(({ origin }) => origin === 'rewarmed');
    await expect.poll(async () => (await rewarmed()).length, BAKED).toBe(1);
    const [sibling] = await rewarmed();
    expect(sibling).toMatchObject({
      name: expect.stringMatching(/^rewarmed-[0-9a-f]{12}$/),
      parent: 'foreign',
      backingImage: 'foreign',
      shared: 'memory',
    });
    expect(sibling?.owner).toBeUndefined();
    const second = await createdFor(request);
    expect(second.vm.rung).toBe('warm');
    expect(second.ran).toEqual(['work']);
    expect(await cluster.plants[0]?.audit()).toEqual([]);
  });
});

describe('two plants on one warehouse', () => {
  beforeAll(async () => {
    cluster = await startCluster({
      ownImages: ['micro'],
      plants: ['north', 'south'],
      plantArgs: ['--learn-disk', '2GiB', '--learn-images', '1', '--prepare-memory', '0'],
    });
  });
  afterAll(() => cluster.close());

  /** Does something through a shop that knows this plant alone. */
  async function through<T>(plant: PlantServer, work: (shop: VmshopClient) => Promise<T>): Promise<T> {
    const args = ['serve', '--listen', '127.0.0.1:0', '--plants', plant.address()];
    const server = await startServer('vmshop', args, { variables: {} });
    const shop = connectVmshop({ address: server.address });
    try {
      return await work(shop);
    } finally {
      shop.close();
      expect(await server.stop()).toEqual([]);
    }
  }

  const reportOf = async ({ name }: PlantServer): Promise<LearningSummary> => {
    const { reports } = await cluster.shop().learn({ dryRun: true });
    const found = reports.find(({ plant }) => plant === name);
    if (found === undefined) throw new Error(`${name} does not say what it has learned`);
    return found;
  };
  const learnedNames = async (): Promise<readonly string[]> => [
    ...new Set((await learned()).map(({ name }) => name)),
  ];

  it('learn each for itself, use what the other has learned, and evict nothing that the other uses', async () => {
    const [north, south] = cluster.plants;
    if (north === undefined || south === undefined) throw new Error('expected two plants');
    await through(north, async (shop) => {
      for (let n = 0; n < 2; n += 1) await shop.collect((await shop.create(order('one'))).vmid);
    });
    await expect.poll(async () => (await learnedNames()).length, BAKED).toBe(1);
    const [image = ''] = await learnedNames();

    const vm = await through(south, (shop) => shop.create(order('one')));
    expect(vm).toMatchObject({ plant: 'south', image, rung: 'warm' });
    const removal = await cluster.vmplant(['warehouse', 'remove', image, '--data', north.data]);
    expect(removal.exitCode).toBe(1);
    expect(removal.stderr).toMatch(new RegExp(`in use by the plant south-[0-9a-f]{16} \\(.*${vm.vmid}`));

    // What is worth more to north now does not get its place.
    const dear = microRequest([{ name: 'dear', script: ran('dear', 6) }], { clientDomain: DOMAIN });
    const createDear = (plant: PlantServer, count: number) =>
      through(plant, async (shop) => {
        const made = await Promise.all(Array.from({ length: count }, () => shop.create(dear)));
        await Promise.all(made.map(({ vmid }) => shop.collect(vmid)));
        return made;
      });
    await createDear(north, 6);
    const whyKept = async (): Promise<string | undefined> =>
      (await reportOf(north)).keep.find((kept) => kept.image === image)?.reason;
    await expect.poll(whyKept, BAKED).toBe('other plants use it');
    expect(await learnedNames()).toEqual([image]);
    expect(await cluster.inGuest(vm.vmid, 'tail -n 1 /ran')).toBe('own\n');
    await cluster.shop().collect(vm.vmid);

    // South has a budget of its own.
    await createDear(south, 2);
    await expect.poll(async () => (await learnedNames()).length, BAKED).toBe(2);
    const of = async (plant: PlantServer) => {
      const { images: count, imagesBudget, evict } = await reportOf(plant);
      return { count, imagesBudget, evict };
    };
    const full = { count: 1, imagesBudget: 1, evict: [] };
    expect([await of(north), await of(south)]).toEqual([full, full]);
    const [served] = await createDear(north, 1);
    expect(served?.classad).toMatchObject({ ActionsPerformed: ['dear'], ActionsRun: [], Rung: 'warm' });
    expect([await north.audit(), await south.audit()]).toEqual([[], []]);
  });
});
