import type { BigIntStats } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GoldenImage } from '../model/goldenImage.js';
import { STAMP_FILE } from './layout.js';
import { openPlainFile } from './openPlainFile.js';

/**
 * Which bytes of an image were compared with their digests. A stamp saves reading gigabytes again at every start:
 * it holds for as long as no file was written to or replaced, which the change time shows (it cannot be set back
 * by ordinary means). A stamp proves nothing against someone who may write to the warehouse: they could as well
 * write another descriptor. Decay of the medium without a write is what `verify.ts` is for.
 */
export interface VerificationStamp {
  readonly files: readonly StampedFile[];
}

export interface StampedFile {
  readonly path: string;
  readonly digest: string;
  /** Inode, size, modification and change time, in one string. */
  readonly identity: string;
}

const stampSchema = z.strictObject({
  files: z.array(z.strictObject({ path: z.string(), digest: z.string(), identity: z.string() })).max(20_000),
});

const MAX_STAMP_BYTES = 2 ** 22;

/** What of a file's state changes whenever its content may have. */
export function fileIdentity(stats: BigIntStats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** Pure. Whether every file of the image, as it is now, was verified. `identities` is by path. */
export function stampHolds(
  stamp: VerificationStamp | undefined,
  image: GoldenImage,
  identities: ReadonlyMap<string, string>,
): boolean {
  if (stamp === undefined) return false;
  const stamped = new Map(stamp.files.map((file) => [file.path, file]));
  return image.files.every((file) => {
    const entry = stamped.get(file.path);
    return entry?.digest === file.digest && entry.identity === identities.get(file.path);
  });
}

/** The stamp for an image whose files all have their digests. */
export function stampOf(image: GoldenImage, identities: ReadonlyMap<string, string>): VerificationStamp {
  return {
    files: image.files.map(({ path, digest }) => ({ path, digest, identity: identities.get(path) ?? '' })),
  };
}

/** The stamp in an image's directory; undefined when there is none that can be read: it only saves time. */
export async function readStamp(directory: string): Promise<VerificationStamp | undefined> {
  try {
    const { handle, stats } = await openPlainFile(join(directory, STAMP_FILE), STAMP_FILE);
    try {
      if (stats.size > BigInt(MAX_STAMP_BYTES)) return undefined;
      return stampSchema.parse(JSON.parse(await handle.readFile('utf8')));
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Rejects as the file system does, for example where the warehouse is read-only. */
export async function writeStamp(directory: string, stamp: VerificationStamp): Promise<void> {
  const temporary = join(directory, `${STAMP_FILE}.tmp`);
  try {
    await rm(temporary, { force: true });
    await writeFile(temporary, `${JSON.stringify(stamp)}\n`, { flag: 'wx', mode: 0o644 });
    await rename(temporary, join(directory, STAMP_FILE));
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
