import { lstat, open, readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage, ImageFile, LocatedImage } from '../model/goldenImage.js';
import { checkBase, diskDigest } from './backing.js';
import { descriptorText, MAX_DESCRIPTOR_BYTES, parseDescriptor, readDescriptor } from './descriptor.js';
import { digestFile } from './digest.js';
import { syncDirectory } from './durable.js';
import { errnoOf, fileError } from './fileError.js';
import { inspectDisks } from './inspect.js';
import {
  checkImageName,
  DESCRIPTOR_FILE,
  DESCRIPTOR_TEMPORARY,
  POLICY_FILE,
  POLICY_TEMPORARY,
  STAMP_FILE,
} from './layout.js';
import { mapAtOnce } from './mapAtOnce.js';
import { openPlainFile } from './openPlainFile.js';
import { parsePolicy, policyText, withPolicy } from './policy.js';
import { checkFiles, checkRoles, fileReferences } from './references.js';
import { checkStaging } from './staging.js';
import { fileIdentity, stampOf, writeStamp } from './stamp.js';
import { writeDescription } from './writeDescription.js';

/** A descriptor before its files are listed: publishing does that. What is decided about it may come along. */
export type UnpublishedImage = Omit<GoldenImage, 'files'>;

/** Points in a publication, in their order. `visible`: the image is there; what follows only makes it last. */
export type PublishStep = 'checked' | 'digested' | 'described' | 'visible' | 'durable';

export interface PublishRequest {
  /** The warehouse's directory. */
  readonly warehouse: string;
  /** From `createStaging`; holds exactly the files that the descriptor names, flat. */
  readonly staging: string;
  readonly image: UnpublishedImage;
  /** What the files are known to be, for example from the list that came with a copy; another digest is refused. */
  readonly expected?: readonly ImageFile[];
  readonly signal: AbortSignal;
  /** Called after each step; what it throws ends the publication there (the tests kill the process in it). */
  readonly onStep?: (step: PublishStep) => void;
}

/** Left over from an earlier attempt on the same staging directory; each is written anew. */
const OWN_FILES: readonly string[] = [
  DESCRIPTOR_FILE,
  DESCRIPTOR_TEMPORARY,
  POLICY_FILE,
  POLICY_TEMPORARY,
  STAMP_FILE,
];

/**
 * Makes a staged machine state a golden image (VMPlants paper, section 3.2: installers publish images to the
 * warehouse). All or nothing: every file is digested and on the disk before one rename makes the directory
 * visible, so that a publication that dies half way leaves a staging directory that nobody takes for an image
 * (`removeStale` deletes it).
 *
 * Afterwards the files are read-only. Rejects with ALREADY_EXISTS when the name is taken, INVALID_ARGUMENT for a
 * bad name, descriptor or disk header, DATA_LOSS for another digest than expected, FAILED_PRECONDITION for links, devices, unlisted or missing files and for
 * a base that is missing or changed, ABORTED when a file is written to meanwhile. The staging directory is kept
 * on failure: it is the caller's to repair or discard.
 */
export async function publish(request: PublishRequest): Promise<LocatedImage> {
  const { signal, onStep } = request;
  const warehouse = resolve(request.warehouse);
  const staging = resolve(request.staging);
  const name = request.image.name;
  checkImageName(name);
  checkStaging(warehouse, staging);
  checkRoles(request.image);
  const target = join(warehouse, name);
  await refuseExisting(target, name);
  await checkEntries(staging, request.image);
  const backingDigest = await checkBacking(warehouse, staging, request.image);
  onStep?.('checked');

  const digested = await mapAtOnce(fileReferences(request.image), 4, ({ path }) =>
    seal(staging, path, name, signal),
  );
  checkExpected(name, digested, request.expected ?? []);
  onStep?.('digested');

  const described = describe(request.image, digested, backingDigest);
  // Before anybody can see it: what belongs to somebody is not everybody's for a moment.
  await writeDescription(staging, described, request.image.policy);
  const identities = new Map(digested.map((file) => [file.path, file.identity]));
  await writeStamp(staging, stampOf(described, identities)).catch(() => undefined);
  await checkUnchanged(staging, name, identities);
  await checkEntries(staging, described);
  await syncDirectory(staging);
  onStep?.('described');

  signal.throwIfAborted();
  await moveIntoPlace(staging, target, name);
  onStep?.('visible');
  const base = described.disk.backingImage;
  if (base !== undefined && (await directoryOf(warehouse, base)) === undefined) {
    // The base was removed between our check and our rename; `removeImage` looks for us in the same way.
    await rename(target, staging);
    throw baseGone(name, base);
  }
  await syncDirectory(warehouse);
  onStep?.('durable');
  return {
    descriptor: described,
    directory: target,
    ...(base === undefined ? {} : { backingDirectory: join(warehouse, base) }),
  };
}

