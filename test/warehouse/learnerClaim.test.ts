import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createLearnerClaim,
  HOLDS_MILLISECONDS,
  type LearnerClaim,
  TAKEN_OVER_MILLISECONDS,
} from '../../warehouse/learnerClaim.js';
import { temporaryDirectory } from './imageFixture.js';

const NORTH = `north-${'1'.repeat(16)}`;
const SOUTH = `south-${'2'.repeat(16)}`;
const EAST = `east-${'3'.repeat(16)}`;
/** So often plants renew. */
const STEP = 30_000;

interface Times {
  wall: number;
  monotonic: number;
}

interface Rig {
  readonly warehouse: string;
  readonly times: Times;
  readonly lines: string[];
  readonly claim: (plant: string, times?: Times) => LearnerClaim;
  /** Time passes, for all. */
  readonly pass: (milliseconds: number) => void;
  readonly files: () => Promise<readonly string[]>;
}

async function createRig(): Promise<Rig> {
  const warehouse = await temporaryDirectory();
  const lines: string[] = [];
  const times: Times = { wall: Date.parse('2026-03-01T00:00:00Z'), monotonic: 0 };
  const write = (_fields: object, message: string): unknown => lines.push(message);
  return {
    warehouse,
    times,
    lines,
    claim: (plant, own = times) =>
      createLearnerClaim({
        warehouse,
        plant,
        clock: { now: () => own.wall, monotonic: () => own.monotonic },
        log: { info: write, warn: write },
      }),
    pass: (milliseconds) => {
      times.wall += milliseconds;
      times.monotonic += milliseconds;
    },
    files: async () => (await readdir(join(warehouse, '.learning'))).sort(),
  };
}

