import { type FileHandle, link, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { asVmplantsError } from '../model/errors.js';
import { errnoOf, fileError } from './fileError.js';
import { LEARNING_DIRECTORY, PLANT_ID } from './layout.js';
import { readSmallFile } from './readSmallFile.js';
import type { WarehouseLog } from './warehouse.js';

/**
 * Which one of the plants on a warehouse learns in it: two would each keep the budget, and together exceed it.
 *
 * `.learning/` holds claims, named 1, 2, 3 and so on, of which only the highest counts. A claim is made by `link`, which
 * only one can do for a number. It is held by setting its time of modification now and then, through a file that was
 * opened when it was made: so that a plant that was stopped for long never touches the claim of the one that came after
 * it. A claim of no bytes was given back. Nobody compares clocks: a claim is dead when whoever wants it has seen it
 * unchanged for `TAKEN_OVER_MILLISECONDS`; its holder stops believing in it much earlier.
 */
export interface LearnerClaim {
  /** Whether this plant may learn at this moment. Never true for two plants at once. */
  readonly holds: () => boolean;
  /** The plant that does, where it is known to be another. */
  readonly holder: () => string | undefined;
  /** Takes the claim where it is free, renews it, or looks who has it: to be called regularly. Never rejects. */
  readonly renew: () => Promise<void>;
  /** Gives it back, so that another need not wait. Never rejects. */
  readonly release: () => Promise<void>;
}

export interface LearnerClaimOptions {
  readonly warehouse: string;
  /** Id of the plant, see `PLANT_ID`. No other process has it at the same time. */
  readonly plant: string;
  /** Milliseconds since the epoch; and of a clock that is never set. */
  readonly clock: { readonly now: () => number; readonly monotonic: () => number };
  readonly log: WarehouseLog;
}

/** How long a claim holds after it was last renewed. Half of the next, because file systems of a network tell late. */
export const HOLDS_MILLISECONDS = 150_000;
/** How long a claim must have been seen unchanged before another plant takes it. */
export const TAKEN_OVER_MILLISECONDS = 300_000;

const NUMBER = /^[1-9][0-9]{0,14}$/;
const claimSchema = z.strictObject({ plant: z.string().regex(PLANT_ID) });

/** A claim of this plant. */
interface Mine {
  readonly number: number;
  readonly handle: FileHandle;
  readonly inode: bigint;
}

/** What a claim looked like; whatever its holder does changes it. */
interface Look {
  readonly number: number;
  readonly state: string;
  readonly size: bigint;
  readonly inode: bigint;
}

export function createLearnerClaim(options: LearnerClaimOptions): LearnerClaim {
  const { plant, clock, log } = options;
  const directory = join(resolve(options.warehouse), LEARNING_DIRECTORY);
  let mine: Mine | undefined;
  let renewedAt = timesOf(clock);
  /** Another one's claim, and since when it looks like that. */
  let watched:
    | { readonly look: Look; readonly since: number; readonly plant: string | undefined }
    | undefined;
  let failed = false;

  const holds = (): boolean => {
    const now = timesOf(clock);
    // A host that sleeps stops one of the two clocks.
    const elapsed = Math.max(now.monotonic - renewedAt.monotonic, now.wall - renewedAt.wall);
    return mine !== undefined && elapsed < HOLDS_MILLISECONDS;
  };

  const lose = async (): Promise<void> => {
    const { handle } = mine ?? {};
    mine = undefined;
    await handle?.close().catch(() => undefined);
  };

  const keep = async ({ number, handle, inode }: Mine): Promise<void> => {
    const at = timesOf(clock);
    // In this order: whoever takes the claim over links first and then looks whether this has changed.
    await handle.utimes(at.wall / 1000, at.wall / 1000);
    const highest = await highestClaim(directory);
    if (highest?.number === number && highest.inode === inode) {
      renewedAt = at;
      return;
    }
    await lose();
    log.warn({}, 'another plant learns in this warehouse now: this one was not heard of for too long');
  };

  /** Whether the claim may be taken: it was given back, was this plant's before it was restarted, or is dead. */
  const isFree = async (look: Look): Promise<boolean> => {
    if (look.size === 0n) return true;
    const now = clock.monotonic();
    if (watched !== undefined && isSame(watched.look, look)) {
      return watched.plant === plant || now - watched.since >= TAKEN_OVER_MILLISECONDS;
    }
    const holder = await readHolder(directory, look.number);
    if (holder !== plant && holder !== watched?.plant) {
      log.info({ plant: holder }, 'another plant learns in this warehouse; this one does not');
    }
    watched = { look, since: now, plant: holder };
    return holder === plant;
  };

  const take = async (before: Look | undefined): Promise<void> => {
    const at = timesOf(clock);
    const number = (before?.number ?? 0) + 1;
    const made = await makeClaim(directory, number, plant);
    if (made === undefined) return;
    const now = await lookAt(directory, before?.number ?? 0);
    const highest = await highestClaim(directory);
    const undisturbed = before === undefined || (now !== undefined && isSame(now, before));
    if (!undisturbed || highest?.number !== number || highest.inode !== made.inode) {
      // The holder is alive, or somebody was quicker: given back.
      await made.handle.truncate(0);
      await made.handle.close();
      return;
    }
    mine = made;
    renewedAt = at;
    watched = undefined;
    log.info({}, 'this plant learns in the warehouse');
    await removeOthers(directory, number);
  };

  const renew = async (): Promise<void> => {
    try {
      if (mine !== undefined) {
        await keep(mine);
      } else {
        await mkdir(directory, { recursive: true });
        const look = await highestClaim(directory);
        if (look === undefined || (await isFree(look))) await take(look);
      }
      failed = false;
    } catch (thrown) {
      const error = asVmplantsError(fileError(thrown, LEARNING_DIRECTORY));
      if (!failed)
        log.warn({ err: error }, 'whether this plant may learn in the warehouse could not be said there');
      failed = true;
      // For example of a file that is gone from a server: it is asked for anew.
      if (!holds()) await lose();
    }
  };

  return {
    holds,
    holder: () => (mine === undefined ? watched?.plant : undefined),
    renew,
    release: async () => {
      // Through the file, never by its name: that may be another one's by now.
      await mine?.handle.truncate(0).catch(() => undefined);
      await lose();
    },
  };
}

function timesOf(clock: LearnerClaimOptions['clock']): { readonly monotonic: number; readonly wall: number } {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

function isSame(one: Look, other: Look): boolean {
  return one.number === other.number && one.state === other.state;
}

async function highestClaim(directory: string): Promise<Look | undefined> {
  const numbers = (await readdir(directory)).filter((name) => NUMBER.test(name)).map(Number);
  return numbers.length === 0 ? undefined : await lookAt(directory, Math.max(...numbers));
}

async function lookAt(directory: string, number: number): Promise<Look | undefined> {
  try {
    const { ino, size, mtimeNs } = await lstat(join(directory, String(number)), { bigint: true });
    return { number, state: `${ino}:${size}:${mtimeNs}`, size, inode: ino };
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Undefined where another one has made it. */
async function makeClaim(directory: string, number: number, plant: string): Promise<Mine | undefined> {
  const temporary = join(directory, `.${plant}.tmp`);
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o644);
  try {
    await handle.writeFile(`${JSON.stringify({ plant })}\n`);
    await handle.sync();
    const { ino } = await handle.stat({ bigint: true });
    await link(temporary, join(directory, String(number)));
    return { number, handle, inode: ino };
  } catch (thrown) {
    await handle.close();
    if (errnoOf(thrown) === 'EEXIST' || errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** For people; undefined where it cannot be read. */
async function readHolder(directory: string, number: number): Promise<string | undefined> {
  const what = `${LEARNING_DIRECTORY}/${number}`;
  const bound = { bytes: 4096, inWords: '4 KiB', reason: 'BAD_CLAIM' };
  try {
    return claimSchema.parse(JSON.parse(await readSmallFile(join(directory, String(number)), what, bound)))
      .plant;
  } catch {
    return undefined;
  }
}

/** Claims that do not count any more. Whoever is about to make one, and loses its temporary file, tries again later. */
async function removeOthers(directory: string, number: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (NUMBER.test(name) ? Number(name) < number : name.endsWith('.tmp')) {
      await rm(join(directory, name), { force: true });
    }
  }
}
