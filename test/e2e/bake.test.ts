import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GoldenImage } from '../../model/goldenImage.js';
import type { Plan } from '../../model/plan.js';
import type { CreateEvent } from '../../shop/client.js';
import { type Cluster, copyImage, startCluster } from './cluster.js';
import { rewriteDescriptor, withFileAsItIs } from './descriptor.js';
import { microRequest, type RequestedAction } from './requests.js';

let cluster: Cluster;

/** Nobody else's memory or disk holds it by chance. */
const SECRET = 'canary-5d1c0e9a7b';

/** Every action says in the guest that it ran: one that runs twice is seen. */
const ran = (name: string): string => `echo ${name} >>/ran\n`;

const workshop = (rightMore: Readonly<Record<string, unknown>> = {}): readonly RequestedAction[] => [
  { name: 'base', script: ran('base') },
  { name: 'left', after: ['base'], script: ran('left') },
  { name: 'right', after: ['base'], script: ran('right'), ...rightMore },
  {
    name: 'own',
    after: ['left'],
    parameters: { secret: { identity: 'secret' } },
    script: `${ran('own')}echo "$PARAM_secret" >/secret\n`,
  },
  { name: 'tail', after: ['own', 'right'], script: ran('tail') },
];
const identity = { secret: SECRET };
const request = microRequest(workshop(), { identity });

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro'] });
});
afterAll(() => cluster.close());

const namesOf = (actions: readonly { readonly name: string }[]): readonly string[] =>
  actions.map(({ name }) => name);

/** The plan of the one plant. */
async function planFor(wanted: object): Promise<Plan> {
  const { offers } = await cluster.shop().plan(wanted);
  const [offer] = offers;
  if (offer === undefined) throw new Error('the plant would not bid');
  return offer.plan;
}

/** Creates it, looks at which actions ran in it, in its own words, and collects it. */
async function createdFor(
  wanted: object,
): Promise<{ readonly classad: Readonly<Record<string, unknown>>; readonly ran: readonly string[] }> {
  const { vmid, classad } = await cluster.shop().create(wanted);
  const lines = (await cluster.inGuest(vmid, 'cat /ran')).trim().split('\n');
  await cluster.shop().collect(vmid);
  return { classad, ran: lines };
}

async function waitForImage(name: string): Promise<void> {
  const names = async (): Promise<readonly string[]> => namesOf((await cluster.shop().images()).images);
  await vi.waitFor(async () => expect(await names()).toContain(name), { timeout: 30_000 });
}

