import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import type { PublishedImage } from '../../shop/client.js';
import { type Cluster, startCluster } from './cluster.js';
import { debianRequest, microRequest, type RequestedAction } from './requests.js';

// Golden images made of VMs that go on running: from their request, and as they are.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro', 'debian-12'] });
});
afterAll(() => cluster.close());

/** Under emulation, beside everything else that a run does. */
const PUBLISH_MILLISECONDS = 600_000;

const DOMAIN = 'lab.example.org';
const OTHER_DOMAIN = 'other.example.org';

/** Every action says in the guest that it ran. */
const TOOLS: RequestedAction = { name: 'tools', script: 'echo tools >>/ran\n' };
const OWN: RequestedAction = {
  name: 'own',
  after: ['tools'],
  parameters: { secret: { identity: 'secret' } },
  script: 'echo own >>/ran\necho "$PARAM_secret" >/secret\n',
};

const requestOf = (
  secret: string,
  more: readonly RequestedAction[] = [],
  clientDomain = DOMAIN,
): Readonly<Record<string, unknown>> =>
  microRequest([TOOLS, OWN, ...more], { identity: { secret }, clientDomain });

/** A program of the user's own that goes on for as long as its machine does. */
const CHANGE_BY_HAND = `
echo tuned >/root/by-hand
(while :; do echo tick >>/root/ticks; sleep 0.05; done) </dev/null >/dev/null 2>&1 &
sync
`;
/** Prints whether that program does something within ten seconds. */
const COUNTING = `
before=$(wc -l </root/ticks)
for try in 1 2 3 4 5 6 7 8 9 10; do
  [ "$(wc -l </root/ticks)" -gt "$before" ] && echo counting && exit 0
  sleep 1
done
echo still
`;

async function planFor(wanted: object) {
  const { offers } = await cluster.shop().plan(wanted);
  const [offer] = offers;
  if (offer === undefined) throw new Error('the plant would not bid');
  return offer.plan;
}

const imageNames = async (clientDomain: string): Promise<readonly string[]> =>
  (await cluster.shop().images({ clientDomain })).images.map(({ name }) => name);

/** Whatever tells a VM from others, and must not be in an image of it. */
const traces = ({ classad }: Vm): readonly string[] => [String(classad.Hostname), String(classad.MachineId)];

async function expectNoTraces(
  image: string,
  files: readonly string[],
  words: readonly string[],
): Promise<void> {
  for (const file of files) {
    const bytes = await readFile(join(cluster.warehouse, image, file));
    for (const word of words) expect([file, word, bytes.includes(word)]).toEqual([file, word, false]);
  }
}

/** The whole disk as its guest sees it, free space included. */
async function expectCleanDisk(image: string, words: readonly string[]): Promise<void> {
  const raw = join(cluster.directory, 'disk.raw');
  await promisify(execFile)(
    'qemu-img',
    ['convert', '-U', '-O', 'raw', join(cluster.warehouse, image, 'disk.qcow2'), raw],
    { timeout: 60_000 },
  );
  const bytes = await readFile(raw);
  await rm(raw);
  for (const word of words) expect([word, bytes.includes(word)]).toEqual([word, false]);
}

function expectOtherIdentities(vms: readonly Vm[]): void {
  for (const name of ['Hostname', 'MachineId', 'BootId', 'MacAddress']) {
    expect([name, new Set(vms.map(({ classad }) => classad[name])).size]).toEqual([name, vms.length]);
  }
}

