import type Database from 'better-sqlite3';
import { VmplantsError } from '../../model/errors.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { PreparedMachine } from '../prepare/prepared.js';
import type { VmRecord } from './record.js';
import { digestOf } from './recordRow.js';

/** The plant's durable record of machines that wait for an order, beside that of its VMs and kept as carefully. */
export interface PreparedStore {
  /** Oldest first. */
  readonly all: () => readonly PreparedMachine[];
  readonly get: (id: string) => PreparedMachine | undefined;
  /** @throws VmplantsError ALREADY_EXISTS */
  readonly insert: (machine: PreparedMachine) => void;
  /** @throws VmplantsError NOT_FOUND */
  readonly update: (
    id: string,
    change: Partial<Pick<PreparedMachine, 'state' | 'process'>>,
  ) => PreparedMachine;
  /** Nothing happens when there is none. */
  readonly remove: (id: string) => void;
  /**
   * Turns a prepared machine into a VM: its record goes, and the VM's comes with the log of the steps that are done
   * with it, in one write. So a crash leaves one or the other, never both, and never a machine that none knows.
   * @throws VmplantsError NOT_FOUND, ALREADY_EXISTS; nothing is changed then
   */
  readonly handOut: (id: string, record: VmRecord, steps: readonly string[]) => void;
}

/** A prepared machine as a row of the table `prepared`. */
interface PreparedRow {
  readonly id: string;
  readonly body: string;
  readonly digest: string;
}

/**
 * Opens the store in the database, whose tables are there.
 * @param insertRecord writes a VM's record with its step log, and does the rest in the same transaction
 */
export function openPreparedStore(
  database: Database.Database,
  insertRecord: (record: VmRecord, steps: readonly string[], rest: () => void) => void,
): PreparedStore {
  const statements = {
    insert: database.prepare('INSERT INTO prepared (id, body, digest) VALUES (@id, @body, @digest)'),
    update: database.prepare('UPDATE prepared SET body = @body, digest = @digest WHERE id = @id'),
    remove: database.prepare('DELETE FROM prepared WHERE id = ?'),
  };
  const machines = new Map(readPrepared(database).machines.map((machine) => [machine.id, machine]));
  return {
    all: () => [...machines.values()],
    get: (id) => machines.get(id),
    insert: (machine) => {
      if (machines.has(machine.id)) {
        throw new VmplantsError('ALREADY_EXISTS', `there is a prepared machine ${machine.id} already`);
      }
      statements.insert.run(toRow(machine));
      machines.set(machine.id, machine);
    },
    update: (id, change) => {
      const before = machines.get(id);
      if (before === undefined) throw noSuchMachine(id);
      const machine = { ...before, ...change };
      statements.update.run(toRow(machine));
      machines.set(id, machine);
      return machine;
    },
    remove: (id) => {
      if (!machines.has(id)) return;
      statements.remove.run(id);
      machines.delete(id);
    },
    handOut: (id, record, steps) => {
      if (!machines.has(id)) throw noSuchMachine(id);
      insertRecord(record, steps, () => {
        statements.remove.run(id);
      });
      machines.delete(id);
    },
  };
}

/** What the table says: every machine whose row can be believed, oldest first, and the others. Changes nothing. */
export function readPrepared(database: Database.Database): {
  readonly machines: readonly PreparedMachine[];
  readonly damaged: readonly { readonly id: string; readonly body: string; readonly reason: string }[];
} {
  const machines: PreparedMachine[] = [];
  const damaged: { id: string; body: string; reason: string }[] = [];
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'prepared'");
  // A store of an older plant, which the audit reads as it is.
  if (table.get() === undefined) return { machines, damaged };
  for (const row of database.prepare<[], PreparedRow>('SELECT id, body, digest FROM prepared').all()) {
    const { id, body } = row;
    const machine = fromRow(row);
    if (machine === undefined) damaged.push({ id, body, reason: 'its digest does not match what is stored' });
    else machines.push(machine);
  }
  machines.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return { machines, damaged };
}

/** Moves every row that cannot be believed aside: what it was the record of is left alone. */
export function quarantinePrepared(database: Database.Database, clock: Clock, log: Log): void {
  for (const { id, body, reason } of readPrepared(database).damaged) {
    database.transaction(() => {
      database
        .prepare('INSERT INTO quarantine (vmid, body, reason, at) VALUES (?, ?, ?, ?)')
        .run(id, body, reason, clock.now());
      database.prepare('DELETE FROM prepared WHERE id = ?').run(id);
    })();
    log.error({ id, reason }, 'a damaged record of a prepared machine was put into quarantine');
  }
}

function toRow(machine: PreparedMachine): PreparedRow {
  const body = JSON.stringify(machine);
  return { id: machine.id, body, digest: digestOf(machine.id, body) };
}

function fromRow({ id, body, digest }: PreparedRow): PreparedMachine | undefined {
  if (digestOf(id, body) !== digest) return undefined;
  // The digest says that this process's own `toRow` wrote it. Before schema 3 all were warm, and did not say so.
  return { rung: 'warm', ...(JSON.parse(body) as Omit<PreparedMachine, 'rung'>) };
}

function noSuchMachine(id: string): VmplantsError {
  return new VmplantsError('NOT_FOUND', `there is no prepared machine ${id}`);
}
