import { afterEach, expect, test } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { ExecEvent } from '../../plant/exec.js';
import type { Plant } from '../../plant/plant.js';
import { createRig, fakeOrder, NEVER, produce, type Rig } from './produce/rig.js';

let rig: Rig;
afterEach(() => rig.remove());

/** A plant with one VM, whose time is real. */
async function plantWithVm(): Promise<{ readonly plant: Plant; readonly vmid: string }> {
  rig = await createRig({ timeScale: 1 });
  const { plant } = await rig.open();
  return { plant, vmid: (await produce(plant, fakeOrder())).vm.vmid };
}

/** Reads until the command is seen to run. */
async function begun(running: AsyncGenerator<ExecEvent>): Promise<void> {
  const { value } = await running.next();
  expect(value).toMatchObject({ kind: 'output' });
}

async function statusOf(running: AsyncIterable<ExecEvent>): Promise<number | undefined> {
  let status: number | undefined;
  for await (const event of running) if (event.kind === 'ended') status = event.status;
  return status;
}

const LONG = { script: 'echo begun\nsleep 3000\n', timeoutSeconds: 3_600 };

test('a command whose caller leaves is ended in the guest, and the next one runs', async () => {
  const { plant, vmid } = await plantWithVm();
  const left = new AbortController();
  const running = plant.exec(vmid, LONG, left.signal);
  await begun(running);
  left.abort(new VmplantsError('CANCELLED', 'the client left'));
  await expect(running.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await statusOf(plant.exec(vmid, { script: 'echo next\n', timeoutSeconds: 60 }, NEVER))).toBe(0);
  await plant.close();
});

test('a command that waits for all of its time is told that another runs', async () => {
  const { plant, vmid } = await plantWithVm();
  const left = new AbortController();
  const running = plant.exec(vmid, LONG, left.signal);
  await begun(running);
  const second = plant.exec(vmid, { script: 'echo never\n', timeoutSeconds: 1 }, NEVER);
  await expect(second.next()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'GUEST_BUSY' });
  // The one that gave up does not keep its place, and neither does one whose caller leaves.
  const gone = AbortSignal.abort(new VmplantsError('CANCELLED', 'the client left'));
  await expect(plant.exec(vmid, LONG, gone).next()).rejects.toMatchObject({ code: 'CANCELLED' });
  left.abort(new VmplantsError('CANCELLED', 'the client left'));
  await expect(running.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await statusOf(plant.exec(vmid, { script: 'exit 3\n', timeoutSeconds: 60 }, NEVER))).toBe(3);
  await plant.close();
});
