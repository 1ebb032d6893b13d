import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeFailure } from '../../../../plant/line/fake/failure.js';
import { createFakeLine } from '../../../../plant/line/fake/line.js';
import { newNonce, patience } from '../../../conformance/conversation.js';
import { makeFakeImage } from '../../../conformance/fakeSubject.js';
import { Rig } from '../../../conformance/rig.js';

/** What goes wrong on request; how it goes well is in the conformance suite. */
describe('the fake line, made to fail', () => {
  let rig: Rig;
  let failure: FakeFailure | undefined;
  beforeEach(async () => {
    failure = undefined;
    rig = await Rig.open({
      name: 'fake',
      create: async () => createFakeLine({ timeScale: 0, failAt: () => failure }),
      goldenImage: makeFakeImage,
      deaf: { vmid: 'vm', script: '' },
    });
  });
  afterEach(async () => {
    failure = undefined;
    await rig.close();
  });

  it.each(['clone', 'start'] as const)('at %s', async (call) => {
    failure = call;
    await expect(rig.start()).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'FAKE_FAILURE' });
  });

  it('at run, deliver and addDevice', async () => {
    const device = { kind: 'network-interface', action: 'a', mac: rig.mac() } as const;
    failure = 'run';
    await expect((await rig.start()).machine.run(patience())).rejects.toMatchObject({
      reason: 'FAKE_FAILURE',
    });
    failure = 'deliver';
    await expect((await rig.start()).machine.deliver('/none', patience())).rejects.toMatchObject({
      reason: 'FAKE_FAILURE',
    });
    failure = 'addDevice';
    await expect((await rig.start()).machine.addDevice(device, patience())).rejects.toMatchObject({
      reason: 'FAKE_FAILURE',
    });
  });

  it('at snapshot, and goes on', async () => {
    failure = 'snapshot';
    const { machine } = await rig.start();
    await machine.run(patience());
    const request = { directory: await rig.snapshotDirectory(), memory: true };
    await expect(machine.snapshot(request, patience())).rejects.toMatchObject({ reason: 'FAKE_FAILURE' });
    expect(await machine.responds(patience())).toBe(true);
  });

  it('by a monitor that ends', async () => {
    failure = 'ends-at-run';
    const one = await rig.start();
    await one.machine.run(patience());
    expect(await one.machine.exited).toMatchObject({ status: 1 });
    failure = 'ends-at-action';
    const two = await rig.start();
    await rig.deliver(two, {
      vmid: two.spec.vmid,
      nonce: newNonce(),
      identity: two.identity,
      actions: [{ script: 'exit 0' }],
    });
    expect(await two.machine.exited).toMatchObject({ status: 1 });
    expect(two.listening.messages.map((one) => one.kind)).toEqual(['accepted', 'renewed', 'started']);
  });

  it('by a guest that keeps the identity it was frozen with', async () => {
    failure = 'keeps-identity';
    const specimen = await rig.start();
    const { renewed } = await rig.personalise(specimen);
    expect(renewed?.hostname).toBe('localhost');
  });

  it('by a guest that answers twice, or not at all', async () => {
    failure = 'answers-twice';
    const twice = await rig.start();
    await rig.personalise(twice);
    expect(twice.listening.messages.filter((one) => one.kind === 'accepted')).toHaveLength(2);
    failure = 'silent';
    const silent = await rig.start();
    await silent.machine.run(patience());
    await silent.machine.guest.send({ kind: 'hello' }, patience());
    expect(await silent.machine.stop(1, patience())).toMatchObject({ signal: undefined });
    expect(silent.listening.messages).toEqual([]);
  });

  it('by a monitor that hangs', async () => {
    failure = 'hangs';
    const { machine } = await rig.start();
    expect(await machine.responds(patience())).toBe(false);
    expect(await machine.stop(1, patience())).toMatchObject({ signal: 'SIGKILL' });
  });
});