describe('a VM published from its request', () => {
  let published: PublishedImage;

  beforeAll(async () => {
    const vm = await cluster.shop().create(requestOf('first'));
    expect(vm.classad).toMatchObject({ Image: 'micro', ActionsRun: ['tools', 'own'] });
    published = await cluster.shop().publish(vm.vmid, 'from-request', {
      pinned: true,
      timeoutMilliseconds: PUBLISH_MILLISECONDS,
    });
    await cluster.shop().collect(vm.vmid);
  });

  it('saves the next such VM all that belongs to no one VM', async () => {
    expect(published).toMatchObject({
      leftOut: ['own'],
      image: { name: 'from-request', origin: 'recipe', parent: 'micro', owner: DOMAIN },
    });
    expect(published.opaqueKey).toBeUndefined();
    const vm = await cluster.shop().create(requestOf('second'));
    expect(vm).toMatchObject({ image: 'from-request', rung: 'warm' });
    expect(vm.classad).toMatchObject({ ActionsPerformed: ['tools'], ActionsRun: ['own'] });
    expect(await cluster.inGuest(vm.vmid, 'cat /ran /secret')).toBe('tools\nown\nsecond\n');
    await cluster.shop().collect(vm.vmid);
  });

  it("is nobody else's until it is shared, and then as far as it is", async () => {
    const others = requestOf('others', [], OTHER_DOMAIN);
    const seen = async () => {
      const { image, rung, rejected } = await planFor(others);
      return { image, rung, named: rejected.some((one) => one.image === 'from-request') };
    };
    expect(await imageNames(DOMAIN)).toContain('from-request');
    expect(await imageNames(OTHER_DOMAIN)).not.toContain('from-request');
    expect(await seen()).toEqual({ image: 'micro', rung: 'warm', named: false });
    for (const [shared, rung] of [
      ['disk', 'disk'],
      ['memory', 'warm'],
    ] as const) {
      await cluster.shop().shareImage('from-request', shared, { clientDomain: DOMAIN });
      expect(await imageNames(OTHER_DOMAIN)).toContain('from-request');
      const { image, rung: chosen, named } = await seen();
      // Booting it may cost more than it saves; it is weighed all the same.
      if (image === 'from-request') expect(chosen).toBe(rung);
      else expect([shared, named]).toEqual(['disk', true]);
    }
    await cluster.shop().shareImage('from-request', 'no', { clientDomain: DOMAIN });
    expect(await seen()).toMatchObject({ image: 'micro', named: false });
  });
});

