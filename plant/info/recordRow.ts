import { createHash } from 'node:crypto';
import type { VmRecord } from './record.js';

/** A record as a row of the table `vms`. */
export interface RecordRow {
  readonly vmid: string;
  readonly body: string;
  readonly digest: string;
}

export function toRow(record: VmRecord): RecordRow {
  const body = JSON.stringify(record);
  return { vmid: record.vm.vmid, body, digest: digestOf(record.vm.vmid, body) };
}

/** The record of a row, or why it cannot be believed. */
export function fromRow(
  row: RecordRow,
):
  | { readonly kind: 'record'; readonly record: VmRecord }
  | { readonly kind: 'damaged'; readonly reason: string } {
  if (digestOf(row.vmid, row.body) !== row.digest) {
    return { kind: 'damaged', reason: 'its digest does not match what is stored' };
  }
  try {
    // The digest says that this process's own `toRow` wrote it.
    return { kind: 'record', record: JSON.parse(row.body) as VmRecord };
  } catch {
    return { kind: 'damaged', reason: 'it is not JSON' };
  }
}

/** SHA-256 over the name and the body of a row: SQLite does not notice a flipped bit inside a page. */
export function digestOf(vmid: string, body: string): string {
  return createHash('sha256').update(vmid).update('\0').update(body).digest('hex');
}