describe('the claim to learn in a warehouse', () => {
  it('belongs to the first one for as long as that one renews it; the others know whose', async () => {
    const rig = await createRig();
    const [north, south] = [rig.claim(NORTH), rig.claim(SOUTH)];
    expect(north.holds()).toBe(false);
    for (let step = 0; step < 3 * (TAKEN_OVER_MILLISECONDS / STEP); step += 1) {
      await north.renew();
      await south.renew();
      expect([north.holds(), south.holds()]).toEqual([true, false]);
      rig.pass(STEP);
    }
    expect([north.holder(), south.holder()]).toEqual([undefined, NORTH]);
    expect(rig.lines).toEqual([
      'this plant learns in the warehouse',
      'another plant learns in this warehouse; this one does not',
    ]);
    await north.release();
    await south.release();
  });

  it('goes to another at once when it is given back', async () => {
    const rig = await createRig();
    const [north, south] = [rig.claim(NORTH), rig.claim(SOUTH)];
    await north.renew();
    await south.renew();
    await north.release();
    expect(north.holds()).toBe(false);
    await south.renew();
    expect([south.holds(), south.holder()]).toEqual([true, undefined]);
    expect(await rig.files()).toEqual(['2']);
    await south.release();
  });

  it('goes to another when its plant died, but only after its plant would have stopped to believe in it', async () => {
    const rig = await createRig();
    const [north, south] = [rig.claim(NORTH), rig.claim(SOUTH)];
    await north.renew();
    for (let elapsed = 0; elapsed < TAKEN_OVER_MILLISECONDS; elapsed += STEP) {
      await south.renew();
      expect(south.holds()).toBe(false);
      expect(north.holds()).toBe(elapsed < HOLDS_MILLISECONDS);
      rig.pass(STEP);
    }
    await south.renew();
    expect([north.holds(), south.holds()]).toEqual([false, true]);
    // It was only asleep.
    await north.renew();
    expect([north.holds(), south.holds()]).toEqual([false, true]);
    await south.renew();
    expect(south.holds()).toBe(true);
    await north.renew();
    expect(north.holder()).toBe(SOUTH);
    await north.release();
    await south.release();
  });

  it('belongs to its plant again at once after a restart', async () => {
    const rig = await createRig();
    const before = rig.claim(NORTH);
    await before.renew();
    const after = rig.claim(NORTH);
    await after.renew();
    expect(after.holds()).toBe(true);
    await before.release();
    await after.renew();
    expect(after.holds()).toBe(true);
    await after.release();
  });

  it('does not depend on what the clocks of hosts say, and ends on a host that slept', async () => {
    const rig = await createRig();
    const north = rig.claim(NORTH);
    const ahead: Times = { wall: rig.times.wall + 1e9, monotonic: 5 };
    const south = rig.claim(SOUTH, ahead);
    await north.renew();
    await south.renew();
    ahead.wall += 1e9;
    await south.renew();
    expect(south.holds()).toBe(false);
    // While a host sleeps only one of its clocks goes on.
    rig.times.wall += HOLDS_MILLISECONDS;
    expect(north.holds()).toBe(false);
    await north.renew();
    expect(north.holds()).toBe(true);
    await north.release();
    await south.release();
  });

  it('is never held by two plants at once, however they come together', async () => {
    for (let round = 0; round < 60; round += 1) {
      const rig = await createRig();
      const dead = rig.claim(EAST);
      if (round % 3 > 0) await dead.renew();
      if (round % 3 > 1) await dead.release();
      const claims = [rig.claim(NORTH), rig.claim(SOUTH), rig.claim(NORTH.replace('north', 'west'))];
      for (let step = 0; step < 14; step += 1) {
        await Promise.all(
          claims.map(async (claim, at) => {
            for (let turn = 0; turn < (round * (at + 1)) % 7; turn += 1) await new Promise(setImmediate);
            await claim.renew();
            expect([dead, ...claims].filter(({ holds }) => holds()).length).toBeLessThanOrEqual(1);
          }),
        );
        expect([dead, ...claims].filter(({ holds }) => holds()).length).toBeLessThanOrEqual(1);
        rig.pass(STEP);
      }
      await Promise.all(claims.map(({ renew }) => renew()));
      expect(claims.filter(({ holds }) => holds())).toHaveLength(1);
      await Promise.all([dead, ...claims].map(({ release }) => release()));
    }
  });

  it('goes back to a holder that shows life in the very moment in which another takes over', async () => {
    const rig = await createRig();
    const [north, south] = [rig.claim(NORTH), rig.claim(SOUTH)];
    await north.renew();
    await south.renew();
    rig.pass(TAKEN_OVER_MILLISECONDS);
    await Promise.all([north.renew(), south.renew()]);
    expect([north.holds(), south.holds()].filter(Boolean).length).toBeLessThanOrEqual(1);
    await south.renew();
    await north.renew();
    expect([north.holds(), south.holds()].filter(Boolean)).toHaveLength(1);
    await north.release();
    await south.release();
  });

  it('is lost when its directory is deleted, and a plant without it does not fail', async () => {
    const rig = await createRig();
    const north = rig.claim(NORTH);
    await north.renew();
    await rm(join(rig.warehouse, '.learning'), { recursive: true });
    const south = rig.claim(SOUTH);
    await south.renew();
    await north.renew();
    expect([north.holds(), south.holds()]).toEqual([false, true]);
    await south.release();
    await north.release();
    await rm(join(rig.warehouse, '.learning'), { recursive: true });
    await writeFile(join(rig.warehouse, '.learning'), 'no directory');
    await south.renew();
    expect(south.holds()).toBe(false);
    expect(rig.lines.at(-1)).toContain('could not be said');
  });

  it('is not taken from what cannot be read before that is dead, and then it is', async () => {
    const rig = await createRig();
    await mkdir(join(rig.warehouse, '.learning'));
    await writeFile(join(rig.warehouse, '.learning', '7'), 'who knows');
    const north = rig.claim(NORTH);
    await north.renew();
    expect([north.holds(), north.holder()]).toEqual([false, undefined]);
    rig.pass(TAKEN_OVER_MILLISECONDS);
    await north.renew();
    expect(north.holds()).toBe(true);
    expect(await rig.files()).toEqual(['8']);
    await north.release();
  });
});