describe('a golden image of an order', () => {
  beforeAll(async () => {
    const first = await createdFor(request);
    expect(first.classad).toMatchObject({ Image: 'micro', ActionsPerformed: [] });
    expect(first.ran.toSorted()).toEqual(['base', 'left', 'own', 'right', 'tail']);

    const file = join(cluster.directory, 'order.json');
    await writeFile(file, JSON.stringify(request));
    const built = await cluster.vmplantOutput(['warehouse', 'build', 'prefix', '-f', file, '-o', 'json']);
    const image = JSON.parse(built) as GoldenImage;
    expect(namesOf(image.performed).toSorted()).toEqual(['base', 'left', 'right']);
    expect(image.disk.backingImage).toBe('micro');
    await waitForImage('prefix');
  });

  it('saves the same request what it has performed; only the rest runs, on top of its state', async () => {
    const plan = await planFor(request);
    expect(plan).toMatchObject({ image: 'prefix', rung: 'warm' });
    expect(namesOf(plan.performed).toSorted()).toEqual(['base', 'left', 'right']);
    expect(plan.stages.flatMap((stage) => (stage.kind === 'guest' ? namesOf(stage.actions) : []))).toEqual([
      'own',
      'tail',
    ]);
    expect(plan.rejected).toEqual([expect.objectContaining({ image: 'micro', test: 'saves-less' })]);
    const { classad, ran: lines } = await createdFor(request);
    expect(classad).toMatchObject({ Image: 'prefix', Rung: 'warm', ActionsRun: ['own', 'tail'] });
    expect(lines.slice(0, 3).toSorted()).toEqual(['base', 'left', 'right']);
    expect(lines.slice(3)).toEqual(['own', 'tail']);
  });

  it('holds nothing of the identity, neither in its record nor in its disk and memory', async () => {
    const files = ['image.json', 'disk.qcow2', 'memory', 'device-state'];
    for (const file of files) {
      const bytes = await readFile(join(cluster.warehouse, 'prefix', file));
      expect([file, bytes.includes(SECRET)]).toEqual([file, false]);
    }
  });

  it('serves another order that shares the prefix, under other names and in another order of writing', async () => {
    const other = microRequest([
      { name: 'r', after: ['foundation'], script: ran('right') },
      { name: 'more', after: ['r', 'l'], script: ran('more') },
      { name: 'l', after: ['foundation'], script: ran('left') },
      { name: 'foundation', script: ran('base') },
    ]);
    const { classad, ran: lines } = await createdFor(other);
    expect(classad).toMatchObject({ Image: 'prefix', Rung: 'warm', ActionsRun: ['more'] });
    expect(lines.slice(0, 3).toSorted()).toEqual(['base', 'left', 'right']);
    expect(lines.slice(3)).toEqual(['more']);
  });

  it('serves no order that lacks an action of it, wants another order or a younger one, and the plan says so', async () => {
    const [base, left, right] = workshop();
    if (base === undefined || left === undefined || right === undefined) throw new Error('no workshop');
    const lacking = await planFor(microRequest([base, left]));
    expect(lacking).toMatchObject({
      image: 'micro',
      rejected: [{ image: 'prefix', test: 'subset', action: 'right' }],
    });
    const reversed = await planFor(
      microRequest([{ ...base, after: ['right'] }, left, { ...right, after: [] }]),
    );
    expect(reversed.image).toBe('micro');
    expect(reversed.rejected[0]?.test).toMatch(/^(prefix|partial-order)$/);

    const aged = microRequest(workshop({ maxAge: '1s' }), { identity });
    await expect.poll(async () => (await planFor(aged)).image, { timeout: 30_000 }).toBe('micro');
    expect((await planFor(aged)).rejected).toEqual([
      expect.objectContaining({ image: 'prefix', test: 'max-age', action: 'right' }),
    ]);
    const { classad, ran: lines } = await createdFor(aged);
    expect(classad).toMatchObject({ Image: 'micro', ActionsPerformed: [] });
    expect(lines.toSorted()).toEqual(['base', 'left', 'own', 'right', 'tail']);
    expect((await planFor(microRequest(workshop({ maxAge: '1h' }), { identity }))).image).toBe('prefix');
  });

  it('serves an order for another memory with its disk, which boots', async () => {
    const bigger = { ...request, hardware: { memory: '160MiB' } };
    const plan = await planFor(bigger);
    expect(plan).toMatchObject({ image: 'prefix', rung: 'disk' });
    expect(plan.rungReason).toContain('128 MiB');
    const { classad, ran: lines } = await createdFor(bigger);
    expect(classad).toMatchObject({
      Image: 'prefix',
      Rung: 'disk',
      MemoryMiB: 160,
      BootSeconds: expect.any(Number),
      ActionsRun: ['own', 'tail'],
    });
    expect(lines.slice(0, 3).toSorted()).toEqual(['base', 'left', 'right']);
    expect(lines.slice(3)).toEqual(['own', 'tail']);
  });
});

describe('an image whose device state is cut short, although its digests are right', () => {
  it('gives a VM from its disk', async () => {
    const source = join(cluster.directory, 'elsewhere');
    await copyImage(cluster.warehouse, 'micro', source);
    const damaged = join(source, 'micro');
    const state = join(damaged, 'device-state');
    await truncate(state, Math.floor((await readFile(state)).length / 2));
    const named = (image: GoldenImage): GoldenImage => ({
      ...image,
      name: 'cut',
      operatingSystem: { ...image.operatingSystem, name: 'cut' },
    });
    const change = await withFileAsItIs(
      JSON.parse(await readFile(join(damaged, 'image.json'), 'utf8')) as GoldenImage,
      damaged,
      'device-state',
    );
    await rewriteDescriptor(damaged, () => named(change));
    await cp(damaged, join(cluster.warehouse, 'cut'), { recursive: true });
    await rm(source, { recursive: true });
    await waitForImage('cut');

    const events: CreateEvent[] = [];
    const vm = await cluster
      .shop()
      .create(
        { ...microRequest([{ name: 'work', script: ran('work') }]), operatingSystem: { name: 'cut' } },
        { onEvent: (event) => events.push(event) },
      );
    expect(vm).toMatchObject({ image: 'cut', rung: 'disk', state: 'running' });
    const plans = events.flatMap((event) => (event.kind === 'plan' ? [event.plan.rung] : []));
    expect(plans).toEqual(['warm', 'disk']);
    expect(await cluster.inGuest(vm.vmid, 'cat /ran')).toBe('work\n');
    expect(await cluster.plants[0]?.monitors()).toHaveLength(1);
    expect(await cluster.plants[0]?.audit()).toEqual([]);
    await cluster.shop().collect(vm.vmid);
  });
});