/** As the descriptor will be read again: what cannot be read must not be published. */
function describe(
  image: UnpublishedImage,
  files: readonly ImageFile[],
  backingDigest: string | undefined,
): GoldenImage {
  const complete: GoldenImage = {
    ...image,
    disk: { ...image.disk, ...(backingDigest === undefined ? {} : { backingDigest }) },
    files: files.map(({ path, bytes, digest }) => ({ path, bytes, digest })),
  };
  const text = descriptorText(complete);
  if (Buffer.byteLength(text) > MAX_DESCRIPTOR_BYTES) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${image.name}: expected a descriptor of at most 1 MiB; found more`,
      {
        reason: 'BAD_DESCRIPTOR',
      },
    );
  }
  const read = parseDescriptor(text, image.name);
  checkFiles(read);
  const { policy } = image;
  if (policy === undefined) return withPolicy(read, {});
  return withPolicy(read, { policy: parsePolicy(policyText(policy), `${image.name}/${POLICY_FILE}`) });
}

async function refuseExisting(target: string, name: string): Promise<void> {
  const found = await lstat(target).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw fileError(thrown, name);
  });
  if (found !== undefined) throw nameTaken(name);
}

/** The staging directory holds the files with a role and nothing else, but for what this file writes itself. */
async function checkEntries(staging: string, image: UnpublishedImage): Promise<void> {
  const named = new Set(fileReferences(image).map((reference) => reference.path));
  let entries: readonly string[];
  try {
    entries = await readdir(staging);
  } catch (thrown) {
    throw fileError(thrown, `${image.name}: the staging directory cannot be read`);
  }
  const present = new Set(entries);
  const missing = [...named].filter((path) => !present.has(path));
  if (missing.length > 0) {
    throw notExactly(
      `${image.name}: expected the file ${missing[0]} in the staging directory; found it missing`,
    );
  }
  const extra = entries.filter((entry) => !named.has(entry) && !OWN_FILES.includes(entry));
  if (extra.length > 0) {
    throw notExactly(
      `${image.name}: expected only files that the descriptor names; found ${JSON.stringify(extra[0])} as well`,
    );
  }
}

/** Checks the disks' headers and the base; answers the digest of the base's disk. */
async function checkBacking(
  warehouse: string,
  staging: string,
  image: UnpublishedImage,
): Promise<string | undefined> {
  const header = await inspectDisks(staging, image, image.name);
  const baseName = image.disk.backingImage;
  if (baseName === undefined) return undefined;
  const directory = await directoryOf(warehouse, baseName);
  const base = directory === undefined ? undefined : await readDescriptor(directory);
  checkBase(image, base, header.backingFile?.path);
  return base === undefined ? undefined : diskDigest(base);
}

async function directoryOf(warehouse: string, name: string): Promise<string | undefined> {
  const directory = join(warehouse, name);
  const stats = await lstat(directory).catch(() => undefined);
  return stats?.isDirectory() ? directory : undefined;
}

/** Takes away the right to write, digests, and waits until the file is on the disk. */
async function seal(
  staging: string,
  path: string,
  name: string,
  signal: AbortSignal,
): Promise<ImageFile & { readonly identity: string }> {
  const what = `${name}/${path}`;
  const { handle, stats } = await openPlainFile(join(staging, path), what);
  try {
    await handle.chmod(Number(stats.mode & 0o555n) | 0o400);
    const before = fileIdentity(await handle.stat({ bigint: true }));
    const [{ digest, bytes }] = await Promise.all([digestFile(handle, what, signal), handle.sync()]);
    const identity = fileIdentity(await handle.stat({ bigint: true }));
    if (identity !== before) throw changed(what);
    return { path, bytes, digest, identity };
  } catch (thrown) {
    throw fileError(thrown, what);
  } finally {
    await handle.close();
  }
}

function checkExpected(name: string, found: readonly ImageFile[], expected: readonly ImageFile[]): void {
  for (const file of expected) {
    const digest = found.find((candidate) => candidate.path === file.path)?.digest;
    if (digest === file.digest) continue;
    throw new VmplantsError(
      'DATA_LOSS',
      `${name}/${file.path}: expected the SHA-256 ${file.digest}; found ${digest ?? 'no such file'}`,
      { reason: 'DIGEST_MISMATCH', hint: 'copy the file again from where it came' },
    );
  }
}

async function checkUnchanged(
  staging: string,
  name: string,
  identities: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [path, identity] of identities) {
    const stats = await lstat(join(staging, path), { bigint: true });
    if (fileIdentity(stats) !== identity) throw changed(`${name}/${path}`);
  }
}

async function moveIntoPlace(staging: string, target: string, name: string): Promise<void> {
  // rename would replace an empty directory of that name: somebody's, made since the first look.
  await refuseExisting(target, name);
  try {
    const handle = await open(staging, 'r');
    try {
      await handle.chmod(0o755);
    } finally {
      await handle.close();
    }
    await rename(staging, target);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST' || errno === 'ENOTDIR') throw nameTaken(name);
    throw fileError(thrown, `${name}: cannot be moved into its place in the warehouse`);
  }
}

function nameTaken(name: string): VmplantsError {
  return new VmplantsError('ALREADY_EXISTS', `the warehouse already has something named ${name}`, {
    reason: 'IMAGE_EXISTS',
    hint: 'publish under another name, or remove that image first; a published image never changes',
  });
}

function baseGone(name: string, base: string): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `${name}: its base ${base} was removed while it was published`,
    {
      reason: 'BASE_MISSING',
    },
  );
}

function changed(what: string): VmplantsError {
  return new VmplantsError(
    'ABORTED',
    `${what}: expected a file at rest; found it written to while it was published`,
    {
      reason: 'FILE_CHANGED',
      hint: 'end the machine that writes to it, then publish again',
    },
  );
}

function notExactly(message: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', message, { reason: 'UNLISTED_FILES' });
}
