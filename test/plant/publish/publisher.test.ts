import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import type { PublicationRequest, PublishEvent } from '../../../plant/publish/publication.js';
import { createBootingLine } from '../prepare/bootingLine.js';
import { fakeOrder, NEVER } from '../produce/rig.js';
import {
  createPublishRig,
  follow,
  livePublication,
  type PublishRig,
  recipePublication,
  VMID,
} from './rig.js';

let rig: PublishRig;
beforeEach(async () => {
  rig = await createPublishRig();
});
afterEach(() => rig.remove());

const publish = (request: PublicationRequest, signal: AbortSignal = NEVER) =>
  follow(rig.publisher.publish(request, signal));

/** Neither an image nor a trace of one; and the VM goes on. */
async function expectNothing(): Promise<void> {
  expect(await rig.published()).toEqual([]);
  expect(await rig.leftovers()).toEqual([]);
  expect(rig.publisher.imagesInWork()).toEqual(new Set());
  expect(await rig.live.machine.responds(NEVER)).toBe(true);
}

const PERFORMED = { key: 'a'.repeat(64), name: 'tools', seconds: 3, performedAt: '2026-01-01T00:00:00Z' };
const ORDER = fakeOrder(
  [
    { name: 'tools', script: 'sleep 1\necho tools\n' },
    { name: 'own', script: 'echo own\n', identity: true },
    { name: 'after', script: 'echo after\n', after: ['own'] },
  ],
  { clientDomain: 'lab' },
);

