import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { GoldenImage, ImageFile } from '../model/goldenImage.js';
import { checkBase } from './backing.js';
import { readDescriptor } from './descriptor.js';
import { digestFile } from './digest.js';
import { errnoOf } from './fileError.js';
import { inspectImage } from './inspect.js';
import { DESCRIPTOR_FILE, POLICY_FILE, STAMP_FILE } from './layout.js';
import { listImageDirectories } from './listDescriptors.js';
import { mapAtOnce } from './mapAtOnce.js';
import { openPlainFile } from './openPlainFile.js';
import { readPolicy } from './policy.js';
import { fileIdentity } from './stamp.js';

/** How many files of an image are read at once: hides the medium's latency; hashing itself takes one core. */
const FILES_AT_ONCE = 4;

export interface FileReport {
  readonly path: string;
  readonly state: 'good' | 'missing' | 'not-a-plain-file' | 'wrong-size' | 'wrong-digest' | 'unreadable';
  /** What was expected and what was found; empty when good. */
  readonly detail: string;
  /** How much of it was read and compared. */
  readonly bytes: number;
}

export interface ImageReport {
  readonly name: string;
  /** True when every file is good and nothing else is wrong. Files that are not listed do no harm. */
  readonly good: boolean;
  /** What is wrong with the image as a whole: its descriptor, a disk's header, its base. */
  readonly error?: VmplantsError;
  readonly files: readonly FileReport[];
  /** Files in the directory that the descriptor does not list. */
  readonly unlisted: readonly string[];
  /** Why it cannot be read what was decided about it. It then counts as not shared and not pinned, and is used. */
  readonly policyProblem?: VmplantsError;
}

/**
 * Compares every byte of an image with its descriptor. Never rejects but for the signal: what is wrong is the answer.
 *
 * Where contents are wrong that were right once and were not written to since, the medium has decayed, which nobody
 * else notices. The file's change time is then renewed, so that plants that use the image look for themselves and
 * cease to.
 */
export async function verifyImage(directory: string, signal: AbortSignal): Promise<ImageReport> {
  const name = basename(directory);
  let image: GoldenImage;
  try {
    image = await readDescriptor(directory);
  } catch (thrown) {
    return { name, good: false, error: asVmplantsError(thrown), files: [], unlisted: [] };
  }
  const files = await mapAtOnce(image.files, FILES_AT_ONCE, async (file) => {
    const { path, state, detail, bytes } = await verifyFile(directory, name, file, signal);
    if (state === 'wrong-digest') await renewChangeTime(join(directory, path)).catch(() => undefined);
    return { path, state, detail, bytes };
  });
  const error = await inspectWithBase(directory).then(
    () => undefined,
    (thrown: unknown) => asVmplantsError(thrown),
  );
  const { problem } = await readPolicy(directory);
  const listed = new Set([DESCRIPTOR_FILE, POLICY_FILE, STAMP_FILE, ...image.files.map((file) => file.path)]);
  const unlisted = (await readdir(directory)).filter((entry) => !listed.has(entry)).sort();
  const good = error === undefined && files.every((file) => file.state === 'good');
  return {
    name,
    good,
    ...(error === undefined ? {} : { error }),
    files,
    unlisted,
    ...(problem === undefined ? {} : { policyProblem: problem }),
  };
}

/** Says in the only way that needs no agreement that a file is not what it was. Where that is not permitted, nothing. */
async function renewChangeTime(path: string): Promise<void> {
  const { handle, stats } = await openPlainFile(path, basename(path));
  try {
    await handle.chmod(Number(stats.mode & 0o7777n));
  } finally {
    await handle.close();
  }
}

/** The image's own files but for their contents, and that its base is there and is the one it was made over. */
async function inspectWithBase(directory: string): Promise<void> {
  const { descriptor, backingPath } = await inspectImage(directory);
  const baseName = descriptor.disk.backingImage;
  if (baseName === undefined) return;
  const base = await inspectImage(join(dirname(directory), baseName)).catch(() => undefined);
  checkBase(descriptor, base?.descriptor, backingPath);
}

/** Verifies every image of the warehouse, or the named ones, one after the other. */
export async function* verifyWarehouse(
  warehouse: string,
  names: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<ImageReport> {
  const present = await listImageDirectories(warehouse);
  for (const name of names ?? present) {
    if (!present.includes(name)) {
      throw new VmplantsError('NOT_FOUND', `there is no golden image ${JSON.stringify(name.slice(0, 80))}`, {
        reason: 'IMAGE_NOT_FOUND',
      });
    }
  }
  for (const name of names ?? present) {
    signal.throwIfAborted();
    yield await verifyImage(join(warehouse, name), signal);
  }
}

/**
 * Compares the contents of an image's files with their digests. Rejects with DATA_LOSS naming the first that
 * differs, or UNAVAILABLE for one that cannot be read; answers the identities of the files as they were read.
 */
export async function checkDigests(
  directory: string,
  image: GoldenImage,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const results = await mapAtOnce(image.files, FILES_AT_ONCE, (file) =>
    verifyFile(directory, image.name, file, signal),
  );
  const bad = results.find((result) => result.state !== 'good');
  if (bad?.state === 'wrong-digest') {
    throw new VmplantsError('DATA_LOSS', `${image.name}/${bad.path}: ${bad.detail}`, {
      reason: 'DIGEST_MISMATCH',
      hint: 'the image is not used; restore the file from a copy, or remove the image and build it again',
    });
  }
  if (bad !== undefined) {
    throw new VmplantsError('UNAVAILABLE', `${image.name}/${bad.path}: ${bad.detail}`, {
      reason: 'FILE_UNREADABLE',
    });
  }
  return new Map(results.map((result) => [result.path, result.identity]));
}

async function verifyFile(
  directory: string,
  name: string,
  file: ImageFile,
  signal: AbortSignal,
): Promise<FileReport & { readonly identity: string }> {
  const report = (state: FileReport['state'], detail: string, bytes = 0, identity = '') => ({
    path: file.path,
    state,
    detail,
    bytes,
    identity,
  });
  try {
    const { handle, stats } = await openPlainFile(join(directory, file.path), `${name}/${file.path}`);
    try {
      if (stats.size !== BigInt(file.bytes)) {
        return report('wrong-size', `expected ${file.bytes} bytes; found ${stats.size}`);
      }
      const { digest, bytes } = await digestFile(handle, `${name}/${file.path}`, signal);
      if (digest !== file.digest) {
        return report('wrong-digest', `expected the SHA-256 ${file.digest}; found ${digest}`, bytes);
      }
      // A write while it was read: what was read may not be what is there.
      const after = await lstat(join(directory, file.path), { bigint: true });
      if (fileIdentity(after) !== fileIdentity(stats)) {
        return report(
          'wrong-digest',
          'expected a file at rest; found it written to while it was read',
          bytes,
        );
      }
      return report('good', '', bytes, fileIdentity(after));
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asVmplantsError(thrown);
    if (error.reason === 'FILE_ENOENT' || errnoOf(thrown) === 'ENOENT')
      return report('missing', 'expected it; found no such file');
    if (error.reason === 'NOT_A_PLAIN_FILE' || error.reason === 'FILE_ELOOP') {
      return report('not-a-plain-file', error.message);
    }
    return report('unreadable', error.message);
  }
}
