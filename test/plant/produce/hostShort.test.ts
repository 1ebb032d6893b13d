import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import { ConfigurationError } from '../../../plant/configure/configuration.js';
import type { InformationSystem } from '../../../plant/info/informationSystem.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import type { ProductionLine } from '../../../plant/line/line.js';
import { reasonOf } from '../../../plant/produce/reasonOf.js';
import { createRig, fakeOrder, produce, type Rig, type RigOptions } from './rig.js';

let rig: Rig | undefined;
afterEach(() => rig?.remove());

const HOST_SHORT = { code: 'RESOURCE_EXHAUSTED', reason: 'HOST_SHORT' };
const ORDER = fakeOrder([{ name: 'a', script: 'echo a\n' }]);

const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: /secret/path`), { code, syscall: 'write' });
const storeError = (code: string): Error => new Database.SqliteError('database or disk is full', code);

/** A store that writes so many times and then only removes. Counts the writes; `lift` ends the shortage. */
function fillingStore(writesThatFit: number) {
  let writes = 0;
  let lifted = false;
  const limited =
    <Arguments extends readonly unknown[], Result>(write: (...values: Arguments) => Result) =>
    (...values: Arguments): Result => {
      writes += 1;
      if (!lifted && writes > writesThatFit) throw storeError('SQLITE_FULL');
      return write(...values);
    };
  return {
    around: (info: InformationSystem): InformationSystem => ({
      ...info,
      insert: limited(info.insert),
      update: limited(info.update),
      logStep: limited(info.logStep),
      recordDurations: limited(info.recordDurations),
    }),
    lift: () => {
      lifted = true;
    },
    writes: () => writes,
  };
}

async function expectNothingLeft(options: RigOptions, keepFailed: boolean, lift: () => void): Promise<void> {
  rig = await createRig(options);
  const { plant } = await rig.open();
  await expect(produce(plant, ORDER, { keepFailed })).rejects.toMatchObject(HOST_SHORT);
  expect(plant.list(undefined)).toEqual([]);
  expect(await rig.clones()).toEqual([]);
  lift();
  const { vm } = await produce(plant, ORDER);
  expect(vm.state).toBe('running');
  await plant.close();
  await rig.remove();
}

describe('a host that is short of something', () => {
  test.each([
    ['a full disk', systemError('ENOSPC')],
    ['a used up quota', systemError('EDQUOT')],
    ['too many open files', systemError('EMFILE')],
    ['a full disk under the store', storeError('SQLITE_FULL')],
    ['a store that cannot be synced', storeError('SQLITE_IOERR_FSYNC')],
    ['a cause of a cause', new VmplantsError('INTERNAL', 'x', { cause: systemError('ENOSPC') })],
    [
      'the cause of a configuration',
      new ConfigurationError(new VmplantsError('INTERNAL', 'x', { cause: systemError('EMFILE') }), true),
    ],
  ])('is recognised by %s', (_, error) => {
    const reason = reasonOf(error);
    expect(reason).toMatchObject(HOST_SHORT);
    expect(reason.message).not.toContain('/secret');
    expect(reasonOf(reason)).toBe(reason);
  });

  test('is not seen in other errors', () => {
    const failed = new VmplantsError('FAILED_PRECONDITION', 'a failed', { reason: 'ACTION_FAILED' });
    expect(reasonOf(new ConfigurationError(failed, true))).toBe(failed);
    expect(reasonOf(systemError('ENOENT'))).toMatchObject({ code: 'INTERNAL' });
    const cycle = new Error('x');
    cycle.cause = cycle;
    expect(reasonOf(cycle)).toMatchObject({ code: 'INTERNAL' });
  });

  test.each([false, true])(
    'has every production rolled back, whichever write finds the disk full (keep failed: %s)',
    async (keepFailed) => {
      const all = fillingStore(Number.POSITIVE_INFINITY);
      rig = await createRig({ aroundInfo: all.around });
      const { plant } = await rig.open();
      await produce(plant, ORDER);
      await plant.close();
      await rig.remove();
      expect(all.writes()).toBeGreaterThan(5);
      for (let writes = 0; writes < all.writes(); writes += 1) {
        const store = fillingStore(writes);
        await expectNothingLeft({ aroundInfo: store.around }, keepFailed, store.lift);
      }
    },
  );

  test.each(['clone', 'start'] as const)('has it rolled back when the line finds out in %s', async (call) => {
    const fake = createFakeLine({ timeScale: 0.01 });
    let short = true;
    const failing = async (): Promise<never> => {
      throw systemError('ENOSPC');
    };
    const line: ProductionLine = {
      ...fake,
      [call]: (...values: Parameters<ProductionLine['start']>) => (short ? failing() : fake[call](...values)),
    };
    await expectNothingLeft({ line }, true, () => {
      short = false;
    });
  });

  test('has it rolled back when a configuration cannot be written', async () => {
    const fake = createFakeLine({ timeScale: 0.01 });
    let short = true;
    const line: ProductionLine = {
      ...fake,
      start: async (...values) => {
        const machine = await fake.start(...values);
        if (!short) return machine;
        return Object.assign(Object.create(machine), {
          deliver: () => Promise.reject(systemError('ENOSPC')),
        });
      },
    };
    await expectNothingLeft({ line }, true, () => {
      short = false;
    });
  });
});
