import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openInformationSystem } from '../../../plant/info/informationSystem.js';
import type { VmRecord } from '../../../plant/info/record.js';
import type { MachineExit } from '../../../plant/line/line.js';
import { createMachines } from '../../../plant/machines.js';
import { createMonitor } from '../../../plant/monitor/monitor.js';
import { scriptedGuest } from '../configure/scriptedGuest.js';
import { createRig, fakeOrder, NEVER, produce, type Rig, rememberingLog } from '../produce/rig.js';

let rig: Rig;
afterEach(() => rig.remove());

/** The first change of a VM to the state, heard as a client hears it. */
async function untilState(watching: AsyncIterable<{ readonly kind: string }>, state: string) {
  for await (const event of watching) {
    if (event.kind === 'changed' && 'vm' in event) {
      const { vm } = event as { vm: VmRecord['vm'] };
      if (vm.state === state) return vm;
    }
  }
  throw new Error('the watch ended');
}

test('a VM whose monitor ends is failed at once, frees its place, and can still be collected', async () => {
  rig = await createRig({ limits: { maxVms: 1 } });
  const { plant } = await rig.open();
  const { vm } = await produce(plant, fakeOrder());
  const stop = new AbortController();
  const failed = untilState(plant.watch(stop.signal), 'failed');
  const machine = await rig.line.adopt(join(rig.cloneRoot, vm.vmid), undefined, NEVER);
  await machine?.stop(0, NEVER);
  expect(await failed).toMatchObject({
    reason: expect.stringContaining('SIGKILL'),
    classad: { State: 'failed' },
  });
  stop.abort();
  expect(plant.describe().snapshot).toMatchObject({ vms: 0, usedMemoryMiB: 0 });
  await expect(async () => {
    for await (const _ of plant.exec(vm.vmid, { script: 'echo\n', timeoutSeconds: 0 }, NEVER));
  }).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_RUNNING' });
  expect((await produce(plant, fakeOrder())).vm.state).toBe('running');
  await plant.collect(vm.vmid, NEVER);
  expect(await rig.clones()).not.toContain(vm.vmid);
  await plant.close();
});

test('a VM that does not answer is unresponsive until it does again', async () => {
  rig = await createRig();
  const log = rememberingLog();
  const clock = { now: () => 0, monotonic: () => 0 };
  const info = openInformationSystem({ directory: join(rig.directory, 'own'), clock, log });
  const machines = createMachines();
  const monitor = createMonitor({
    parts: { info, log },
    machines,
    intervalMilliseconds: 3_600_000,
    answerMilliseconds: 50,
  });
  let answers: () => Promise<boolean> = async () => true;
  const unused = async (): Promise<never> => {
    throw new Error('not used');
  };
  let end: (exit: MachineExit) => void = () => undefined;
  const live = machines.add(
    {
      vmid: 'vm-a',
      process: undefined,
      guest: scriptedGuest(),
      exited: new Promise((resolve) => {
        end = resolve;
      }),
      openConsole: undefined,
      deliver: unused,
      withdraw: unused,
      run: unused,
      addDevice: unused,
      stop: unused,
      freeze: unused,
      snapshot: unused,
      responds: () => answers(),
      release: () => undefined,
    },
    'fake',
  );
  monitor.watch(live);
  info.insert(
    {
      vm: {
        vmid: 'vm-a',
        state: 'running',
        plant: 'p',
        clientDomain: 'd',
        image: 'i',
        rung: 'warm',
        line: 'fake',
        createdAt: 0,
        classad: { State: 'running' },
        vcpus: 1,
        memoryMiB: 1,
        hostname: 'h',
        orderDigest: 'd',
      },
      directory: '/d',
      macs: [],
      holds: true,
    },
    'reserve',
  );
  const stateAfter = async (next: () => Promise<boolean>) => {
    answers = next;
    await monitor.ask();
    return info.get('vm-a')?.vm;
  };
  expect((await stateAfter(async () => false))?.state).toBe('unresponsive');
  expect((await stateAfter(async () => true))?.state).toBe('running');
  expect((await stateAfter(unused))?.state).toBe('unresponsive');

  // The store fails when the end is to be recorded: said in the log, and nothing else happens.
  info.close();
  end({ status: 1, signal: undefined, message: '' });
  await live.machine.exited;
  await expect.poll(() => log.lines.join()).toContain('could not be recorded');
  monitor.close();
});
