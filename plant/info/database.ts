import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { VmplantsError } from '../../model/errors.js';
import { SCHEMA, SCHEMA_VERSION } from './schema.js';
import { keepSpareRoom } from './spareRoom.js';

/** Name of the store's file in the data directory. */
export const STORE_FILE = 'vms.sqlite';

export interface OpenedDatabase {
  readonly database: Database.Database;
  /** Where the damaged file was moved to, when the store had to be salvaged. */
  readonly damagedFile?: string;
}

/**
 * Opens the store for writing. A file that SQLite finds damaged is moved aside and every row that can still be read
 * is copied into a new one, so that one torn page does not take the other VMs' records with it.
 */
export function openDatabase(directory: string, now: number): OpenedDatabase {
  const file = join(directory, STORE_FILE);
  const opened = tryOpen(file);
  if (opened !== undefined) return { database: prepare(opened, file) };
  const damagedFile = `${file}.damaged-${now}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, damagedFile + suffix);
  }
  const database = prepare(new Database(file), file);
  salvage(damagedFile, database);
  return { database, damagedFile };
}

/** Opens the store for reading beside a running plant, for the audit; undefined when there is none yet. */
export function openDatabaseReadOnly(directory: string): Database.Database | undefined {
  const file = join(directory, STORE_FILE);
  if (!existsSync(file)) return undefined;
  return new Database(file, { readonly: true, fileMustExist: true });
}

function tryOpen(file: string): Database.Database | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    database.pragma('journal_mode = WAL');
    if (database.pragma('quick_check', { simple: true }) === 'ok') return database;
  } catch (error) {
    if (!isDamage(error)) {
      database?.close();
      throw error;
    }
  }
  database?.close();
  return undefined;
}

function prepare(database: Database.Database, file: string): Database.Database {
  database.pragma('journal_mode = WAL');
  // An acknowledged VM must survive a power failure.
  database.pragma('synchronous = FULL');
  const version = database.pragma('user_version', { simple: true });
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    database.close();
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${file} was written by a newer plant (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      { reason: 'NEWER_DATA', hint: 'Run the newer version, or use another data directory.' },
    );
  }
  database.exec(SCHEMA);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
  keepSpareRoom(database);
  return database;
}

/** Copies what can be read, row by row; a row that cannot be read ends its table. */
function salvage(damagedFile: string, into: Database.Database): void {
  let from: Database.Database;
  try {
    from = new Database(damagedFile, { readonly: true });
  } catch {
    return;
  }
  try {
    copyReadable(from, into, 'vms', ['vmid', 'body', 'digest']);
    copyReadable(from, into, 'prepared', ['id', 'body', 'digest']);
    copyReadable(from, into, 'steps', ['id', 'vmid', 'step', 'direction', 'at']);
  } finally {
    from.close();
  }
}

function copyReadable(
  from: Database.Database,
  into: Database.Database,
  table: 'vms' | 'prepared' | 'steps',
  columns: readonly string[],
): void {
  try {
    const insert = into.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    for (const row of from
      .prepare(`SELECT ${columns.join(', ')} FROM ${table}`)
      .raw()
      .iterate()) {
      if (Array.isArray(row)) insert.run(...row);
    }
  } catch (error) {
    if (!isDamage(error) && !(error instanceof Database.SqliteError)) throw error;
  }
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB')
  );
}
