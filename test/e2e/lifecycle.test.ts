import { cp, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, copyImage, startCluster } from './cluster.js';
import { rewriteDescriptor } from './descriptor.js';
import { failureOf } from './failure.js';
import { ROOT } from './program.js';
import { microRequest } from './requests.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro'] });
});
afterAll(() => cluster.close());

const greeting = microRequest([
  { name: 'greet', script: 'echo "Greeting=hello" >>"$VMPLANTS_ATTRIBUTES"; echo kept >/kept\n' },
]);

async function monitors(): Promise<readonly number[]> {
  return (await cluster.plants[0]?.monitors()) ?? [];
}

/** `vmplant audit` as a person runs it. */
async function audited(): Promise<unknown> {
  const [plant] = cluster.plants;
  return JSON.parse(await cluster.vmplantOutput(['audit', '--data', plant?.data ?? '', '-o', 'json']));
}

describe('a VM, with the command line alone', () => {
  it('is created, shown, used and destroyed, and nothing is left', async () => {
    const created = await cluster.vmshopOutput([
      'create',
      '-f',
      join(ROOT, 'examples/hello.yaml'),
      '-o',
      'json',
    ]);
    const vm = JSON.parse(created) as { readonly vmid: string; readonly classad: Record<string, unknown> };
    const { vmid } = vm;
    expect(vmid).toMatch(/^vm-[a-z2-7]{26}$/);
    expect(vm.classad).toMatchObject({
      VMID: vmid,
      State: 'running',
      Plant: 'plant-1',
      Image: 'micro',
      Rung: 'warm',
      GREETING: `Hello, world, from ${vmid}`,
      ActionsRun: ['install', 'greet'],
    });

    const [ad, listed, uname, status, audit, onConsole] = await Promise.all([
      cluster.vmshopOutput(['get', vmid]),
      cluster.vmshopOutput(['list', '-q']),
      cluster.vmshopOutput(['exec', vmid, '--', 'uname', '-n']),
      cluster.vmshop(['exec', vmid, '--', 'sh', '-c', 'exit 42']),
      audited(),
      cluster.vmshop(['console', vmid], { stdin: '\x1d' }),
    ]);
    expect(ad).toContain(`GREETING = "Hello, world, from ${vmid}"`);
    expect(listed).toBe(`${vmid}\n`);
    expect(uname).toBe(`${vmid}\n`);
    expect(status.exitCode).toBe(42);
    expect(audit).toMatchObject({ vms: 1, processes: 1, clones: 1, served: true, differences: [] });
    expect(onConsole.exitCode).toBe(0);
    expect(await monitors()).toHaveLength(1);

    expect(await cluster.vmshopOutput(['destroy', vmid])).toBe(`${vmid}\n`);
    expect(await monitors()).toEqual([]);
    expect(await cluster.plants[0]?.clones()).toEqual([]);
    expect(await audited()).toMatchObject({ vms: 0, processes: 0, clones: 0, differences: [] });
    const [gone, again] = await Promise.all([
      cluster.vmshop(['get', vmid]),
      cluster.vmshop(['destroy', vmid]),
    ]);
    expect([gone.exitCode, again.exitCode]).toEqual([3, 3]);
  });
});

