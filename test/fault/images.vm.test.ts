import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bakeRoot } from '../../plant/cli/layout.js';
import type { CreateEvent } from '../../shop/client.js';
import { type Cluster, startCluster } from '../e2e/cluster.js';
import { withFileAsItIs } from '../e2e/descriptor.js';
import { failureOf } from '../e2e/failure.js';
import { keepBusy } from '../e2e/keepBusy.js';
import { monitorsIn } from '../e2e/leftovers.js';
import { FACTS, type Facts, factsIn, oneFact, randomBlocks } from '../e2e/machineFacts.js';
import type { PlantServer } from '../e2e/plantServer.js';
import { type StartedProgram, startProgram } from '../e2e/program.js';
import { microRequest } from '../e2e/requests.js';
import { publishVariant } from '../e2e/variantImage.js';

// Faults 23 to 26 and 28: what can befall golden images, with real machines and plants in processes of their own.

let cluster: Cluster;

function withPlant(args: readonly string[]): void {
  beforeAll(async () => {
    cluster = await startCluster({ ownImages: ['micro'], plantArgs: args });
  });
  afterAll(() => cluster.close());
}

const NOTHING_AHEAD = ['--learn-disk', '0', '--prepare-memory', '0'];
const LEARNING = ['--learn-disk', '2GiB', '--prepare-memory', '0'];

/** What is done in the background, on a machine that may be busy with other things. */
const BACKGROUND = { timeout: 150_000, interval: 250 };
const PUBLISH_MILLISECONDS = 600_000;

const WORK = { name: 'work', script: 'echo work >>/ran\n' };

function plant(): PlantServer {
  const [first] = cluster.plants;
  if (first === undefined) throw new Error('the cluster has no plant');
  return first;
}

async function imageNames(): Promise<readonly string[]> {
  return (await cluster.shop().images()).images.map(({ name }) => name).sort();
}

/** Names in the warehouse of images that are put together, and are none yet. */
async function staging(): Promise<readonly string[]> {
  return (await readdir(cluster.warehouse)).filter((name) => name.startsWith('.staging-'));
}

const scratch = async (): Promise<readonly string[]> => await readdir(bakeRoot(plant().data)).catch(() => []);
const bakingMonitors = (): Promise<readonly number[]> => monitorsIn(bakeRoot(plant().data));

/** Looks so often that it sees what is there for a tenth of a second. */
async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + BACKGROUND.timeout;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await after(2);
  }
}

