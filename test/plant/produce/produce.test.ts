import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import { createRig, fakeOrder, NEVER, newVmid, produce, type Rig, type RigOptions } from './rig.js';

let rig: Rig;
afterEach(() => rig.remove());

async function plantOf(options: RigOptions = {}) {
  rig = await createRig(options);
  return (await rig.open()).plant;
}

async function failureOf(work: Promise<unknown>): Promise<VmplantsError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof VmplantsError) return error;
  throw new Error(`expected a VmplantsError, found ${String(error)}`);
}

describe('produce', () => {
  test('an order becomes a running VM with a classad', async () => {
    const plant = await plantOf();
    const order = fakeOrder(
      [
        { name: 'install', script: 'echo installed\necho VERSION=1.2 >> "$VMPLANTS_ATTRIBUTES"\n' },
        { name: 'claim', script: 'echo VMID=mine >> "$VMPLANTS_ATTRIBUTES"\n', after: ['install'] },
      ],
      { identity: { hostname: 'ws1', secret: 'canary-5731' }, clientDomain: 'example.org' },
    );
    const { vm, events } = await produce(plant, order);
    expect(vm).toMatchObject({
      state: 'running',
      hostname: 'ws1',
      clientDomain: 'example.org',
      image: 'base',
    });
    expect(vm.classad).toMatchObject({
      VMID: vm.vmid,
      Action_VMID: 'mine',
      VERSION: '1.2',
      Hostname: 'ws1',
      State: 'running',
      Rung: 'disk',
      ActionsRun: ['install', 'claim'],
      ActionsHandled: [],
      ActionsSkipped: [],
    });
    expect(vm.classad.MacAddress).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(JSON.stringify(vm)).not.toContain('canary-5731');
    expect(events[0]?.kind).toBe('plan');
    expect(plant.query(vm.vmid)).toEqual(vm);
    await plant.close();
  });

  test('an order without actions is given an identity all the same', async () => {
    const plant = await plantOf();
    const { vm } = await produce(plant, fakeOrder());
    expect(vm.classad.SshHostKey).toMatch(/^ssh-ed25519 /);
    expect(vm.classad.MachineId).toMatch(/^[0-9a-f]{32}$/);
    await plant.close();
  });

  test('a boot that was measured is what the next one is expected to take', async () => {
    const plant = await plantOf();
    const expected = ({ events }: Awaited<ReturnType<typeof produce>>): number => {
      const [first] = events;
      if (first?.kind !== 'plan') throw new Error('expected a plan');
      return first.plan.residualSeconds;
    };
    const first = await produce(plant, fakeOrder());
    expect(expected(first)).toBe(rig.images[0]?.descriptor.bootSeconds);
    expect(expected(await produce(plant, fakeOrder()))).toBeCloseTo(Number(first.vm.classad.BootSeconds), 2);
    await plant.close();
  });

  test('two VMs share no identity', async () => {
    const plant = await plantOf();
    const [one, two] = await Promise.all([produce(plant, fakeOrder()), produce(plant, fakeOrder())]);
    for (const name of ['VMID', 'Hostname', 'MachineId', 'BootId', 'MacAddress', 'SshHostKeyFingerprint']) {
      expect(one.vm.classad[name]).not.toEqual(two.vm.classad[name]);
    }
    await plant.close();
  });

  test('a failing action is reported with how it ended, and nothing is left', async () => {
    const plant = await plantOf();
    const order = fakeOrder([{ name: 'broken', script: 'echo so it is\nexit 7\n' }]);
    const error = await failureOf(produce(plant, order));
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'ACTION_FAILED',
      actionFailure: { action: 'broken', status: 7, outputTail: 'so it is\n' },
    });
    expect(plant.list(undefined)).toEqual([]);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });

  test('a failed VM is kept when the client asked for it, and can be looked into and collected', async () => {
    const plant = await plantOf();
    const vmid = newVmid();
    const order = fakeOrder([{ name: 'broken', script: 'exit 7\n' }]);
    const error = await failureOf(produce(plant, order, { vmid, keepFailed: true }));
    expect(error.actionFailure?.status).toBe(7);
    expect(plant.query(vmid)).toMatchObject({
      state: 'failed',
      reason: 'action broken failed with status 7',
      classad: {
        VMID: vmid,
        Name: vmid,
        Hostname: vmid,
        State: 'failed',
        Reason: 'action broken failed with status 7',
        Plant: 'plant-1',
        ClientDomain: 'default',
        Image: 'base',
        Rung: 'disk',
        Line: 'fake',
        OrderDigest: order.digest,
        CreatedAt: expect.stringMatching(/^20.*Z$/),
      },
    });
    const said: string[] = [];
    for await (const event of plant.exec(vmid, { script: 'echo here\n', timeoutSeconds: 0 }, NEVER)) {
      if (event.kind === 'output') said.push(Buffer.from(event.data).toString());
    }
    expect(said.join('')).toBe('here\n');
    await plant.collect(vmid, NEVER);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });

  test('a handler lets the order go on, and the classad says so', async () => {
    const plant = await plantOf();
    const order = fakeOrder([
      {
        name: 'shaky',
        script: 'exit 1\n',
        onError: {
          retries: 1,
          handler: { actions: [{ name: 'mend', script: 'echo MENDED=yes >> "$VMPLANTS_ATTRIBUTES"\n' }] },
          then: { goOnAt: 'last' },
        },
      },
      { name: 'middle', script: 'echo no\n', after: ['shaky'] },
      { name: 'last', script: 'echo yes\n', after: ['middle'] },
    ]);
    const { vm, events } = await produce(plant, order);
    expect(vm.classad).toMatchObject({
      MENDED: 'yes',
      ActionsRun: ['last'],
      ActionsHandled: ['shaky'],
      ActionsSkipped: ['middle'],
    });
    const tries = events.filter(
      (event) => event.kind === 'progress' && event.progress.message.startsWith('failed with status 1'),
    );
    expect(tries).toHaveLength(2);
    await plant.close();
  });

  test('host actions come before the guest needs them', async () => {
    const plant = await plantOf();
    const order = fakeOrder([
      { name: 'data', host: { addDisk: { size: '16MiB' } } },
      { name: 'card', host: { addNetworkInterface: {} } },
      { name: 'use', script: 'echo used\n', after: ['data', 'card'] },
    ]);
    const { vm } = await produce(plant, order);
    expect(vm.classad.ActionsRun).toEqual(['data', 'card', 'use']);
    expect(vm.classad.MacAddresses).toHaveLength(2);
    await plant.close();
  });

  test('no configuration ISO, and so no secret of the order, is left in the files or the log', async () => {
    const plant = await plantOf();
    const order = fakeOrder(
      [
        {
          name: 'secret',
          script: '# canary-8822\necho done\n',
          parameters: { token: { identity: 'token' } },
        },
      ],
      { identity: { token: 'canary-9913' } },
    );
    const { vm } = await produce(plant, order);
    await plant.close();
    const files = await readdir(rig.directory, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      const content = await readFile(join(file.parentPath, file.name), 'latin1');
      expect(`${file.name}: ${/canary-(8822|9913)/.test(content)}`).toBe(`${file.name}: false`);
    }
    expect(rig.log.lines.join('\n')).not.toMatch(/canary/);
    expect(JSON.stringify(vm.classad)).not.toMatch(/canary/);
  });
});

