import type { PreparedMachine } from '../prepare/prepared.js';
import { openDatabaseReadOnly } from './database.js';
import { readPrepared } from './preparedStore.js';
import type { QuarantinedRecord, VmRecord } from './record.js';
import { fromRow, type RecordRow } from './recordRow.js';

/** What the store of a data directory says, read without taking it from a running plant. For the audit. */
export interface StoredRecords {
  readonly records: readonly VmRecord[];
  readonly prepared: readonly PreparedMachine[];
  /** Damaged rows, and those that were put aside earlier. */
  readonly damaged: readonly QuarantinedRecord[];
}

/** Changes nothing. A directory without a store has no records. */
export function readRecords(directory: string): StoredRecords {
  const database = openDatabaseReadOnly(directory);
  if (database === undefined) return { records: [], prepared: [], damaged: [] };
  try {
    const records: VmRecord[] = [];
    const damaged = database
      .prepare<[], QuarantinedRecord>('SELECT vmid, reason FROM quarantine ORDER BY id')
      .all();
    for (const row of database.prepare<[], RecordRow>('SELECT vmid, body, digest FROM vms').all()) {
      const read = fromRow(row);
      if (read.kind === 'record') records.push(read.record);
      else damaged.push({ vmid: row.vmid, reason: read.reason });
    }
    const prepared = readPrepared(database);
    damaged.push(...prepared.damaged.map(({ id, reason }) => ({ vmid: id, reason })));
    return { records, prepared: prepared.machines, damaged };
  } finally {
    database.close();
  }
}
