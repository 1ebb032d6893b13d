import { expect, test } from 'vitest';
import { sha256 } from '../../../model/canonical.js';
import { VmplantsError } from '../../../model/errors.js';
import type { GoldenImage } from '../../../model/goldenImage.js';
import { type DecisionData, decideOnData } from '../../../plant/learn/decide/decisionData.js';
import type { ShapeUses } from '../../../plant/learn/decide/learning.js';
import type { MachineProfile } from '../../../plant/learn/decide/orderShape.js';
import { decideAside } from '../../../plant/learn/decideAside.js';
import { NEVER } from '../produce/rig.js';

const PROFILE: MachineProfile = {
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 1024 },
  operatingSystem: { name: 'fake' },
  network: 'none',
  clientDomain: 'default',
};
const BASE: GoldenImage = {
  format: 'vmplants-golden-image/1',
  name: 'base',
  created: '2026-01-01T00:00:00Z',
  operatingSystem: { name: 'fake', version: '1' },
  hardware: PROFILE.hardware,
  performed: [],
  lines: ['fake'],
  disk: { file: 'disk', format: 'qcow2' },
  boot: { kernel: 'kernel', initrd: 'initrd', commandLine: '', guestKernel: '1' },
  devices: [],
  bootSeconds: 10,
  files: [],
};
const NOW = Date.parse('2026-03-01T00:00:00Z');

/** Recipes of so many actions, which begin alike in families and end each on its own. */
function data(shapes: number, actions: number): DecisionData {
  const seconds = new Map<string, number>();
  const history = Array.from({ length: shapes }, (_, shape): ShapeUses => {
    const listed = Array.from({ length: actions }, (_, place) => {
      const key = sha256(place < actions / 2 ? `${shape % 50} ${place}` : `${shape} ${place}`);
      seconds.set(key, 5 + (place % 7));
      return { name: `a${place}`, key, after: place === 0 ? [] : [place - 1] };
    });
    return {
      shape: { digest: sha256(String(shape)), profile: PROFILE, actions: listed },
      times: [NOW - shape * 60_000],
    };
  });
  return {
    now: NOW,
    history,
    images: [{ image: BASE, bytes: 100, protectedBy: [] }],
    seconds,
    budget: { bytes: 2 ** 34, images: 20 },
    lines: [{ line: 'fake', accelerator: 'none', cpuModel: 'fake', vmm: 'fake 1', resumes: true }],
    discarded: [],
  };
}

test('a large decision made aside is the same', async () => {
  const large = data(400, 20);
  const decision = await decideAside(large, NEVER);
  expect(decision).toEqual(decideOnData(large));
  expect(decision.bake.length).toBeGreaterThan(0);
});

test('leaves this thread free meanwhile', async () => {
  const large = data(1_000, 20);
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await decideAside(large, NEVER);
  over = true;
  // At least a turn for every part that is told, and all the time of the decision itself.
  expect(turns).toBeGreaterThan(100);
});

test('is left at once when it is not wanted any more', async () => {
  const ending = new AbortController();
  const waiting = decideAside(data(400, 20), ending.signal);
  ending.abort(new VmplantsError('ABORTED', 'enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(decideAside(data(1, 1), ending.signal)).rejects.toThrow('enough');
});
