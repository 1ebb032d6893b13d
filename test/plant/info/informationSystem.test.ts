import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import { readRecords } from '../../../plant/info/readRecords.js';
import type { VmChange, VmRecord } from '../../../plant/info/record.js';
import { rememberingLog } from '../produce/rig.js';

let directory: string;
let log: ReturnType<typeof rememberingLog>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'info-'));
  log = rememberingLog();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): InformationSystem {
  return openInformationSystem({ directory, clock: { now: () => 1_000, monotonic: () => 0 }, log });
}

function record(vmid: string, createdAt = 1): VmRecord {
  return {
    vm: {
      vmid,
      state: 'producing',
      plant: 'p',
      clientDomain: 'default',
      image: 'base',
      rung: 'warm',
      line: 'fake',
      createdAt,
      classad: {},
      vcpus: 1,
      memoryMiB: 64,
      hostname: vmid,
      orderDigest: 'd',
    },
    directory: `/somewhere/${vmid}`,
    macs: [],
    holds: true,
  };
}

describe('the information system', () => {
  test('keeps records and their logs across a restart, oldest first', () => {
    const first = open();
    first.insert(record('vm-b', 2), 'reserve');
    first.insert(record('vm-a', 1), 'reserve');
    const process = { pid: 7, startTicks: 8, bootId: 'b' };
    first.update('vm-b', { vm: { state: 'running' }, process }, 'configure');
    first.close();
    const second = open();
    expect(second.records().map(({ vm }) => vm.vmid)).toEqual(['vm-a', 'vm-b']);
    expect(second.get('vm-b')).toMatchObject({ vm: { state: 'running' }, process });
    expect(second.steps('vm-b').map(({ step, direction }) => [step, direction])).toEqual([
      ['reserve', 'do'],
      ['configure', 'do'],
    ]);
    expect(second.update('vm-b', { process: undefined })).not.toHaveProperty('process');
    second.remove('vm-b');
    second.remove('vm-b');
    expect(second.steps('vm-b')).toEqual([]);
    second.close();
  });

  test('refuses a second record of a name, and a change of one that is not there', () => {
    const info = open();
    info.insert(record('vm-a'), 'reserve');
    expect(() => info.insert(record('vm-a'), 'reserve')).toThrow(
      expect.objectContaining({ code: 'ALREADY_EXISTS' }),
    );
    expect(() => info.update('vm-z', { holds: false })).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    info.close();
  });

  test('tells listeners of every change until they leave; one that fails does no harm', () => {
    const info = open();
    const heard: VmChange[] = [];
    info.subscribe(() => {
      throw new Error('mine');
    });
    const leave = info.subscribe((change) => heard.push(change));
    info.insert(record('vm-a'), 'reserve');
    info.update('vm-a', { vm: { state: 'running' } });
    info.remove('vm-a');
    leave();
    info.insert(record('vm-b'), 'reserve');
    expect(heard.map((change) => (change.kind === 'gone' ? 'gone' : change.vm.state))).toEqual([
      'producing',
      'running',
      'gone',
    ]);
    info.close();
  });

  test('keeps measured durations', () => {
    const info = open();
    info.recordDurations('digest', [
      { key: 'k1', seconds: 1.5, ok: true },
      { key: 'k2', seconds: 2, ok: false },
    ]);
    info.close();
    const database = new Database(join(directory, 'vms.sqlite'), { readonly: true });
    expect(database.prepare('SELECT key, seconds, ok FROM history ORDER BY id').all()).toEqual([
      { key: 'k1', seconds: 1.5, ok: 1 },
      { key: 'k2', seconds: 2, ok: 0 },
    ]);
    database.close();
  });

  test('can be read beside the plant that has it', () => {
    const info = open();
    info.insert(record('vm-a'), 'reserve');
    expect(readRecords(directory).records).toEqual(info.records());
    info.close();
    expect(readRecords(join(directory, 'nowhere'))).toEqual({ records: [], prepared: [], damaged: [] });
  });
});

describe('the data directory', () => {
  test('belongs to one plant at a time', () => {
    const info = open();
    expect(open).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'DATA_DIRECTORY_IN_USE' }),
    );
    info.close();
    open().close();
  });

  test('is refused to another process, and free once its owner is dead', async () => {
    const script = `
      import { lockDataDirectory } from '${resolve('plant/info/lock.ts')}';
      try { lockDataDirectory(process.argv[2]); console.log('taken'); process.kill(process.pid, 'SIGKILL'); }
      catch (error) { console.log(error.reason); }`;
    const file = join(directory, 'lock.mts');
    writeFileSync(file, script);
    const run = async (): Promise<string> =>
      await promisify(execFile)(process.execPath, ['--import', 'tsx', file, directory], {
        cwd: resolve('.'),
      }).then(
        ({ stdout }) => stdout.trim(),
        (error: { stdout: string }) => error.stdout.trim(),
      );
    const info = open();
    expect(await run()).toBe('DATA_DIRECTORY_IN_USE');
    info.close();
    expect(await run()).toBe('taken');
    // It was killed with the lock in its hands.
    open().close();
  });

  test('of a newer version is refused', () => {
    open().close();
    const database = new Database(join(directory, 'vms.sqlite'));
    database.pragma('user_version = 99');
    database.close();
    expect(open).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'NEWER_DATA' }));
    // The refused plant left no lock behind.
    expect(open).toThrow(expect.objectContaining({ reason: 'NEWER_DATA' }));
  });
});

describe('damage', () => {
  test('of one record puts it into quarantine, reports it, and the rest is served', () => {
    const first = open();
    first.insert(record('vm-a'), 'reserve');
    first.insert(record('vm-b'), 'reserve');
    first.close();
    const database = new Database(join(directory, 'vms.sqlite'));
    database.exec(
      `UPDATE vms SET body = replace(body, '"memoryMiB":64', '"memoryMiB":65') WHERE vmid = 'vm-a'`,
    );
    database.close();
    expect(readRecords(directory).damaged.map(({ vmid }) => vmid)).toEqual(['vm-a']);
    const second = open();
    expect(second.records().map(({ vm }) => vm.vmid)).toEqual(['vm-b']);
    expect(second.quarantined).toEqual([{ vmid: 'vm-a', reason: expect.stringContaining('digest') }]);
    expect(second.intact).toBe(true);
    expect(log.lines.join()).toContain('vm-a');
    second.close();
  });

  test('of a page is moved aside, and what can be read is kept', () => {
    const first = open();
    for (let n = 0; n < 200; n += 1) first.insert(record(`vm-${String(n).padStart(3, '0')}`, n), 'reserve');
    first.close();
    const file = join(directory, 'vms.sqlite');
    const bytes = readFileSync(file);
    // The page that holds one of them: a leaf of a tree.
    const page = Math.floor(bytes.indexOf('"vmid":"vm-100"') / 4096);
    expect(page).toBeGreaterThan(0);
    bytes.fill(0xff, 4096 * page, 4096 * (page + 1));
    writeFileSync(file, bytes);
    const second = open();
    expect(second.intact).toBe(false);
    expect(readdirSync(directory).some((name) => name.startsWith('vms.sqlite.damaged-'))).toBe(true);
    const found = second.records().length;
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThanOrEqual(200);
    second.close();
  });

  test('of the whole file leaves an empty store that knows it lost something', () => {
    open().close();
    writeFileSync(join(directory, 'vms.sqlite'), Buffer.alloc(8192, 0x5a));
    const info = open();
    expect(info.records()).toEqual([]);
    expect(info.intact).toBe(false);
    info.close();
  });
});