describe('fault 23: whoever makes an image is killed', () => {
  withPlant(NOTHING_AHEAD);

  const request = microRequest([WORK]);
  const build = (): StartedProgram =>
    startProgram('vmplant', ['warehouse', 'build', 'half', '-f', '-'], {
      variables: { VMPLANT_DATA: plant().data, VMPLANT_WAREHOUSE: cluster.warehouse },
      stdin: JSON.stringify(request),
    });
  const killed = async (program: StartedProgram): Promise<void> => {
    program.child.kill('SIGKILL');
    expect(await program.ended).toBe('SIGKILL');
  };

  it('while its machine runs: nothing is visible, and the next start of the plant ends the machine', async () => {
    const program = build();
    await until(async () => (await bakingMonitors()).length > 0, 'a machine bakes');
    await killed(program);
    expect(await imageNames()).toEqual(['micro']);
    expect(await scratch()).toHaveLength(1);
    expect(await plant().stop()).toEqual([]);
    await plant().startAgain();
    expect([await scratch(), await bakingMonitors(), await staging()]).toEqual([[], [], []]);
  });

  it('while it publishes: nothing is visible, and the rest is garbage that is collected', async () => {
    const program = build();
    await until(async () => (await staging()).length > 0, 'the image is put together');
    await killed(program);
    const [left] = await staging();
    expect(left).toBeDefined();
    const listed = async (args: readonly string[]): Promise<unknown> =>
      JSON.parse(await cluster.vmplantOutput(['warehouse', 'gc', '-o', 'json', ...args]));
    const garbage = expect.objectContaining({
      garbage: [{ path: left, kind: 'staging', removable: true }],
    });
    expect(await listed(['--dry-run'])).toEqual(garbage);
    expect(await imageNames()).toEqual(['micro']);
    expect((await cluster.shop().images()).quarantined).toEqual([]);
    expect(await listed([])).toEqual(garbage);
    expect(await staging()).toEqual([]);

    // The name is free, and what was left of the machine goes with the next bake.
    expect(await build().ended).toBe(0);
    await expect.poll(imageNames, BACKGROUND).toEqual(['half', 'micro']);
    expect([await scratch(), await staging()]).toEqual([[], []]);
    expect(await cluster.vmplantOutput(['warehouse', 'remove', 'half'])).toBe('half\n');
    await expect.poll(imageNames, BACKGROUND).toEqual(['micro']);
  });

  it('as the plant that publishes a VM: the VM lives on, and the next start removes the rest', async () => {
    const { vmid } = await cluster.shop().create(request);
    const publishing = failureOf(cluster.shop().publish(vmid, 'half'));
    await until(async () => (await staging()).length > 0, 'the image is put together');
    await plant().kill();
    expect((await publishing).code).toBe('UNAVAILABLE');
    expect(await staging()).toHaveLength(1);
    await plant().startAgain();
    await expect.poll(imageNames, BACKGROUND).toEqual(['micro']);
    expect([await scratch(), await bakingMonitors(), await staging()]).toEqual([[], [], []]);
    expect(await cluster.inGuest(vmid, 'cat /ran')).toBe('work\n');
    expect(await plant().audit()).toEqual([]);
    // An order that came once is remembered by its keys alone: its work may hold secrets.
    expect((await failureOf(cluster.shop().publish(vmid, 'half'))).reason).toBe('RECIPE_UNKNOWN');
    const options = { request, timeoutMilliseconds: PUBLISH_MILLISECONDS };
    const again = await cluster.shop().publish(vmid, 'half', options);
    expect(again.image).toMatchObject({ name: 'half', origin: 'recipe' });
    await cluster.shop().collect(vmid);
  });
});

/** Turns one bit of a file round, where it is, as decay and strangers do. */
async function flipBit(path: string): Promise<void> {
  const offset = Math.floor((await stat(path)).size / 2);
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, offset);
  } finally {
    await file.close();
  }
}

describe('fault 24: a bit flips in a golden image while its plant serves', () => {
  withPlant(NOTHING_AHEAD);

  const SYSTEM = 'twin';
  const request = { ...microRequest([WORK]), operatingSystem: { name: SYSTEM } };

  it.each([
    { name: 'twin-b', file: 'disk.qcow2' },
    { name: 'twin-a', file: 'memory' },
  ])(
    'in the $file: nothing is cloned from it any more, and it is listed with the reason',
    async (flipped) => {
      for (const name of ['twin-a', 'twin-b']) {
        if (!(await imageNames()).includes(name)) await publishVariant(cluster, { name, system: SYSTEM });
      }
      const other = flipped.name === 'twin-a' ? 'twin-b' : 'twin-a';
      await flipBit(join(cluster.warehouse, flipped.name, flipped.file));
      // At once: before it can have been read again.
      const vm = await cluster.shop().create(request);
      expect(vm).toMatchObject({ image: other, rung: 'warm' });
      await cluster.shop().collect(vm.vmid);

      const problems = async (): Promise<readonly string[]> =>
        (await cluster.shop().images()).quarantined.map(({ name, problem }) => `${name}: ${problem}`);
      await expect.poll(problems, BACKGROUND).toEqual([expect.stringMatching(/SHA-256/)]);
      expect(await problems()).toEqual([expect.stringContaining(`${flipped.name}/${flipped.file}`)]);
      const { stdout, stderr } = await cluster.vmshop(['images']);
      expect(stdout).not.toMatch(new RegExp(`^${flipped.name} `, 'm'));
      expect(stderr).toMatch(
        new RegExp(`^warning: ${flipped.name} on plant-1 is in quarantine,.*SHA-256`, 'm'),
      );
      expect(await cluster.vmshopOutput(['images', '--tree'])).toMatch(
        new RegExp(`^${flipped.name} .*in quarantine: .*SHA-256`, 'm'),
      );

      await flipBit(join(cluster.warehouse, other, flipped.file));
      const error = await failureOf(cluster.shop().create(request));
      expect([error.code, error.reason]).toEqual(['FAILED_PRECONDITION', 'NO_MATCHING_IMAGE']);
      for (const name of [flipped.name, other]) {
        expect(await cluster.vmplantOutput(['warehouse', 'remove', name])).toBe(`${name}\n`);
      }
      await expect.poll(imageNames, BACKGROUND).toEqual(['micro']);
    },
  );
});