describe.each([
  { memory: true, name: 'with-memory', runs: 'counting' },
  { memory: false, name: 'without-memory', runs: 'still' },
])('a VM published as it is, its memory too: $memory', ({ memory, name, runs }) => {
  let vm: Vm;
  let published: PublishedImage;
  const live = { memory, scrub: 'rm /secret\nsed -i /own/d /ran\n' };
  const tuning = (): RequestedAction => ({ name: 'tuning', opaque: published.opaqueKey });

  beforeAll(async () => {
    vm = await cluster.shop().create(requestOf('canary-of-the-vm'));
    await cluster.inGuest(vm.vmid, CHANGE_BY_HAND);
    published = await cluster
      .shop()
      .publish(vm.vmid, name, { live, timeoutMilliseconds: PUBLISH_MILLISECONDS });
  });

  it('goes on as if nothing had happened', async () => {
    expect(await cluster.inGuest(vm.vmid, `cat /root/by-hand /secret; hostname; ${COUNTING}`)).toBe(
      `tuned\ncanary-of-the-vm\n${vm.hostname}\ncounting\n`,
    );
    expect(published).toMatchObject({
      pausedSeconds: expect.any(Number),
      scrubbed: expect.arrayContaining(['ssh-host-keys', 'machine-id', 'host-name', 'free-space']),
      image: { name, origin: 'live', owner: DOMAIN },
    });
    expect(await cluster.plants[0]?.audit()).toEqual([]);
  });

  it('has what was changed by hand in every clone that names it, and each is a machine of its own', async () => {
    const request = requestOf('another', [tuning()]);
    const clones = await Promise.all([cluster.shop().create(request), cluster.shop().create(request)]);
    expectOtherIdentities([vm, ...clones]);
    for (const clone of clones) {
      expect(clone).toMatchObject({ image: name, rung: 'warm' });
      expect(clone.classad).toMatchObject({ ActionsPerformed: ['tools', 'tuning'], ActionsRun: ['own'] });
      expect(await cluster.inGuest(clone.vmid, `cat /root/by-hand /ran /secret; hostname; ${COUNTING}`)).toBe(
        `tuned\ntools\nown\nanother\n${clone.hostname}\n${runs}\n`,
      );
    }
    await Promise.all(clones.map(({ vmid }) => cluster.shop().collect(vmid)));
  });

  it('serves no request that does not name the change, and the plan says so', async () => {
    const { image, rejected } = await planFor(requestOf('another'));
    expect(image).not.toBe(name);
    expect(rejected).toContainEqual(expect.objectContaining({ image: name, test: 'subset' }));
    const unknown = requestOf('another', [{ name: 'tuning', opaque: 'f'.repeat(64) }]);
    await expect(cluster.shop().create(unknown)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('leaves no trace of the VM on the disk of the image, nor in a memory that never knew it', async () => {
    const words = [...traces(vm), 'canary-of-the-vm'];
    await expectCleanDisk(name, words);
    await expectNoTraces(
      name,
      ['disk.qcow2', 'image.json', ...(memory ? [] : ['memory', 'device-state'])],
      words,
    );
  });

  afterAll(() => cluster.shop().collect(vm.vmid));
});

it('refuses a VM with an identity of its own that nobody answers for, and leaves nothing', async () => {
  const vm = await cluster.shop().create(requestOf('mine'));
  const publish = (live: object) => cluster.shop().publish(vm.vmid, 'refused', { live });
  await expect(publish({})).rejects.toMatchObject({
    reason: 'IDENTITY_REMAINS',
    message: expect.stringContaining('own'),
  });
  await expect(publish({ scrub: 'echo no\nexit 1\n' })).rejects.toMatchObject({ reason: 'SCRUB_FAILED' });
  expect(await imageNames(DOMAIN)).not.toContain('refused');
  expect(await cluster.plants[0]?.audit()).toEqual([]);
  await cluster.shop().collect(vm.vmid);
});

it(
  'rids a Debian system of what it knows of itself',
  async () => {
    const vm = await cluster.shop().create(debianRequest([], { clientDomain: DOMAIN }));
    await cluster.inGuest(vm.vmid, 'echo tuned >/root/by-hand; echo "uptime" >/root/.bash_history; sync');
    const { opaqueKey } = await cluster
      .shop()
      .publish(vm.vmid, 'debian-tuned', { live: {}, timeoutMilliseconds: PUBLISH_MILLISECONDS });
    await expectNoTraces('debian-tuned', ['disk.qcow2', 'memory', 'device-state'], traces(vm));
    const request = debianRequest([{ name: 'tuning', opaque: opaqueKey }], { clientDomain: DOMAIN });
    const clone = await cluster.shop().create(request);
    expect(clone).toMatchObject({ image: 'debian-tuned', rung: 'warm' });
    expectOtherIdentities([vm, clone]);
    const look =
      'cat /root/by-hand; ls /root/.bash_history 2>&1; cut -d " " -f 1,2 /etc/ssh/ssh_host_*_key.pub';
    const [first, second] = await Promise.all([
      cluster.inGuest(clone.vmid, `${look} || true`),
      cluster.inGuest(vm.vmid, `${look} || true`),
    ]);
    expect(first).toMatch(/^tuned\n.*No such file.*\nssh-ed25519 \S+\n$/);
    expect(second).toMatch(/^tuned\n\/root\/\.bash_history\nssh-ed25519 \S+\n$/);
    expect(first.split('\n').at(-2)).not.toBe(second.split('\n').at(-2));
    await Promise.all([vm, clone].map(({ vmid }) => cluster.shop().collect(vmid)));
  },
  PUBLISH_MILLISECONDS,
);
