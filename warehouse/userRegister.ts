import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asVmplantsError } from '../model/errors.js';
import { syncDirectory } from './durable.js';
import { fileError } from './fileError.js';
import { USERS_DIRECTORY } from './layout.js';
import { readEntry } from './users.js';
import { entryFile, entryText, type UsersEntry } from './usersEntry.js';
import type { WarehouseLog } from './warehouse.js';

/** Says in the warehouse which images one plant uses, so that nobody else removes them. */
export interface UserRegister {
  /**
   * Resolves when every plant can read that this one uses the image. Writes nothing where it is listed already, and
   * then gives false. Where it gives true the image may have been removed just before: whoever is about to clone it
   * looks whether it is still there.
   *
   * @throws VmplantsError as files do; not where the warehouse is read-only, which is logged
   */
  readonly use: (image: string) => Promise<boolean>;
  /** Writes what has changed: to be called now and then. Never rejects. */
  readonly renew: () => Promise<void>;
  /** Lists exactly what is still used; nothing is left in the warehouse where that is nothing. Never rejects. */
  readonly close: () => Promise<void>;
}

export interface UserRegisterOptions {
  readonly warehouse: string;
  /** Id of the plant, see `PLANT_ID`. No other process has it at the same time. */
  readonly plant: string;
  /** What uses images at this moment, by image. */
  readonly users: () => ReadonlyMap<string, readonly string[]>;
  /** Records of VMs may have been lost: whatever was listed before stays listed. */
  readonly keepListed: boolean;
  /** Milliseconds since the epoch; and of a clock that is never set. */
  readonly clock: { readonly now: () => number; readonly monotonic: () => number };
  readonly log: WarehouseLog;
}

/** An image stays listed for so long after its last use, so that a busy plant writes rarely. */
export const STAYS_LISTED_MILLISECONDS = 10 * 60_000;
/** So often an entry is written without need: it shows that its plant is alive. */
const SHOWS_LIFE_MILLISECONDS = 3_600_000;

/**
 * Opens the register and writes what is used now. Never rejects: where it cannot be written, what was listed before
 * goes on to hold, and `use` tries again.
 */
export async function openUserRegister(options: UserRegisterOptions): Promise<UserRegister> {
  const { plant, users, clock, log } = options;
  const directory = join(resolve(options.warehouse), USERS_DIRECTORY);
  const file = join(directory, entryFile(plant));
  const kept = options.keepListed ? ((await readEntry(directory, plant)).entry?.images ?? []) : [];
  /** Images that are, without any doubt, listed in the file. */
  let listed: ReadonlySet<string> = new Set();
  let written: UsersEntry | undefined;
  /** When each image was last used, by the clock that is never set. */
  const usedAt = new Map<string, number>();
  let closing = false;
  let last: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  let warned = false;

  const entryNow = (): UsersEntry => {
    const now = clock.monotonic();
    const used = users();
    for (const image of used.keys()) usedAt.set(image, now);
    for (const [image, at] of usedAt) {
      if (closing || now - at >= STAYS_LISTED_MILLISECONDS) usedAt.delete(image);
    }
    const lingering = [...usedAt.keys()].map((image): [string, readonly string[]] => [image, []]);
    return { plant, seen: clock.now(), images: new Map([...lingering, ...kept, ...used]) };
  };

  const writeNow = async (): Promise<void> => {
    const entry = entryNow();
    const { images } = entry;
    // What is about to be left out counts as left out already: whoever uses it from now on has it written anew.
    listed = new Set([...images.keys()].filter((image) => listed.has(image)));
    if (closing && images.size === 0) {
      await rm(file, { force: true });
      await syncDirectory(directory);
      return;
    }
    await replaceFile(directory, entryFile(plant), entryText(entry));
    listed = new Set(images.keys());
    written = entry;
  };

  /** Everything that was used before the call is listed when it resolves; one writes for all that wait. */
  const write = (): Promise<void> => {
    if (queued !== undefined) return queued;
    const begun = last.then(() => {
      queued = undefined;
      return writeNow();
    });
    queued = begun;
    last = begun.catch(() => undefined);
    return begun;
  };

  const writeIfPossible = async (): Promise<void> => {
    try {
      await write();
      warned = false;
    } catch (thrown) {
      const error = asVmplantsError(fileError(thrown, `${USERS_DIRECTORY}/${entryFile(plant)}`));
      if (error.code !== 'PERMISSION_DENIED') throw error;
      // Whoever may not write to the warehouse has always cloned from it at their own risk.
      if (!warned) log.warn({ err: error }, UNWRITABLE);
      warned = true;
    }
  };

  const isStale = async (): Promise<boolean> => {
    if (written === undefined || clock.now() - written.seen >= SHOWS_LIFE_MILLISECONDS) return true;
    if (entryText({ ...entryNow(), seen: written.seen }) !== entryText(written)) return true;
    // Somebody has deleted it.
    return (await lstat(file).catch(() => undefined)) === undefined;
  };

  const tryToWrite = async (isNeeded: () => Promise<boolean>): Promise<void> => {
    try {
      if (await isNeeded()) await writeIfPossible();
    } catch (error) {
      log.warn({ err: asVmplantsError(error) }, 'what the plant uses could not be said in the warehouse');
    }
  };

  await tryToWrite(async () => true);
  return {
    use: async (image) => {
      usedAt.set(image, clock.monotonic());
      if (listed.has(image)) return false;
      await writeIfPossible();
      return true;
    },
    renew: () => tryToWrite(isStale),
    close: async () => {
      closing = true;
      await tryToWrite(async () => true);
    },
  };
}

const UNWRITABLE =
  'the warehouse is read-only: other plants and commands are not told which images are in use here, and may remove them';

/** All or nothing: whoever reads finds the file as it was or as it is, also after a power failure. */
async function replaceFile(directory: string, name: string, text: string): Promise<void> {
  const temporary = join(directory, `.${name}.tmp`);
  await mkdir(directory, { recursive: true });
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(directory, name));
  await syncDirectory(directory);
}
