import { mkdirSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { VmplantsError } from '../../model/errors.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { openDatabase } from './database.js';
import { openDurationMeans } from './durationMeans.js';
import { lockDataDirectory } from './lock.js';
import { openOrderHistory } from './openOrderHistory.js';
import type { OrderHistory } from './orderHistory.js';
import { openPreparedStore, type PreparedStore, quarantinePrepared } from './preparedStore.js';
import type { ActionDuration, QuarantinedRecord, StepEntry, VmChange, VmRecord } from './record.js';
import { fromRow, type RecordRow, toRow } from './recordRow.js';
import { HISTORY_ROWS } from './schema.js';

/**
 * The VM Information System (VMPlants paper, section 3.2): the plant's durable record of its VMs, in SQLite under
 * the data directory. Every write is on disk when the call returns. Reads are answered from memory: this process is
 * the only writer, which the lock on the directory makes sure of.
 */
export interface InformationSystem {
  /** All records, oldest first. */
  readonly records: () => readonly VmRecord[];
  readonly get: (vmid: string) => VmRecord | undefined;
  /** Adds a record together with the first entry of its step log. ALREADY_EXISTS when there is one of this VMID. */
  readonly insert: (record: VmRecord, step: string) => void;
  /** Replaces parts of a record, optionally with the log entry of the step that is begun next, in one write. */
  readonly update: (vmid: string, change: RecordChange, step?: string) => VmRecord;
  /** Writes the log entry of a step that is about to begin. */
  readonly logStep: (vmid: string, step: string, direction: 'do' | 'undo') => void;
  /** The step log of a VM, in order. */
  readonly steps: (vmid: string) => readonly StepEntry[];
  /** Removes a record and its step log. Nothing happens when there is none. */
  readonly remove: (vmid: string) => void;
  /** Machines that wait for an order. */
  readonly prepared: PreparedStore;
  readonly recordDurations: (orderDigest: string, durations: readonly ActionDuration[]) => void;
  /** What was ordered, for learning. */
  readonly history: OrderHistory;
  /** Records that were damaged when the store was opened. Their files must be left alone. */
  readonly quarantined: readonly QuarantinedRecord[];
  /** False when SQLite found the file damaged: records may be missing, so an unknown clone may be a VM of ours. */
  readonly intact: boolean;
  /** Calls the listener after every durable change; the answer unsubscribes. */
  readonly subscribe: (listener: (change: VmChange) => void) => () => void;
  readonly close: () => void;
}

/** `vm` is merged into the record's; `undefined` removes an optional field. */
export interface RecordChange {
  readonly vm?: Partial<VmRecord['vm']>;
  readonly process?: VmRecord['process'] | undefined;
  readonly network?: number | undefined;
  readonly macs?: readonly string[];
  readonly holds?: boolean;
  /** Absolute; where a prepared machine did not serve and another clone takes its place. */
  readonly directory?: string;
  readonly history?: VmRecord['history'];
}

/** Opens the store in the directory (made if missing) and locks it. FAILED_PRECONDITION when another plant has it. */
export function openInformationSystem(options: {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}): InformationSystem {
  const { directory, clock, log } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDataDirectory(directory);
  try {
    const { database, damagedFile } = openDatabase(directory, clock.now());
    if (damagedFile !== undefined) {
      log.error({ damagedFile }, 'the store was damaged; what could be read was copied into a new one');
    }
    return createInformationSystem(database, damagedFile === undefined, clock, log, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function createInformationSystem(
  database: Database.Database,
  intact: boolean,
  clock: Clock,
  log: Log,
  releaseLock: () => void,
): InformationSystem {
  const statements = {
    insertVm: database.prepare('INSERT INTO vms (vmid, body, digest) VALUES (@vmid, @body, @digest)'),
    updateVm: database.prepare('UPDATE vms SET body = @body, digest = @digest WHERE vmid = @vmid'),
    deleteVm: database.prepare('DELETE FROM vms WHERE vmid = ?'),
    insertStep: database.prepare('INSERT INTO steps (vmid, step, direction, at) VALUES (?, ?, ?, ?)'),
    selectSteps: database.prepare<[string], StepEntry>(
      'SELECT vmid, step, direction, at FROM steps WHERE vmid = ? ORDER BY id',
    ),
    deleteSteps: database.prepare('DELETE FROM steps WHERE vmid = ?'),
    insertDuration: database.prepare(
      'INSERT INTO history (order_digest, key, seconds, ok, at) VALUES (?, ?, ?, ?, ?)',
    ),
    trimHistory: database.prepare(
      `DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ${HISTORY_ROWS}`,
    ),
  };
  quarantinePrepared(database, clock, log);
  const quarantined = quarantineDamaged(database, clock, log);
  const records = readAll(database);
  const means = openDurationMeans(database);
  const history = openOrderHistory(database, means.seconds, log);
  const listeners = new Set<(change: VmChange) => void>();

  const tell = (change: VmChange): void => {
    for (const listener of [...listeners]) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error }, 'a listener of the information system failed');
      }
    }
  };
  const required = (vmid: string): VmRecord => {
    const record = records.get(vmid);
    if (record === undefined) throw new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant`);
    return record;
  };

  const insertRecord = (record: VmRecord, steps: readonly string[], rest: () => void): void => {
    const { vmid } = record.vm;
    if (records.has(vmid)) {
      throw new VmplantsError('ALREADY_EXISTS', `there is a VM ${vmid} on this plant already`);
    }
    database.transaction(() => {
      statements.insertVm.run(toRow(record));
      for (const step of steps) statements.insertStep.run(vmid, step, 'do', clock.now());
      rest();
    })();
    records.set(vmid, record);
    tell({ kind: 'changed', vm: record.vm });
  };

  return {
    records: () => [...records.values()],
    get: (vmid) => records.get(vmid),
    insert: (record, step) => insertRecord(record, [step], () => undefined),
    prepared: openPreparedStore(database, insertRecord),
    update: (vmid, change, step) => {
      const record = changed(required(vmid), change);
      database.transaction(() => {
        statements.updateVm.run(toRow(record));
        if (step !== undefined) statements.insertStep.run(vmid, step, 'do', clock.now());
      })();
      records.set(vmid, record);
      if (change.vm !== undefined) tell({ kind: 'changed', vm: record.vm });
      return record;
    },
    logStep: (vmid, step, direction) => {
      required(vmid);
      statements.insertStep.run(vmid, step, direction, clock.now());
    },
    steps: (vmid) => statements.selectSteps.all(vmid),
    remove: (vmid) => {
      if (!records.has(vmid)) return;
      database.transaction(() => {
        statements.deleteVm.run(vmid);
        statements.deleteSteps.run(vmid);
      })();
      records.delete(vmid);
      tell({ kind: 'gone', vmid });
    },
    recordDurations: (orderDigest, durations) => {
      if (durations.length === 0) return;
      database.transaction(() => {
        for (const { key, seconds, ok } of durations) {
          statements.insertDuration.run(orderDigest, key, seconds, ok ? 1 : 0, clock.now());
        }
        statements.trimHistory.run();
      })();
      means.add(durations);
    },
    history,
    quarantined,
    intact,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close: () => {
      listeners.clear();
      if (database.open) database.close();
      releaseLock();
    },
  };
}

function changed(record: VmRecord, change: RecordChange): VmRecord {
  const { process, network, ...rest } = record;
  const nextProcess = 'process' in change ? change.process : process;
  const nextNetwork = 'network' in change ? change.network : network;
  return {
    ...rest,
    vm: { ...record.vm, ...change.vm },
    directory: change.directory ?? record.directory,
    macs: change.macs ?? record.macs,
    holds: change.holds ?? record.holds,
    ...(nextProcess === undefined ? {} : { process: nextProcess }),
    ...(nextNetwork === undefined ? {} : { network: nextNetwork }),
    ...(change.history === undefined ? {} : { history: change.history }),
  };
}

/** Moves every row that cannot be believed out of `vms`, so that the rest is served. */
function quarantineDamaged(
  database: Database.Database,
  clock: Clock,
  log: Log,
): readonly QuarantinedRecord[] {
  for (const row of database.prepare<[], RecordRow>('SELECT vmid, body, digest FROM vms').all()) {
    const read = fromRow(row);
    if (read.kind === 'record') continue;
    database.transaction(() => {
      database
        .prepare('INSERT INTO quarantine (vmid, body, reason, at) VALUES (?, ?, ?, ?)')
        .run(row.vmid, row.body, read.reason, clock.now());
      database.prepare('DELETE FROM vms WHERE vmid = ?').run(row.vmid);
    })();
    log.error({ vmid: row.vmid, reason: read.reason }, 'a damaged record was put into quarantine');
  }
  return database.prepare<[], QuarantinedRecord>('SELECT vmid, reason FROM quarantine ORDER BY id').all();
}

function readAll(database: Database.Database): Map<string, VmRecord> {
  const records: VmRecord[] = [];
  for (const row of database.prepare<[], RecordRow>('SELECT vmid, body, digest FROM vms').all()) {
    const read = fromRow(row);
    if (read.kind === 'record') records.push(read.record);
  }
  records.sort((a, b) => a.vm.createdAt - b.vm.createdAt || (a.vm.vmid < b.vm.vmid ? -1 : 1));
  return new Map(records.map((record) => [record.vm.vmid, record]));
}
