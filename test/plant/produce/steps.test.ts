import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, NO_CRASH } from '../../../plant/parts.js';
import { createIndex } from '../../../plant/planner/imageIndex.js';
import { decideAttempt } from '../../../plant/produce/attempt.js';
import { plannerQuery, planOrder } from '../../../plant/produce/planOrder.js';
import { createStepRunner } from '../../../plant/produce/runSteps.js';
import type { Step } from '../../../plant/produce/step.js';
import { createSteps, type Steps } from '../../../plant/produce/steps.js';
import { createReservations } from '../../../plant/reservations.js';
import { createRig, fakeOrder, NEVER, newVmid, type Rig } from './rig.js';

let rig: Rig;
let info: InformationSystem;
beforeEach(async () => {
  rig = await createRig();
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  info = openInformationSystem({ directory: join(rig.directory, 'data'), clock, log: rig.log });
});
afterEach(async () => {
  info.close();
  await rig.remove();
});

function setUp() {
  const order = fakeOrder();
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const parts = {
    name: 'p',
    info,
    log: rig.log,
    lines: [rig.line],
    limits: { ...DEFAULT_LIMITS, memoryMiB: 4096 },
    deadlines: DEFAULT_DEADLINES,
    clock,
    crashPoint: NO_CRASH,
    random: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
    warehouse: {
      images: () => rig.images,
      get: () => rig.images[0],
      onChange: () => () => undefined,
    },
  };
  const planned = planOrder(
    createIndex(rig.images.map(({ descriptor }) => descriptor)),
    plannerQuery(parts, order),
  );
  if (planned === undefined) throw new Error('no plan');
  const vmid = newVmid();
  const wanted = {
    vmid,
    hostname: vmid,
    order,
    purpose: 'vm' as const,
    directory: join(rig.cloneRoot, vmid),
  };
  const attempt = decideAttempt(parts, wanted, planned, new Set());
  const steps: Steps = createSteps(parts, createReservations(clock));
  return { parts, steps, wanted, attempt, vmid };
}

describe('every step', () => {
  test('can be undone twice, also when it never began', async () => {
    const { mkdir } = await import('node:fs/promises');
    await mkdir(rig.cloneRoot, { recursive: true });
    const { steps, wanted, attempt, vmid } = setUp();
    const undoTwice = async (step: Pick<Step<never, unknown>, 'undo'>): Promise<void> => {
      const record = info.get(vmid);
      if (record === undefined) throw new Error('no record');
      await step.undo(record, NEVER);
      await step.undo(record, NEVER);
    };
    const all = [steps.record, steps.configure, steps.start, steps.clone, steps.reserve];
    for (const step of all) {
      steps.reserve.doNow({ wanted, attempt });
      await undoTwice(step);
      info.remove(vmid);
    }
    steps.reserve.doNow({ wanted, attempt });
    await steps.clone.do(attempt, NEVER);
    // A clone is made anew when it is asked for again.
    await steps.clone.do(attempt, NEVER);
    await steps.start.do(attempt, NEVER);
    for (const step of all) await undoTwice(step);
    expect(info.records()).toEqual([]);
    expect(await rig.clones()).toEqual([]);
  });

  test('is logged before it is done and undone in reverse', async () => {
    const { parts, steps, wanted, attempt, vmid } = setUp();
    steps.reserve.doNow({ wanted, attempt });
    const undone: string[] = [];
    const runner = createStepRunner(parts, vmid);
    runner.begun(steps.reserve);
    const step = (name: 'clone' | 'start', fails: boolean): Step<void, void> => ({
      name,
      do: async () => {
        expect(info.steps(vmid).at(-1)).toMatchObject({ step: name, direction: 'do' });
        if (fails) throw new Error('as planned');
      },
      undo: async () => {
        undone.push(name);
      },
    });
    await runner.perform(step('clone', false), undefined, NEVER);
    await expect(runner.perform(step('start', true), undefined, NEVER)).rejects.toThrow('as planned');
    await runner.unwind(0);
    expect(undone).toEqual(['start', 'clone']);
    expect(info.get(vmid)).toBeUndefined();
  });

  test('that cannot be undone stays recorded, with what is below it', async () => {
    const { parts, steps, wanted, attempt, vmid } = setUp();
    steps.reserve.doNow({ wanted, attempt });
    const runner = createStepRunner(parts, vmid);
    runner.begun(steps.reserve);
    let broken = true;
    const stuck: Step<void, void> = {
      name: 'clone',
      do: async () => undefined,
      undo: async () => {
        if (broken) throw new Error('not now');
      },
    };
    await runner.perform(stuck, undefined, NEVER);
    await expect(runner.unwind(0)).rejects.toThrow('not now');
    expect(info.get(vmid)).toBeDefined();
    broken = false;
    await runner.unwind(0);
    expect(info.get(vmid)).toBeUndefined();
  });

  test('is not begun once the production is cancelled', async () => {
    const { parts, steps, wanted, attempt, vmid } = setUp();
    steps.reserve.doNow({ wanted, attempt });
    const runner = createStepRunner(parts, vmid);
    const cancelled = AbortSignal.abort();
    await expect(runner.perform(steps.clone, attempt, cancelled)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(info.steps(vmid).map(({ step }) => step)).toEqual(['reserve']);
  });
});
