import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STORE_FILE } from '../../../plant/info/database.js';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import { readRecords } from '../../../plant/info/readRecords.js';
import type { VmRecord } from '../../../plant/info/record.js';
import { digestOf } from '../../../plant/info/recordRow.js';
import type { PreparedMachine } from '../../../plant/prepare/prepared.js';
import { rememberingLog } from '../produce/rig.js';

let directory: string;
let info: InformationSystem;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prepared-store-'));
  info = open();
});
afterEach(async () => {
  info.close();
  await rm(directory, { recursive: true, force: true });
});

function open(): InformationSystem {
  const clock = { now: () => 7, monotonic: () => 7 };
  return openInformationSystem({ directory, clock, log: rememberingLog() });
}

function machine(id: string, createdAt = 0): PreparedMachine {
  return {
    id,
    state: 'making',
    image: 'base',
    line: 'fake',
    rung: 'warm',
    vcpus: 1,
    memoryMiB: 64,
    network: 'none',
    createdAt,
    directory: `/clones/${id}`,
    macs: [],
  };
}

function record(vmid: string): VmRecord {
  return {
    vm: {
      vmid,
      state: 'producing',
      plant: 'p',
      clientDomain: 'd',
      image: 'base',
      rung: 'warm',
      line: 'fake',
      createdAt: 0,
      classad: {},
      vcpus: 1,
      memoryMiB: 64,
      hostname: 'h',
      orderDigest: 'o',
    },
    directory: '/clones/prepared-a',
    macs: [],
    holds: true,
  };
}

test('machines are kept across a restart, oldest first', () => {
  info.prepared.insert(machine('prepared-b', 2));
  info.prepared.insert(machine('prepared-a', 1));
  info.prepared.insert(machine('prepared-c', 3));
  const process = { pid: 5, startTicks: 6, bootId: 'b' };
  info.prepared.update('prepared-a', { process });
  info.prepared.update('prepared-a', { state: 'waiting' });
  info.prepared.remove('prepared-c');
  info.prepared.remove('prepared-c');
  expect(() => info.prepared.insert(machine('prepared-a'))).toThrow('already');
  expect(() => info.prepared.update('prepared-c', { state: 'waiting' })).toThrow('no prepared machine');
  expect(readRecords(directory).prepared).toHaveLength(2);
  info.close();
  info = open();
  expect(info.prepared.all()).toEqual([
    { ...machine('prepared-a', 1), state: 'waiting', process },
    machine('prepared-b', 2),
  ]);
});

test('handing out turns one record into the other, with its log, or changes nothing', () => {
  info.prepared.insert(machine('prepared-a'));
  info.insert(record('vm-taken'), 'reserve');
  expect(() => info.prepared.handOut('prepared-a', record('vm-taken'), ['reserve'])).toThrow('already');
  expect(() => info.prepared.handOut('prepared-x', record('vm-a'), ['reserve'])).toThrow(
    'no prepared machine',
  );
  expect(info.prepared.all()).toHaveLength(1);
  expect(info.get('vm-a')).toBeUndefined();

  info.prepared.handOut('prepared-a', record('vm-a'), ['reserve', 'clone', 'start']);
  expect(() => info.prepared.handOut('prepared-a', record('vm-b'), ['reserve'])).toThrow(
    'no prepared machine',
  );
  info.close();
  info = open();
  expect(info.prepared.all()).toEqual([]);
  expect(info.get('vm-a')).toEqual(record('vm-a'));
  expect(info.steps('vm-a').map(({ step, direction }) => [step, direction])).toEqual([
    ['reserve', 'do'],
    ['clone', 'do'],
    ['start', 'do'],
  ]);
});

test('what an older plant wrote was resumed, whoever reads it', () => {
  const { rung: _, ...old } = { ...machine('prepared-a'), state: 'waiting' as const };
  info.close();
  const database = new Database(join(directory, STORE_FILE));
  database.pragma('user_version = 2');
  const body = JSON.stringify(old);
  database
    .prepare('INSERT INTO prepared (id, body, digest) VALUES (?, ?, ?)')
    .run(old.id, body, digestOf(old.id, body));
  database.close();
  expect(readRecords(directory).prepared).toEqual([{ ...old, rung: 'warm' }]);
  info = open();
  expect(info.prepared.all()).toEqual([{ ...old, rung: 'warm' }]);
  info.prepared.insert({ ...machine('prepared-b', 1), rung: 'disk' });
  info.close();
  info = open();
  expect(info.prepared.all().map(({ rung }) => rung)).toEqual(['warm', 'disk']);
});

test('a damaged row is put aside and reported, and the rest is served', () => {
  info.prepared.insert(machine('prepared-a'));
  info.prepared.insert(machine('prepared-b'));
  info.close();
  const database = new Database(join(directory, STORE_FILE));
  database.prepare("UPDATE prepared SET body = replace(body, 'base', 'case') WHERE id = 'prepared-a'").run();
  database.close();
  expect(readRecords(directory)).toMatchObject({
    prepared: [{ id: 'prepared-b' }],
    damaged: [{ vmid: 'prepared-a' }],
  });
  info = open();
  expect(info.prepared.all()).toEqual([machine('prepared-b')]);
  expect(info.quarantined).toMatchObject([{ vmid: 'prepared-a' }]);
});
