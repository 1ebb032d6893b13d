import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { GoldenImage, ImagePolicy } from '../model/goldenImage.js';
import { POLICY_FILE } from './layout.js';
import { readSmallFile } from './readSmallFile.js';

/** A policy may be at most this large: it has two fields. */
const MAX_POLICY_BYTES = 4096;

const policySchema = z.strictObject({ shared: z.enum(['no', 'disk', 'memory']), pinned: z.boolean() });

/** What `policy.json` says: nothing where there is none, and only the problem where it cannot be read. */
export interface PolicyReading {
  readonly policy?: ImagePolicy;
  readonly problem?: VmplantsError;
}

/** Reads `policy.json` of an image's directory. Never rejects: one that cannot be read decides nothing. */
export async function readPolicy(directory: string): Promise<PolicyReading> {
  const what = `${basename(resolve(directory))}/${POLICY_FILE}`;
  try {
    const text = await readSmallFile(join(directory, POLICY_FILE), what, {
      bytes: MAX_POLICY_BYTES,
      inWords: '4 KiB',
      reason: 'BAD_POLICY',
    });
    return { policy: parsePolicy(text, what) };
  } catch (thrown) {
    const problem = asVmplantsError(thrown);
    return problem.reason === 'FILE_ENOENT' ? {} : { problem };
  }
}

/**
 * The text of `policy.json` as a policy. Pure. Rejects with INVALID_ARGUMENT (reason BAD_POLICY) for any other text;
 * `what` names the file in the error.
 */
export function parsePolicy(text: string, what: string): ImagePolicy {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (thrown) {
    throw badPolicy(what, thrown);
  }
  const result = policySchema.safeParse(plain);
  if (!result.success) throw badPolicy(what, result.error);
  return result.data;
}

/** The text of `policy.json`. */
export function policyText(policy: ImagePolicy): string {
  return `${JSON.stringify({ shared: policy.shared, pinned: policy.pinned })}\n`;
}

/**
 * The descriptor with what was decided about its image. Pure. Where nothing can be read that decides, an image that
 * belongs to somebody is not shared: nobody is let in by a damaged file.
 */
export function withPolicy(image: GoldenImage, { policy }: PolicyReading): GoldenImage {
  if (policy !== undefined) return { ...image, policy };
  return image.owner === undefined ? image : { ...image, policy: undecidedPolicy(image) };
}

/** What holds until something is decided. An image without an owner is everybody's, whatever its policy says. Pure. */
export function undecidedPolicy(image: Pick<GoldenImage, 'owner'>): ImagePolicy {
  return { shared: image.owner === undefined ? 'memory' : 'no', pinned: false };
}

function badPolicy(what: string, cause: unknown): VmplantsError {
  return new VmplantsError(
    'INVALID_ARGUMENT',
    `${what}: expected {"shared": "no" | "disk" | "memory", "pinned": true | false}; found something else`,
    {
      reason: 'BAD_POLICY',
      cause,
      hint: 'the image counts as not shared and not pinned; say what is meant with vmplant warehouse share and pin',
    },
  );
}
