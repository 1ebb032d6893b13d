import { join } from 'node:path';
import Database from 'better-sqlite3';
import { VmplantsError } from '../../model/errors.js';

/**
 * Takes the data directory for this process until `release`. The lock is one that the kernel drops with the
 * process (SQLite's, on a file of its own), so a crash never leaves a stale one and no process number is compared.
 * Throws FAILED_PRECONDITION when another process has it.
 */
export function lockDataDirectory(directory: string): { readonly release: () => void } {
  const file = join(directory, 'lock.sqlite');
  const database = new Database(file, { timeout: 0 });
  try {
    // Not WAL: in the rollback journal mode an exclusive transaction holds the file lock itself.
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        `the data directory ${directory} belongs to another running plant`,
        {
          reason: 'DATA_DIRECTORY_IN_USE',
          hint: 'Stop the other plant, or give this one a data directory of its own.',
          cause: error,
        },
      );
    }
    throw error;
  }
  return {
    release: () => {
      if (database.open) database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
