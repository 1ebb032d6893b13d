import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import { PLANT_ID } from '../../warehouse/layout.js';
import type { RandomBytes } from '../configure/identity.js';

/** In the data directory: what the plant is called where several plants share a warehouse. */
const FILE = 'plant-id';
const RANDOM_BYTES = 8;

/**
 * The id of the plant of a data directory, which whoever calls holds the lock of. It is made at the first start, of the
 * plant's name and random digits, and stays when the plant is called otherwise later.
 * @throws VmplantsError FAILED_PRECONDITION, BAD_PLANT_ID, when the file holds something else
 */
export function openPlantId(directory: string, name: string, random: RandomBytes): string {
  const known = readPlantId(directory);
  if (known !== undefined) return known;
  const id = `${name}-${Buffer.from(random(RANDOM_BYTES)).toString('hex')}`;
  const temporary = join(directory, `.${FILE}.tmp`);
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, `${id}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(directory, FILE));
  return id;
}

/** Undefined where no plant has ever served from the directory. Throws as `openPlantId` does. */
export function readPlantId(directory: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const id = text.trimEnd();
  if (PLANT_ID.test(id)) return id;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${FILE} in the data directory: expected the id of a plant`,
    {
      reason: 'BAD_PLANT_ID',
      hint: 'Delete the file: another id is made at the next start. Then remove what the old one left in .users of the warehouse.',
    },
  );
}