describe('a live publication', () => {
  test.each([
    [true, ['sync', 'pause', 'copy', 'resume', 'renew', 'scrub', 'settle', 'freeze', 'publish']],
    [false, ['sync', 'pause', 'copy', 'boot', 'renew', 'scrub', 'settle', 'freeze', 'publish']],
  ])('with memory: %s, is the image of the VM and of one change by hand', async (memory, expected) => {
    rig.setRecord((record) => ({ ...record, history: { performed: [PERFORMED], perVm: [] } }));
    const { published, phases } = await publish(livePublication('mine', { memory }));
    expect(phases).toEqual(expect.arrayContaining(expected));
    expect(published).toMatchObject({ pausedSeconds: 0, leftOut: [], scrubbed: ['no-files'] });
    expect(published.opaqueKey).toMatch(/^[0-9a-f]{64}$/);
    expect(published.image).toMatchObject({
      name: 'mine',
      origin: 'live',
      parent: 'base',
      owner: 'lab',
      policy: { shared: 'no', pinned: false },
      disk: { backingImage: 'base' },
      memory: { memoryMiB: 256, network: 'host-only' },
    });
    expect(published.image.performed).toMatchObject([
      PERFORMED,
      { key: published.opaqueKey, name: 'live:mine', seconds: 0, opaque: true },
    ]);
    expect(rig.warehouse.get('mine')?.descriptor.name).toBe('mine');
    expect(await rig.published()).toEqual(['mine']);
    expect(await rig.leftovers()).toEqual([]);
    expect(await rig.live.machine.responds(NEVER)).toBe(true);
  });

  test.each([true, false])('takes the devices of the VM along; memory: %s', async (memory) => {
    const { machine } = rig.live;
    await machine.addDevice({ kind: 'disk', action: 'data', sizeMiB: 8, serial: 'data' }, NEVER);
    const performed = [{ ...PERFORMED, name: 'data' }];
    rig.setRecord((record) => ({ ...record, history: { performed, perVm: [] } }));
    const { published } = await publish(livePublication('mine', { memory }));
    expect(published.image.devices).toEqual([
      { kind: 'disk', action: 'data', file: 'added-0.qcow2', sizeMiB: 8 },
    ]);
  });

  test("is refused where a device is the VM's own", async () => {
    const { machine } = rig.live;
    await machine.addDevice({ kind: 'disk', action: 'mine', sizeMiB: 8, serial: 'mine' }, NEVER);
    rig.setRecord((record) => ({ ...record, history: { performed: [], perVm: ['mine'] } }));
    await expect(publish(livePublication('mine', { keep: ['mine'] }))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'DEVICE_OF_VM',
    });
    await expectNothing();
  });

  test('gives every publication another key', async () => {
    const one = await publish(livePublication('one'));
    const two = await publish(livePublication('two'));
    expect(one.published.opaqueKey).not.toBe(two.published.opaqueKey);
  });

  test("is refused while something of the VM's own would remain, before anything is done", async () => {
    rig.setRecord((record) => ({
      ...record,
      history: { performed: [], perVm: ['user', 'key'] },
    }));
    rig.setFailure('snapshot');
    const run = (way: object) => publish(livePublication('mine', way));
    await expect(run({})).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'IDENTITY_REMAINS',
      message: expect.stringContaining('user, key'),
    });
    await expect(run({ keep: ['user'] })).rejects.toMatchObject({
      reason: 'IDENTITY_REMAINS',
      message: expect.not.stringContaining('user'),
    });
    await expect(run({ keep: ['user', 'nobody'] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'live.keep[1]' }],
    });
    rig.setFailure(undefined);
    await expectNothing();
    await run({ keep: ['user', 'key'] });
    await publish(livePublication('scrubbed', { scrub: 'echo gone\n' }));
    expect(await rig.published()).toEqual(['mine', 'scrubbed']);
  });

  test.each([
    ['', 'live.scrub'],
    ['x'.repeat(64 * 1024 + 1), 'live.scrub'],
    ['echo \0', 'live.scrub'],
  ])('refuses a scrub script that cannot be one (%#)', async (scrub, field) => {
    await expect(publish(livePublication('mine', { scrub }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field }],
    });
    await expectNothing();
  });

  test.each([true, false])('publishes nothing when the scrub script fails; memory: %s', async (memory) => {
    const scrub = 'echo cannot\nexit 3\n';
    await expect(publish(livePublication('mine', { memory, scrub }))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'SCRUB_FAILED',
      actionFailure: { status: 3, outputTail: 'cannot\n' },
    });
    await expectNothing();
  });

  test('is refused when the guest cannot write its disks', async () => {
    // The fake guest has no `sync`, and is taken for one that has.
    rig.setCapabilities({ runsPrograms: true });
    await expect(publish(livePublication('mine'))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'SYNC_FAILED',
    });
    await expectNothing();
  });

  test('is refused for a VM that does not run, is unknown, or of which nothing was written down', async () => {
    const run = () => publish(livePublication('mine'));
    await expect(publish({ ...livePublication('mine'), vmid: 'vm-two' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    for (const state of ['producing', 'failed', 'unresponsive', 'collecting'] as const) {
      rig.setRecord((record) => ({ ...record, vm: { ...record.vm, state } }));
      await expect(run()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_RUNNING' });
    }
    rig.setRecord(({ history, ...record }) => ({ ...record, vm: { ...record.vm, state: 'running' } }));
    await expect(run()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'HISTORY_UNKNOWN' });
    await expectNothing();
  });

  test('says so when the VM is collected while it is copied', async () => {
    rig.setFailure('start');
    const events = rig.publisher.publish(livePublication('mine'), NEVER);
    await events.next();
    rig.setRecord((record) => ({ ...record, vm: { ...record.vm, state: 'collecting' } }));
    await expect(follow(events)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NOT_RUNNING',
      message: expect.stringContaining('was collected while it was being published'),
    });
    expect(await rig.leftovers()).toEqual([]);
  });

  test('is not there on a line that cannot copy a running machine', async () => {
    rig.setCapabilities({ snapshot: false });
    await expect(publish(livePublication('mine'))).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      reason: 'NO_SNAPSHOT',
      message: 'vm-one is of the fake line, which cannot copy a running machine',
      hint: 'Publish its recipe instead.',
    });
    rig.setCapabilities({ snapshot: false, freeze: false });
    await expect(publish(livePublication('mine'))).rejects.toMatchObject({
      reason: 'NO_SNAPSHOT',
      hint: undefined,
    });
    await expectNothing();
  });

  test('waits for a command of the client, and is refused while another publication goes on', async () => {
    const leave = await rig.live.guestTurn(NEVER);
    const first = publish(livePublication('mine'));
    await expect(publish(livePublication('other'))).rejects.toMatchObject({ reason: 'BEING_PUBLISHED' });
    expect(rig.publisher.imagesInWork()).toEqual(new Set(['base']));
    leave();
    await first;
    expect(await rig.published()).toEqual(['mine']);
    await publish(livePublication('other'));
    expect(await rig.published()).toEqual(['mine', 'other']);
  });

  test.each(['sync', 'pause', 'copy', 'boot', 'renew', 'scrub', 'rehearse', 'settle', 'freeze'])(
    'leaves nothing when it is cancelled after %s',
    async (phase) => {
      const end = new AbortController();
      const events = rig.publisher.publish(livePublication('mine', { memory: false }), end.signal);
      const reason = new VmplantsError('CANCELLED', 'enough');
      const onEvent = (event: PublishEvent): void => {
        if (event.kind === 'progress' && event.progress.phase === phase) end.abort(reason);
      };
      await expect(follow(events, onEvent)).rejects.toBe(reason);
      await expectNothing();
      const leave = await rig.live.guestTurn(AbortSignal.timeout(5_000));
      leave();
    },
  );

  test('leaves nothing when nobody follows it any more', async () => {
    for await (const event of rig.publisher.publish(livePublication('mine'), NEVER)) {
      if (event.kind === 'progress' && event.progress.phase === 'scrub') break;
    }
    await expectNothing();
  });

  test('ends with the plant', async () => {
    const ending = publish(livePublication('mine'));
    const reason = new VmplantsError('UNAVAILABLE', 'the plant is shutting down');
    const [, outcome] = await Promise.allSettled([rig.publisher.close(reason), ending]);
    expect(outcome).toMatchObject({ status: 'rejected', reason });
    await expectNothing();
  });

  test.each(['clone', 'start', 'freeze', 'keeps-identity', 'ends-at-action'] as const)(
    'leaves nothing when its machine fails: %s',
    async (failure) => {
      rig.setFailure(failure);
      await expect(publish(livePublication('mine'))).rejects.toBeInstanceOf(VmplantsError);
      rig.setFailure(undefined);
      await expectNothing();
    },
  );
});

