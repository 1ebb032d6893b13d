import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { errnoOf } from '../../../warehouse/fileError.js';
import type { DiskChain } from '../disk/goldenDisk.js';
import type { CloneSpec } from '../line.js';
import { CLONE_FILES } from './cloneFiles.js';

/**
 * What `clone` decided, kept in the clone's directory so that a later process of the plant can start, adopt or
 * freeze the machine. It holds no secret.
 */
export interface CloneRecord {
  readonly format: 'vmplants-qemu-clone/1';
  readonly spec: CloneSpec;
  readonly rootDisk: DiskChain;
  /** Absolute path of the memory to map, where there is one: the golden file, or the clone's own. */
  readonly memoryFile: string | undefined;
  /** Devices beyond the fixed ones, in the order in which host actions added them, the image's first. */
  readonly devices: readonly RecordedDevice[];
}

export type RecordedDevice =
  | {
      readonly kind: 'disk';
      readonly action: string;
      readonly serial: string;
      readonly sizeMiB: number;
      readonly chain: DiskChain;
    }
  | { readonly kind: 'network-interface'; readonly action: string; readonly mac: string }
  | { readonly kind: 'iso'; readonly action: string; readonly file: string };

/** Replaces the record as a whole: a reader finds the old or the new one. */
export async function writeCloneRecord(record: CloneRecord): Promise<void> {
  const file = join(record.spec.directory, CLONE_FILES.record);
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(record));
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

const OTHER_LINE = /^vmplants-(?!qemu-)[a-z]+-clone\//;

/** The record of the clone in the directory; undefined when there is none. */
export async function readCloneRecord(directory: string): Promise<CloneRecord | undefined> {
  const file = join(directory, CLONE_FILES.record);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  // Written by this plant alone, in a directory that only it may enter.
  const record = parseRecord(text);
  // Another line's clone, which is nobody's damage.
  if (record !== undefined && OTHER_LINE.test(record.format)) return undefined;
  if (record?.format !== 'vmplants-qemu-clone/1') {
    throw new VmplantsError(
      'DATA_LOSS',
      `${file}: expected a clone record of format vmplants-qemu-clone/1, found something else`,
      {
        reason: 'CLONE_RECORD_UNREADABLE',
        hint: 'collect the VM; its clone cannot be used any more',
      },
    );
  }
  return record;
}

function parseRecord(text: string): CloneRecord | undefined {
  try {
    return JSON.parse(text) as CloneRecord;
  } catch {
    return undefined;
  }
}
