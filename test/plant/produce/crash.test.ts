import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { CrashPoint } from '../../../plant/parts.js';
import { CRASH_POINTS, crashPointAt } from '../../../plant/produce/crashPoint.js';
import { createRig, fakeOrder, NEVER, newVmid, produce, type Rig } from './rig.js';

let rig: Rig;
afterEach(() => rig.remove());

/** Stops the plant at a point for good, as death does, and says when it was reached. */
function dieAt(name: string): { readonly crashPoint: CrashPoint; readonly reached: Promise<void> } {
  let tell: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return {
    reached,
    crashPoint: (point) => {
      if (point !== name) return undefined;
      tell();
      return new Promise<never>(() => undefined);
    },
  };
}

const ORDER = fakeOrder([{ name: 'work', script: 'echo done\n' }]);
const BROKEN = fakeOrder([{ name: 'work', script: 'exit 3\n' }]);
// Nothing can fail after the VM is recorded, so nothing undoes that; `reserve` writes its log entry with its record.
const UNREACHABLE = ['record:undoing', 'reserve:logged'];
// Those of prepared machines are tried in test/plant/prepare/.
const POINTS = CRASH_POINTS.filter(
  (point) => !UNREACHABLE.includes(point) && !/^(hand-out|prepare):/.test(point),
);

describe('a plant that dies', () => {
  test.each(POINTS)('at %s leaves a VM that is adopted or nothing at all', async (point) => {
    rig = await createRig();
    const death = dieAt(point);
    const first = await rig.open({ crashPoint: death.crashPoint });
    const vmid = newVmid();
    const order = point.endsWith(':undoing') ? BROKEN : ORDER;
    const events = first.plant.produce({ vmid, order, keepFailed: false }, NEVER);
    void (async () => {
      for await (const _ of events);
    })().catch(() => undefined);
    await death.reached;
    first.abandon();

    const { plant } = await rig.open();
    const kept = point === 'record:done';
    expect(plant.recovery).toMatchObject(
      kept ? { adopted: [vmid], left: [] } : { removed: [vmid], adopted: [], left: [] },
    );
    expect(plant.list(undefined).map(({ state }) => state)).toEqual(kept ? ['running'] : []);
    expect(await rig.clones()).toEqual(kept ? [vmid] : []);
    // The name is free again, or is the VM's.
    expect((await produce(plant, ORDER, { vmid: kept ? vmid : newVmid() })).vm.state).toBe('running');
    await plant.close();
  });

  test('while rolling back after a restart can be rolled back by the next', async () => {
    rig = await createRig();
    const death = dieAt('configure:done');
    const first = await rig.open({ crashPoint: death.crashPoint });
    const vmid = newVmid();
    void produce(first.plant, ORDER, { vmid }).catch(() => undefined);
    await death.reached;
    first.abandon();
    const again = dieAt('clone:undoing');
    void rig.open({ crashPoint: again.crashPoint });
    await again.reached;
    rig.releaseStore();
    const { plant } = await rig.open();
    expect(plant.list(undefined)).toEqual([]);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });

  test('with running VMs adopts them; one that has ended meanwhile is failed and frees what it held', async () => {
    rig = await createRig({ limits: { maxVms: 2 } });
    const first = await rig.open();
    const { vm: lives } = await produce(first.plant, ORDER);
    const { vm: dies } = await produce(first.plant, ORDER);
    first.abandon();
    const gone = await rig.line.adopt(join(rig.cloneRoot, dies.vmid), undefined, NEVER);
    await gone?.stop(0, NEVER);
    const { plant } = await rig.open();
    expect(plant.recovery).toMatchObject({ adopted: [lives.vmid], failed: [dies.vmid] });
    expect(plant.query(dies.vmid)).toMatchObject({ state: 'failed', classad: { State: 'failed' } });
    expect(plant.query(lives.vmid).state).toBe('running');
    expect((await produce(plant, ORDER)).vm.state).toBe('running');
    await plant.collect(dies.vmid, NEVER);
    expect((await rig.clones()).includes(dies.vmid)).toBe(false);
    await plant.close();
  });

  test('while collecting has it finished after the restart', async () => {
    rig = await createRig({ failAt: () => 'ignores-stop', deadlines: { stopGraceMilliseconds: 3_600_000 } });
    const first = await rig.open();
    const { vm } = await produce(first.plant, ORDER);
    const stopped = new AbortController();
    const collecting = first.plant.collect(vm.vmid, stopped.signal).catch(() => undefined);
    expect(first.plant.query(vm.vmid).state).toBe('collecting');
    stopped.abort();
    await collecting;
    first.abandon();
    const { plant } = await rig.open();
    expect(plant.recovery.removed).toEqual([vm.vmid]);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });

  test('leaves a clone without a record, which is removed', async () => {
    rig = await createRig();
    mkdirSync(join(rig.cloneRoot, 'vm-unknown'), { recursive: true });
    const { plant } = await rig.open();
    expect(plant.recovery.removed).toEqual(['vm-unknown']);
    expect(await rig.clones()).toEqual([]);
    await plant.close();
  });
});

test('a misspelt crash point is an error, and none is none', async () => {
  rig = await createRig();
  expect(() => crashPointAt('clone:don', () => undefined)).toThrow(RangeError);
  let deaths = 0;
  const point = crashPointAt('clone:done', () => {
    deaths += 1;
  });
  await point('start:done');
  await point('clone:done');
  expect(deaths).toBe(1);
});