describe('the ladder', () => {
  test('a clone that fails is replaced by the next image, and the client is told', async () => {
    const { makeFakeImage } = await import('../../conformance/fakeSubject.js');
    rig = await createRig();
    const first = rig.images[0];
    if (first === undefined) throw new Error('no image');
    const other = await makeFakeImage(join(rig.directory, 'images', 'other'));
    const newer = {
      ...other,
      descriptor: { ...other.descriptor, name: 'other', created: '2026-06-01T00:00:00Z' },
    };
    const line = createFakeLine({
      timeScale: 0.01,
      failAt: ({ image }) => (image.descriptor.name === 'other' ? 'start' : undefined),
    });
    const opened = await createRig({ images: [first, newer], line });
    const { plant } = await opened.open();
    const { vm, events } = await produce(plant, fakeOrder());
    expect(vm.image).toBe('base');
    expect(plant.query(vm.vmid).classad.Image).toBe('base');
    expect(events.flatMap((event) => (event.kind === 'plan' ? [event.plan.image] : []))).toEqual([
      'other',
      'base',
    ]);
    expect(
      events.some(
        (event) => event.kind === 'progress' && event.progress.message.includes('disk clone of other failed'),
      ),
    ).toBe(true);
    await plant.close();
    await opened.remove();
  });

  test.each(['clone', 'start', 'run', 'deliver', 'ends-at-run', 'keeps-identity'] as const)(
    'with nothing below it, %s fails the creation and leaves nothing',
    async (failure) => {
      const plant = await plantOf({ failAt: () => failure });
      const error = await failureOf(produce(plant, fakeOrder([{ name: 'a', script: 'echo a\n' }])));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MACHINE_DID_NOT_START' });
      expect(plant.list(undefined)).toEqual([]);
      expect(await rig.clones()).toEqual([]);
      await plant.close();
    },
  );

  test('a silent guest fails by its deadline', async () => {
    const plant = await plantOf({ failAt: () => 'silent', deadlines: { bootMilliseconds: 50 } });
    const error = await failureOf(produce(plant, fakeOrder()));
    expect(error.message).toContain('was not ready within 0.05 s');
    await plant.close();
  });

  test('a machine that ends while an action runs is no reason for another clone', async () => {
    const plant = await plantOf({ failAt: () => 'ends-at-action' });
    const error = await failureOf(produce(plant, fakeOrder([{ name: 'a', script: 'sleep 1\n' }])));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MACHINE_ENDED' });
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });
});

