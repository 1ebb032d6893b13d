import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import { errnoOf, fileError } from './fileError.js';
import { USERS_DIRECTORY } from './layout.js';
import { readSmallFile } from './readSmallFile.js';
import { entryFile, MAX_ENTRY_BYTES, parseEntry, plantOfFile, type UsersEntry } from './usersEntry.js';

/** What all plants say that use the warehouse. */
export interface WarehouseUsers {
  /** By the id of the plant. */
  readonly entries: readonly UsersEntry[];
  /** Entries that cannot be read: those plants may use any image. */
  readonly problems: readonly { readonly plant: string; readonly error: VmplantsError }[];
}

/** A file that is replaced while it is opened has no name any more, and counts as no plain file: it is read again. */
const READS = 5;

/** @throws VmplantsError where the directory cannot be read; that there is none is no error */
export async function readUsers(warehouse: string): Promise<WarehouseUsers> {
  const directory = join(resolve(warehouse), USERS_DIRECTORY);
  let files: readonly string[];
  try {
    files = await readdir(directory);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return { entries: [], problems: [] };
    throw fileError(thrown, USERS_DIRECTORY);
  }
  const plants = files.flatMap((file) => plantOfFile(file) ?? []).sort();
  const readings = await Promise.all(plants.map((plant) => readEntry(directory, plant)));
  return {
    entries: readings.flatMap(({ entry }) => entry ?? []),
    problems: readings.flatMap(({ plant, error }) => (error === undefined ? [] : [{ plant, error }])),
  };
}

/**
 * What plants other than the given one say of their images, as texts for people, by image.
 * @throws VmplantsError FAILED_PRECONDITION, BAD_USERS, where one of them cannot be read
 */
export async function usedElsewhere(
  warehouse: string,
  plant: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { entries, problems } = await readUsers(warehouse);
  const [problem] = problems.filter((one) => one.plant !== plant);
  if (problem !== undefined) throw problem.error;
  const found = new Map<string, readonly string[]>();
  for (const entry of entries) {
    if (entry.plant === plant) continue;
    for (const [image, users] of entry.images) {
      const by = users.length === 0 ? '' : ` (${users.join(', ')})`;
      found.set(image, [...(found.get(image) ?? []), `the plant ${entry.plant}${by}`]);
    }
  }
  return found;
}

/** One plant's entry; neither where there is none. */
export async function readEntry(
  directory: string,
  plant: string,
): Promise<{ readonly plant: string; readonly entry?: UsersEntry; readonly error?: VmplantsError }> {
  const what = `${USERS_DIRECTORY}/${entryFile(plant)}`;
  const bound = { bytes: MAX_ENTRY_BYTES, inWords: '1 MiB', reason: 'BAD_USERS' };
  for (let read = 1; ; read += 1) {
    try {
      const text = await readSmallFile(join(directory, entryFile(plant)), what, bound);
      return { plant, entry: parseEntry(text, plant) };
    } catch (thrown) {
      const error = asVmplantsError(thrown);
      if (error.reason === 'FILE_ENOENT') return { plant };
      if (error.reason !== 'NOT_A_PLAIN_FILE' || read === READS) return { plant, error };
    }
  }
}