describe('a VM, with the client library', () => {
  it('has nothing of its configuration left in its drive or with the monitor', async () => {
    const canary = 'CANARY-3f9c1e';
    const { vmid } = await cluster.shop().create(microRequest([{ name: 'secret', script: `: ${canary}\n` }]));
    // In two parts, so that the command itself does not hold what it looks for.
    const found = await cluster.inGuest(
      vmid,
      "for drive in /dev/sr*; do grep -ac 'CANARY-3f9''c1e' $drive 2>/dev/null; done | grep -v '^0$'; ls /dev/sr*\n",
    );
    expect(found).toBe('/dev/sr0\n/dev/sr1\n');
    for (const pid of await monitors()) {
      const open = await readdir(`/proc/${pid}/fd`);
      const files = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
      expect(files.filter((file) => file.includes('.iso'))).toEqual([]);
    }
    await cluster.shop().collect(vmid);
  });

  it('answers at its console, by its own name', async () => {
    const shop = cluster.shop();
    const { vmid } = await shop.create(greeting);
    const prompt = `${vmid} login: `;
    const left = new AbortController();
    const typed = (async function* () {
      yield Buffer.from('\r');
      await new Promise((resolve) => left.signal.addEventListener('abort', resolve));
    })();
    let written = '';
    for await (const data of shop.console(vmid, typed, { timeoutMilliseconds: 60_000 })) {
      written += Buffer.from(data).toString();
      if (written.includes(prompt)) break;
    }
    left.abort();
    expect(written).toContain(prompt);
    expect(await shop.collect(vmid)).toEqual({ vmid, collected: true });
  });

  it('is free again as soon as whoever ran a command or had the console has left', async () => {
    const shop = cluster.shop();
    const { vmid } = await shop.create(greeting);
    const commands = new AbortController();
    const long = shop.exec(vmid, 'echo begun; sleep 3000', {
      commandTimeoutSeconds: 3_600,
      signal: commands.signal,
      onOutput: () => commands.abort(),
    });
    expect((await failureOf(long)).code).toBe('CANCELLED');
    // The `s` in brackets: not this command itself.
    expect(await cluster.inGuest(vmid, 'ps | grep -c "[s]leep 3000" || true')).toBe('0\n');

    // The first visit leaves a silent guest that waits for a password, the second gives it one that is wrong.
    for (const answer of ['Password:', 'Login incorrect']) {
      const left = new AbortController();
      const typed = (async function* () {
        yield Buffer.from('root\r');
        await new Promise((resolve) => left.signal.addEventListener('abort', resolve));
      })();
      let written = '';
      const reading = (async () => {
        for await (const data of shop.console(vmid, typed, { signal: left.signal })) {
          written += Buffer.from(data).toString();
          if (written.includes(answer)) left.abort();
        }
      })();
      expect((await failureOf(reading)).code).toBe('CANCELLED');
      expect(written).toContain(answer);
    }
    await shop.collect(vmid);
  });

  it('is the same VM for the same request ID, and another request under that ID is refused', async () => {
    const shop = cluster.shop();
    const [first, second] = await Promise.all([
      shop.create(greeting, { requestId: 'job-1' }),
      shop.create(greeting, { requestId: 'job-1' }),
    ]);
    const third = await shop.create(greeting, { requestId: 'job-1' });
    expect(new Set([first.vmid, second.vmid, third.vmid]).size).toBe(1);
    expect(third.classad).toEqual(first.classad);
    expect(await monitors()).toHaveLength(1);

    const other = microRequest([{ name: 'greet', script: 'exit 0\n' }]);
    const error = await failureOf(shop.create(other, { requestId: 'job-1' }));
    expect(error.code).toBe('ALREADY_EXISTS');
    expect(await monitors()).toHaveLength(1);
    await shop.collect(first.vmid);
    expect((await shop.list()).vms).toEqual([]);
  });
});

describe('an image that is copied into the warehouse', () => {
  it('is used by the plant that serves, and no longer when it is removed', async () => {
    const shop = cluster.shop();
    const source = join(cluster.directory, 'elsewhere');
    await copyImage(cluster.warehouse, 'micro', source);
    // Of a system that the plant has no image for yet, so that no other can take its place.
    await rewriteDescriptor(join(source, 'micro'), (image) => ({
      ...image,
      name: 'petite',
      operatingSystem: { ...image.operatingSystem, name: 'petite' },
    }));
    const request = { ...greeting, operatingSystem: { name: 'petite' } };
    expect((await failureOf(shop.create(request))).reason).toBe('NO_MATCHING_IMAGE');

    const target = join(cluster.warehouse, 'petite');
    await cp(join(source, 'micro'), target, { recursive: true });
    await expect.poll(imageNames, { timeout: 30_000 }).toEqual(['micro', 'petite']);
    const vm = await shop.create(request);
    expect(vm).toMatchObject({ image: 'petite', rung: 'warm', state: 'running' });
    expect(await cluster.inGuest(vm.vmid, 'cat /kept')).toBe('kept\n');
    await shop.collect(vm.vmid);

    await rm(target, { recursive: true });
    await expect.poll(imageNames, { timeout: 30_000 }).toEqual(['micro']);
    expect((await failureOf(shop.create(request))).reason).toBe('NO_MATCHING_IMAGE');
    await rm(source, { recursive: true });
  });
});

async function imageNames(): Promise<readonly string[]> {
  return (await cluster.shop().images()).images.map(({ name }) => name).sort();
}