describe('publishing a recipe', () => {
  beforeEach(() => {
    rig.setRecord((record) => ({
      ...record,
      vm: { ...record.vm, orderDigest: ORDER.digest },
      history: { performed: [], perVm: ['own', 'after'] },
    }));
  });

  test.each(['given', 'remembered'] as const)('bakes the order that is %s', async (known) => {
    if (known === 'remembered') rig.setOrder(ORDER);
    const request = known === 'given' ? recipePublication('tools', ORDER) : recipePublication('tools');
    const { published, phases } = await publish(request);
    expect(published.leftOut).toEqual(['own', 'after']);
    expect(published.opaqueKey).toBeUndefined();
    expect(published.image).toMatchObject({
      name: 'tools',
      origin: 'recipe',
      parent: 'base',
      owner: 'lab',
      policy: { shared: 'disk', pinned: true },
      performed: [{ name: 'tools' }],
    });
    expect(phases).toEqual(expect.arrayContaining(['plan', 'configure', 'freeze', 'publish']));
    expect(await rig.leftovers()).toEqual([]);
  });

  test('makes it under another name, too, when an image has all of it', async () => {
    await publish(recipePublication('first', ORDER));
    const { published } = await publish(recipePublication('second', ORDER));
    expect(published.image.performed.map(({ name }) => name)).toEqual(['tools']);
    expect(published.image.parent).toBe('first');
  });

  test('needs the request, and that of this VM, and something in it', async () => {
    await expect(publish(recipePublication('tools'))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'RECIPE_UNKNOWN',
      hint: expect.stringContaining('-f'),
    });
    const other = fakeOrder([{ name: 'other', script: 'echo other\n' }]);
    await expect(publish(recipePublication('tools', other))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'OTHER_ORDER',
    });
    const own = fakeOrder([{ name: 'own', script: 'echo own\n', identity: true }]);
    rig.setRecord((record) => ({ ...record, vm: { ...record.vm, orderDigest: own.digest } }));
    await expect(publish(recipePublication('tools', own))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NOTHING_TO_BAKE',
    });
    await expectNothing();
  });

  test('does not touch the VM: one that failed has a recipe, too', async () => {
    rig.setRecord((record) => ({ ...record, vm: { ...record.vm, state: 'failed' } }));
    const { published } = await publish(recipePublication('tools', ORDER));
    expect(published.image.origin).toBe('recipe');
  });
});

describe('a recipe of a VM whose line cannot freeze a machine', () => {
  const OTHER = { way: { kind: 'recipe', order: ORDER } } as const;
  const ofUml = (): void =>
    rig.setRecord(({ vm, ...record }) => ({
      ...record,
      vm: { ...vm, line: 'uml', rung: 'disk', orderDigest: ORDER.digest },
    }));

  test('is baked by another line of the plant, and serves both', async () => {
    await rig.remove();
    rig = await createPublishRig([createBootingLine()]);
    ofUml();
    const { published } = await publish({ ...livePublication('mine'), ...OTHER });
    expect(published.image).toMatchObject({ origin: 'recipe', parent: 'base', lines: ['fake', 'uml'] });
    expect(published.image.memory).toBeDefined();
  });

  test('is refused where there is none', async () => {
    rig.setCapabilities({ freeze: false });
    await expect(publish({ ...livePublication('mine'), ...OTHER })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      reason: 'NO_FREEZING_LINE',
    });
    await expectNothing();
  });
});

test('names are checked first: their form, and whether they are taken', async () => {
  for (const request of [livePublication('Bad Name'), recipePublication('../up')]) {
    await expect(publish(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
  for (const request of [livePublication('base'), recipePublication('base')]) {
    await expect(publish(request)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  }
  expect(VMID).toBe(rig.live.machine.vmid);
  await expectNothing();
});
