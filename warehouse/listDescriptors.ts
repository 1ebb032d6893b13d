import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import type { GoldenImage } from '../model/goldenImage.js';
import { readDescriptor } from './descriptor.js';
import { fileError } from './fileError.js';
import { checkDirectory } from './inspect.js';
import { checkImageName } from './layout.js';
import { readPolicy, withPolicy } from './policy.js';

/** A directory of a warehouse that is not a usable image, and why. */
export interface ImageProblem {
  readonly name: string;
  readonly error: VmplantsError;
}

export interface DescriptorList {
  /** By name. */
  readonly images: readonly GoldenImage[];
  /** By name. */
  readonly problems: readonly ImageProblem[];
  /** Images that are used, but of which it cannot be read what was decided: they count as not shared. By name. */
  readonly policyProblems: readonly ImageProblem[];
}

/** Descriptors are small; more at once than this gains nothing. */
const AT_ONCE = 32;

/**
 * The descriptors `DIRECTORY/NAME/image.json`, each with its policy, for planning off line: none of the other files
 * need be there.
 * A bad one is reported among `problems` and the rest are used. Names beginning with a dot and plain files are not
 * images. Rejects only when the directory itself cannot be read.
 */
export async function listDescriptors(directory: string, signal?: AbortSignal): Promise<DescriptorList> {
  const names = await listImageDirectories(directory);
  const images: GoldenImage[] = [];
  const problems: ImageProblem[] = [];
  const policyProblems: ImageProblem[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const batch = await Promise.all(
      names.slice(from, from + AT_ONCE).map((name) => readOne(directory, name)),
    );
    for (const result of batch) {
      if ('error' in result) problems.push(result);
      else {
        images.push(result.image);
        if (result.policyProblem !== undefined)
          policyProblems.push({ name: result.image.name, error: result.policyProblem });
      }
    }
  }
  return { images, problems, policyProblems };
}

/**
 * Names in a warehouse that are meant as images, sorted. Symbolic links are among them although they are never
 * taken: whoever made one is to be told so.
 */
export async function listImageDirectories(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (thrown) {
    throw fileError(thrown, `the warehouse directory ${directory} cannot be read`);
  }
}

interface ReadDescriptor {
  readonly image: GoldenImage;
  readonly policyProblem: VmplantsError | undefined;
}

async function readOne(directory: string, name: string): Promise<ReadDescriptor | ImageProblem> {
  try {
    checkImageName(name);
    checkDirectory(await lstat(join(directory, name)), name);
    const written = await readDescriptor(join(directory, name));
    const reading = await readPolicy(join(directory, name));
    return { image: withPolicy(written, reading), policyProblem: reading.problem };
  } catch (thrown) {
    return { name, error: asVmplantsError(thrown) };
  }
}
