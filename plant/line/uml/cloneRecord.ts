import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { errnoOf } from '../../../warehouse/fileError.js';
import type { CloneSpec } from '../line.js';
import { CLONE_FILES } from './cloneFiles.js';

const FORMAT = 'vmplants-uml-clone/1';

/** What `clone` decided, kept in the clone's directory for a later process of the plant. It holds no secret. */
export interface CloneRecord {
  readonly format: typeof FORMAT;
  readonly spec: CloneSpec;
  /** Absolute path of the raw disk that the clone's own lies over. */
  readonly baseDisk: string;
  /** Devices beyond the fixed ones, in the order in which host actions added them, the image's first. */
  readonly devices: readonly RecordedDevice[];
}

export type RecordedDevice =
  | {
      readonly kind: 'disk';
      readonly action: string;
      readonly serial: string;
      readonly sizeMiB: number;
      /** Absolute paths: what is written, and what it lies over. */
      readonly cow: string;
      readonly base: string;
    }
  | { readonly kind: 'network-interface'; readonly action: string; readonly mac: string }
  | { readonly kind: 'iso'; readonly action: string; readonly file: string };

export function newCloneRecord(parts: Omit<CloneRecord, 'format'>): CloneRecord {
  return { format: FORMAT, ...parts };
}

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

const OTHER_LINE = /^vmplants-(?!uml-)[a-z]+-clone\//;

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
  if (record?.format === FORMAT) return record;
  throw new VmplantsError(
    'DATA_LOSS',
    `${file}: expected a clone record of format ${FORMAT}, found another`,
    {
      reason: 'CLONE_RECORD_UNREADABLE',
      hint: 'collect the VM; its clone cannot be used any more',
    },
  );
}

function parseRecord(text: string): CloneRecord | undefined {
  try {
    return JSON.parse(text) as CloneRecord;
  } catch {
    return undefined;
  }
}