describe('repeating', () => {
  test('the same VMID and order join the production that runs, from its beginning', async () => {
    const plant = await plantOf();
    const vmid = newVmid();
    const order = fakeOrder([{ name: 'slow', script: 'sleep 5\n' }]);
    const [one, two] = await Promise.all([produce(plant, order, { vmid }), produce(plant, order, { vmid })]);
    expect(two.events).toEqual(one.events);
    expect(plant.list(undefined)).toHaveLength(1);
    const again = await produce(plant, order, { vmid });
    expect(again.events).toEqual([{ kind: 'vm', vm: one.vm }]);
    await plant.close();
  });

  test('another order under the same VMID is refused', async () => {
    const plant = await plantOf();
    const vmid = newVmid();
    await produce(plant, fakeOrder(), { vmid });
    const other = fakeOrder([{ name: 'a', script: 'echo a\n' }]);
    expect(await failureOf(produce(plant, other, { vmid }))).toMatchObject({ code: 'ALREADY_EXISTS' });
    await plant.close();
  });

  test('a production goes on when its follower goes away', async () => {
    const plant = await plantOf();
    const vmid = newVmid();
    const gone = new AbortController();
    const order = fakeOrder([{ name: 'slow', script: 'sleep 5\n' }]);
    const following = plant.produce({ vmid, order, keepFailed: false }, gone.signal);
    await following.next();
    gone.abort();
    await expect(following.next()).rejects.toThrow();
    expect((await produce(plant, order, { vmid })).vm.state).toBe('running');
    await plant.close();
  });
});

test('the phases of a creation add up: none of them is in another', async () => {
  const line = createFakeLine({ timeScale: 1, bootMilliseconds: 300 });
  const plant = await plantOf({ line });
  const { classad } = (await produce(plant, fakeOrder([{ name: 'a', script: 'echo a\n' }]))).vm;
  const seconds = (name: string): number => {
    const value = classad[name];
    if (typeof value !== 'number') throw new Error(`${name}: expected a number, found ${String(value)}`);
    return value;
  };
  const phases = ['CloneSeconds', 'StartSeconds', 'BootSeconds', 'RenewSeconds', 'ConfigureSeconds'];
  const sum = phases.reduce((total, name) => total + seconds(name), 0);
  // Each is rounded to a millisecond.
  expect(sum).toBeLessThanOrEqual(seconds('CreateSeconds') + 0.005);
  await plant.close();
});