describe('fault 25: an image is to be removed that something lives on', () => {
  withPlant(['--learn-disk', '0', '--prepare-memory', '256MiB']);

  it('is refused, naming VMs and machines that wait, until they have gone', async () => {
    const remove = () => cluster.vmplant(['warehouse', 'remove', 'micro']);
    const { vmid } = await cluster.shop().create(microRequest([WORK]));
    const waiting = async (): Promise<number> => (await cluster.shop().plants())[0]?.prepared ?? 0;
    await expect.poll(waiting, BACKGROUND).toBe(1);
    const [prepared = ''] = await plant().prepared();
    expect(prepared).toMatch(/^prepared-/);

    const both = await remove();
    expect(both.exitCode).toBe(1);
    expect(both.stderr).toMatch(/^error: micro cannot be removed: it is in use by /m);
    for (const name of [vmid, prepared]) expect(both.stderr).toContain(name);
    expect(await cluster.inGuest(vmid, 'cat /ran')).toBe('work\n');

    await cluster.shop().collect(vmid);
    await expect.poll(waiting, BACKGROUND).toBe(1);
    const one = await remove();
    expect(one.exitCode).toBe(1);
    expect(one.stderr).toContain((await plant().prepared())[0]);
    expect(one.stderr).not.toContain(vmid);
    expect(await imageNames()).toEqual(['micro']);

    expect(await plant().endWaiting()).toEqual([]);
    expect(await remove()).toMatchObject({ exitCode: 0, stdout: 'micro\n' });
    await expect.poll(imageNames, BACKGROUND).toEqual([]);
  });
});

