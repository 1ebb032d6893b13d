import { describe, expect, it } from 'vitest';
import { CREATE_PHASES, LAST_PHASE, phasesOf } from '../../bench/support/createPhases.js';
import { type TimedCall, timedCalls } from '../../bench/support/timedCalls.js';

/** Every phase ends one millisecond after the one before. */
const CALLS: readonly TimedCall[] = CREATE_PHASES.map(({ until }, index) => ({
  name: until.call,
  began: index + 1,
  ended: index + 1,
}));

describe('the phases of a creation', () => {
  it('add up to the whole of it', () => {
    const phases = phasesOf({ began: 0, ended: 100 }, distinct(CALLS));
    expect([...phases.keys()]).toEqual([...CREATE_PHASES.map(({ name }) => name), LAST_PHASE.name]);
    expect([...phases.values()].reduce((sum, value) => sum + value, 0)).toBe(100);
    expect(Math.min(...phases.values())).toBeGreaterThanOrEqual(0);
  });

  it('are not made up where a call is missing or out of turn', () => {
    const without = (name: string) => distinct(CALLS).filter((call) => call.name !== name);
    expect(() => phasesOf({ began: 0, ended: 100 }, without('line.start'))).toThrow('line.start');
    const early = [...without('guest.done'), { name: 'guest.done', began: 2, ended: 2 }];
    expect(() => phasesOf({ began: 0, ended: 100 }, early)).toThrow('guest.done');
  });
});

/** A call that ends two phases is one call: from where the first of them ends to where the second does. */
function distinct(calls: readonly TimedCall[]): readonly TimedCall[] {
  const names = [...new Set(calls.map(({ name }) => name))];
  return names.map((name) => {
    const same = calls.filter((call) => call.name === name);
    return { name, began: same[0]?.began ?? 0, ended: same.at(-1)?.ended ?? 0 };
  });
}

describe('timed calls', () => {
  it('are noted when what was called is over, also when it fails', async () => {
    let clock = 0;
    const noted: TimedCall[] = [];
    const target = {
      size: 3,
      at: (index: number) => index * 2,
      later: async () => {
        await Promise.resolve();
        clock += 5;
        return 'done';
      },
      fails: async () => {
        throw new Error('no');
      },
    };
    const timed = timedCalls(
      target,
      'target.',
      () => clock,
      (call) => noted.push(call),
    );
    expect([timed.size, timed.at(4), await timed.later()]).toEqual([3, 8, 'done']);
    await expect(timed.fails()).rejects.toThrow('no');
    expect(noted).toEqual([
      { name: 'target.at', began: 0, ended: 0 },
      { name: 'target.later', began: 0, ended: 5 },
      { name: 'target.fails', began: 5, ended: 5 },
    ]);
  });
});