describe('limits', () => {
  test('parallel productions never take more VMs than there are places', async () => {
    const plant = await plantOf({ limits: { maxVms: 3, productions: 10 } });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => produce(plant, fakeOrder())));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    }
    expect(plant.list(undefined)).toHaveLength(3);
    await plant.close();
  });

  test('beyond the queue a production is refused and nothing is recorded', async () => {
    const plant = await plantOf({ limits: { productions: 1, waitingProductions: 1 } });
    const order = fakeOrder([{ name: 'slow', script: 'sleep 5\n' }]);
    const results = await Promise.allSettled([1, 2, 3].map(() => produce(plant, order)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { code: 'RESOURCE_EXHAUSTED', reason: 'BUSY' } });
    await plant.close();
  });

  test('domains never share a network, and one is free again after its last VM', async () => {
    const plant = await plantOf({ limits: { networks: 1 } });
    const mine = await produce(plant, fakeOrder([], { clientDomain: 'a.org' }));
    await produce(plant, fakeOrder([], { clientDomain: 'a.org' })).then(({ vm }) =>
      plant.collect(vm.vmid, NEVER),
    );
    const refused = await failureOf(produce(plant, fakeOrder([], { clientDomain: 'b.org' })));
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'NO_NETWORK' });
    await plant.collect(mine.vm.vmid, NEVER);
    expect((await produce(plant, fakeOrder([], { clientDomain: 'b.org' }))).vm.state).toBe('running');
    await plant.close();
  });

  test('an order that no image matches is refused', async () => {
    const plant = await plantOf();
    const order = fakeOrder([], { operatingSystem: { name: 'plan9' } });
    expect(await failureOf(produce(plant, order))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_MATCHING_IMAGE',
    });
    await plant.close();
  });
});

describe('collect', () => {
  test('leaves nothing, and a second one finds nothing', async () => {
    const plant = await plantOf();
    const { vm } = await produce(plant, fakeOrder());
    const both = await Promise.all([plant.collect(vm.vmid, NEVER), plant.collect(vm.vmid, NEVER)]);
    expect(both.map(({ collected }) => collected)).toEqual([true, false]);
    expect(await rig.clones()).toEqual([]);
    expect(await failureOf(plant.collect(vm.vmid, NEVER))).toMatchObject({ code: 'NOT_FOUND' });
    await plant.close();
  });

  test('of a VM that is being made rolls it back', async () => {
    const plant = await plantOf({ timeScale: 1 });
    const vmid = newVmid();
    const order = fakeOrder([{ name: 'slow', script: 'sleep 3000\n' }]);
    const following = produce(plant, order, { vmid }).catch((error: unknown) => error);
    for await (const event of plant.produce({ vmid, order, keepFailed: true }, NEVER)) {
      if (event.kind === 'progress' && event.progress.action === 'slow') break;
    }
    expect(plant.query(vmid).classad).toMatchObject({ VMID: vmid, State: 'producing', Image: 'base' });
    expect(await plant.collect(vmid, NEVER)).toEqual({ vmid, collected: true });
    expect(await following).toMatchObject({ code: 'ABORTED', reason: 'COLLECTED' });
    expect(plant.list(undefined)).toEqual([]);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });

  test('of a VM whose guest does not stop ends it by force', async () => {
    const plant = await plantOf({ failAt: () => 'ignores-stop', deadlines: { stopGraceMilliseconds: 20 } });
    const { vm } = await produce(plant, fakeOrder());
    expect((await plant.collect(vm.vmid, NEVER)).collected).toBe(true);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });
});