describe('fault 26: clones of images that the system made by itself', () => {
  withPlant(LEARNING);

  /** What each machine that an image was made in knew of itself is in the image. */
  const remember = (words: string) =>
    microRequest([{ name: 'remember', script: `sleep 1\n: ${words}\n{ ${FACTS} } >/golden\n` }]);
  const IDENTITY = ['machineId', 'bootId', 'hostname', 'mac'];

  async function clonesOf(request: object, image: string | RegExp): Promise<readonly Facts[]> {
    const vms = await Promise.all([1, 2, 3].map(() => cluster.shop().create(request)));
    const machines = await Promise.all(
      vms.map(async (vm) => {
        expect(vm).toMatchObject({ image: expect.stringMatching(image), rung: 'warm' });
        expect(vm.classad.ActionsRun).toEqual([]);
        const facts = factsIn(await cluster.inGuest(vm.vmid, FACTS));
        expect(vm.classad).toMatchObject({
          Hostname: oneFact(facts, 'hostname'),
          MachineId: oneFact(facts, 'machineId'),
          BootId: oneFact(facts, 'bootId'),
          MacAddress: oneFact(facts, 'mac'),
        });
        return facts;
      }),
    );
    const golden = factsIn(await cluster.inGuest(vms[0]?.vmid ?? '', 'cat /golden'));
    for (const { vmid } of vms) await cluster.shop().collect(vmid);
    for (const name of IDENTITY) {
      for (const facts of machines) expect(oneFact(facts, name)).not.toBe(oneFact(golden, name));
    }
    return [...machines, golden];
  }

  it(
    'share no identity and no random state, neither with each other nor with the machine of the image',
    async () => {
      const published = remember('published');
      const vm = await cluster.shop().create(published);
      const own = factsIn(await cluster.inGuest(vm.vmid, FACTS));
      const options = { timeoutMilliseconds: PUBLISH_MILLISECONDS };
      await cluster.shop().publish(vm.vmid, 'by-recipe', options);
      const live = { memory: true };
      const { opaqueKey } = await cluster.shop().publish(vm.vmid, 'by-hand', { ...options, live });
      await cluster.shop().collect(vm.vmid);
      const learned = remember('learned');
      for (let n = 0; n < 2; n += 1)
        await cluster.shop().collect((await cluster.shop().create(learned)).vmid);
      await expect.poll(async () => (await imageNames()).join(), BACKGROUND).toMatch(/learned-/);

      const byHand = {
        ...published,
        actions: [...(published.actions as readonly object[]), { name: 'tuning', opaque: opaqueKey }],
      };
      const machines = [
        own,
        ...(await clonesOf(published, 'by-recipe')),
        ...(await clonesOf(byHand, 'by-hand')),
        ...(await clonesOf(learned, /^learned-/)),
      ];
      const golden = machines.filter((_, place) => place > 0 && place % 4 === 0);
      const clones = machines.filter((machine) => !golden.includes(machine));
      expect(clones).toHaveLength(10);
      for (const name of IDENTITY) {
        const values = clones.map((facts) => oneFact(facts, name));
        expect([name, new Set(values).size]).toEqual([name, 10]);
      }
      const blocks = randomBlocks(machines);
      expect(blocks).toHaveLength(13 * (128 + 8));
      expect(new Set(blocks).size).toBe(blocks.length);
      expect(await plant().audit()).toEqual([]);
    },
    PUBLISH_MILLISECONDS,
  );
});

describe('fault 28: an image is published whose device state was cut short before', () => {
  withPlant(LEARNING);

  it('is booted after one try, is not tried again, and is frozen anew in the background', async () => {
    await publishVariant(cluster, {
      name: 'cut',
      system: 'cut',
      alter: async (image, directory) => {
        const state = join(directory, 'device-state');
        await truncate(state, Math.floor((await stat(state)).size / 2));
        return await withFileAsItIs(image, directory, 'device-state');
      },
    });
    const request = { ...microRequest([WORK]), operatingSystem: { name: 'cut' } };
    const created = async () => {
      const tried: string[] = [];
      const onEvent = (event: CreateEvent): void => {
        if (event.kind === 'plan') tried.push(`${event.plan.image} ${event.plan.rung}`);
      };
      const vm = await cluster.shop().create(request, { onEvent });
      expect(await cluster.inGuest(vm.vmid, 'cat /ran')).toBe('work\n');
      await cluster.shop().collect(vm.vmid);
      return { vm, tried };
    };

    // As long as this goes on, nothing is done in the background.
    const busy = await keepBusy(cluster.shop());
    const first = await created();
    expect(first.tried).toEqual(['cut warm', 'cut disk']);
    expect(first.vm).toMatchObject({ image: 'cut', rung: 'disk' });
    const [offer] = (await cluster.shop().plan(request)).offers;
    expect(offer?.plan).toMatchObject({ image: 'cut', rung: 'disk', rungReason: expect.any(String) });
    expect((await created()).tried).toEqual(['cut disk']);
    expect(await imageNames()).toEqual(['cut', 'micro']);
    await busy.end();

    const rewarmed = async () =>
      (await cluster.shop().images()).images.filter(({ origin }) => origin === 'rewarmed');
    await expect.poll(async () => (await rewarmed()).length, BACKGROUND).toBe(1);
    expect(await rewarmed()).toEqual([expect.objectContaining({ parent: 'cut', warm: true })]);
    const last = await created();
    expect(last.vm.rung).toBe('warm');
    expect(last.tried).toEqual([`${last.vm.image} warm`]);
    expect(last.vm.image).not.toBe('cut');
    expect(await plant().audit()).toEqual([]);
    expect(await plant().monitors()).toEqual([]);
  });
});
