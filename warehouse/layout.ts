import { VmplantsError } from '../model/errors.js';

/**
 * The names in a warehouse on disk. A warehouse is one directory; each golden image is one flat directory in it
 * (VMPlants paper, section 4.1: "files in sub-directories of the VM Warehouse"). Names that begin with a dot are
 * the warehouse's own and never images.
 */

/** The descriptor in an image's directory. */
export const DESCRIPTOR_FILE = 'image.json';

/** The descriptor while it is written. */
export const DESCRIPTOR_TEMPORARY = `.${DESCRIPTOR_FILE}.tmp`;

/** What was decided about an image since it was made, see `policy.ts`. It may change; nothing else of an image does. */
export const POLICY_FILE = 'policy.json';

/** The next policy while it is written. Whoever makes this file is the one who may replace the policy. */
export const POLICY_TEMPORARY = `.${POLICY_FILE}.tmp`;

/** Records which bytes of an image were verified, see `stamp.ts`. */
export const STAMP_FILE = '.verified.json';

/** Holds one file for each plant that uses the warehouse, see `usersEntry.ts`. */
export const USERS_DIRECTORY = '.users';

/**
 * The plants that share a warehouse are told apart by these: the name of a plant and 16 random hexadecimal digits.
 * They are names of files too.
 */
export const PLANT_ID = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?-[0-9a-f]{16}$/;

/** Image names: lower case, so that no two differ by case alone; no leading dot or dash. */
export const IMAGE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Names of the files of an image: plain names, no directories, no leading dot or dash. */
export const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;

/** Rejects with INVALID_ARGUMENT unless it may name an image. */
export function checkImageName(name: string): void {
  if (IMAGE_NAME.test(name)) return;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    `name: expected 1 to 63 of a-z, 0-9, dot, underscore and dash, beginning with a letter or digit; found ${JSON.stringify(name.slice(0, 80))}`,
    {
      reason: 'BAD_IMAGE_NAME',
      violations: [{ field: 'name', description: `must match ${IMAGE_NAME.source}` }],
    },
  );
}

/**
 * The one backing path that the disk of an image may name: relative, so that a warehouse can be moved as a whole,
 * and to the disk of a sibling, so that nothing outside the warehouse is ever opened.
 */
export function backingPath(baseImage: string, baseDiskFile: string): string {
  return `../${baseImage}/${baseDiskFile}`;
}
