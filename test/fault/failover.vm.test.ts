import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocatedImage } from '../../model/goldenImage.js';
import { readAuditFacts } from '../../plant/cli/auditFacts.js';
import { findDifferences } from '../../plant/cli/auditFindings.js';
import { cloneRoot } from '../../plant/cli/layout.js';
import type { ProductionLine } from '../../plant/line/line.js';
import { orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import { qemuSubject } from '../conformance/qemuSubject.js';
import { fakeOrder, NEVER } from '../plant/produce/rig.js';
import { openStage } from '../shop/testShop.js';
import { openRealPlant } from './plantProcess.js';
import { type ServedPlant, serveRealPlant, startServedPlant } from './servedPlant.js';
import { makeWarmMicro } from './warmMicro.js';

// A plant with real VMs is killed in the middle of a creation, and what is left of it is looked for in /proc.

let shared: string;
let line: ProductionLine;
let warm: LocatedImage;
let other: ServedPlant | undefined;
let child: ChildProcess | undefined;
const stage = openStage();

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'vmp-o-'));
  for (const name of ['a', 'b']) mkdirSync(join(shared, name));
  line = await qemuSubject.create();
  warm = await makeWarmMicro(shared, line);
});
afterAll(async () => {
  await stage.clear();
  child?.kill('SIGKILL');
  await other?.server.stop(0);
  await other?.plant.close();
  for (const name of ['a', 'b']) {
    const root = cloneRoot(join(shared, name));
    const clones = (() => {
      try {
        return readdirSync(root);
      } catch {
        return [];
      }
    })();
    for (const clone of clones) await line.discard(join(root, clone), undefined, NEVER);
  }
  rmSync(shared, { recursive: true, force: true });
});

test('a plant that is killed while an action runs: the one create ends with a VM on the other, and nothing is left', async () => {
  const images = [warm];
  const served = await startServedPlant({ directory: join(shared, 'a'), images });
  child = served.child;
  other = await serveRealPlant({ directory: join(shared, 'b'), images }, line, 100);
  const shop = await stage.shop([served, other.server], { limits: { silenceMilliseconds: 1_000 } });
  const order = fakeOrder([{ name: 'work', script: 'sleep 1; echo kept > /kept\n' }], {
    hardware: { memory: 128 },
    operatingSystem: { name: 'micro' },
  });
  const events = [];
  for await (const event of shop.create({ machine: orderToMachineRequest(order) })) {
    events.push(event);
    if (event.progress?.phase !== 'configure' || child.killed) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const vm = events.at(-1)?.vm;
  expect(vm?.state).toBe('VM_STATE_RUNNING');
  expect(events.filter(({ accepted }) => accepted)).toHaveLength(1);
  expect(events.filter(({ auction }) => auction)).toHaveLength(2);
  expect(other.plant.list(undefined).map(({ vmid, state }) => [vmid, state])).toEqual([
    [vm?.vmid, 'running'],
  ]);

  const directory = join(shared, 'a');
  // The machine runs on: its plant alone can end it.
  expect((await readAuditFacts(directory)).processes).toHaveLength(1);
  const restarted = await openRealPlant({ directory, images }, line);
  try {
    expect(restarted.recovery).toMatchObject({ removed: [vm?.vmid], adopted: [], left: [] });
    for (const name of ['a', 'b']) {
      const facts = await readAuditFacts(join(shared, name));
      expect(findDifferences(facts)).toEqual([]);
      expect([facts.records.length, facts.clones.length, facts.processes.length]).toEqual(
        name === 'a' ? [0, 0, 0] : [1, 1, 1],
      );
    }
  } finally {
    await restarted.close();
  }
});
