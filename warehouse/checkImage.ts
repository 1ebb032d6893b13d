import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { descriptorText } from './descriptor.js';
import { errnoOf } from './fileError.js';
import { type InspectedImage, inspectImage } from './inspect.js';
import { readStamp, stampHolds, stampOf, writeStamp } from './stamp.js';
import { checkDigests } from './verify.js';

/** What is known of one directory of the warehouse, its base aside. */
export type ImageState =
  | { readonly kind: 'good'; readonly image: InspectedImage }
  | {
      readonly kind: 'bad';
      readonly error: VmplantsError;
      /** The image as it was when its contents were found wrong: as long as it stays so, it need not be read again. */
      readonly image?: InspectedImage;
    };

/**
 * Looks at an image and compares its contents with their digests, unless a stamp says that this was done and no
 * file changed since. Undefined when there is no such directory. Rejects only for the signal.
 *
 * @param before What was known. An unchanged image keeps its state object, so that others can tell by it.
 */
export async function checkImage(
  directory: string,
  before: ImageState | undefined,
  signal: AbortSignal,
): Promise<ImageState | undefined> {
  let image: InspectedImage | undefined;
  try {
    image = await inspectImage(directory);
    if (before?.image !== undefined && hasSameFiles(before.image, image)) {
      // What was decided about it has nothing to do with whether its files are right.
      return hasSamePolicy(before.image, image) ? before : { ...before, image };
    }
    if (stampHolds(await readStamp(directory), image.descriptor, image.identities))
      return { kind: 'good', image };
    const identities = await checkDigests(directory, image.descriptor, signal);
    // A warehouse that may not be written to is read again at the next start; nothing worse.
    await writeStamp(directory, stampOf(image.descriptor, identities)).catch(() => undefined);
    return { kind: 'good', image: { ...image, identities } };
  } catch (thrown) {
    signal.throwIfAborted();
    return failed(thrown, directory, image);
  }
}

/**
 * The quick look at an image in use that something happened to: good as long as its files are untouched, with the
 * policy that holds now, otherwise bad until `checkImage` has read it again. Undefined when it is gone. Never rejects.
 */
export async function glanceAtImage(
  directory: string,
  before: ImageState & { readonly kind: 'good' },
): Promise<ImageState | undefined> {
  try {
    const image = await inspectImage(directory);
    if (hasSameFiles(before.image, image)) {
      return hasSamePolicy(before.image, image) ? before : { kind: 'good', image };
    }
    const message = `${image.descriptor.name}: written to since it was verified; it is read again`;
    return { kind: 'bad', error: new VmplantsError('UNAVAILABLE', message, { reason: 'IMAGE_CHANGED' }) };
  } catch (thrown) {
    return failed(thrown, directory, undefined);
  }
}

function failed(
  thrown: unknown,
  directory: string,
  image: InspectedImage | undefined,
): ImageState | undefined {
  const error = asVmplantsError(thrown);
  if (error.reason === 'NOT_A_DIRECTORY') return undefined;
  const cause = error.cause;
  if (errnoOf(cause) === 'ENOENT' && cause instanceof Error && 'path' in cause && cause.path === directory) {
    return undefined;
  }
  const wrongForGood = image !== undefined && error.reason === 'DIGEST_MISMATCH';
  return { kind: 'bad', error, ...(wrongForGood ? { image } : {}) };
}

/** Whether neither the descriptor nor any file that it lists was touched. */
function hasSameFiles(left: InspectedImage, right: InspectedImage): boolean {
  if (left.backingPath !== right.backingPath || left.identities.size !== right.identities.size) return false;
  for (const [path, identity] of left.identities) if (right.identities.get(path) !== identity) return false;
  return descriptorText(left.descriptor) === descriptorText(right.descriptor);
}

function hasSamePolicy(left: InspectedImage, right: InspectedImage): boolean {
  return (
    left.descriptor.policy?.shared === right.descriptor.policy?.shared &&
    left.descriptor.policy?.pinned === right.descriptor.policy?.pinned &&
    left.policyProblem?.message === right.policyProblem?.message
  );
}
