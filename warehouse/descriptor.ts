import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import { type FieldViolation, VmplantsError } from '../model/errors.js';
import type { DiskState, GoldenImage, MemoryState } from '../model/goldenImage.js';
import { descriptorSchema, type WrittenDescriptor } from './descriptorSchema.js';
import { DESCRIPTOR_FILE } from './layout.js';
import { readSmallFile } from './readSmallFile.js';

/** A descriptor may be at most this large. */
export const MAX_DESCRIPTOR_BYTES = 2 ** 20;

/** `of-directory`: the name has to be that of the directory. `as-written`: any, where the directory is not in a warehouse. */
export type NameRule = 'of-directory' | 'as-written';

/**
 * Reads `image.json` of an image's directory. The other files of the image are not looked at.
 *
 * Rejects with NOT_FOUND when there is none, FAILED_PRECONDITION when it is not a regular file or too large, and
 * INVALID_ARGUMENT (reason BAD_DESCRIPTOR, with the fields' paths) when its content is wrong.
 */
export async function readDescriptor(
  directory: string,
  nameRule: NameRule = 'of-directory',
): Promise<GoldenImage> {
  const name = basename(resolve(directory));
  const text = await readSmallFile(join(directory, DESCRIPTOR_FILE), `${name}/${DESCRIPTOR_FILE}`, {
    bytes: MAX_DESCRIPTOR_BYTES,
    inWords: '1 MiB',
    reason: 'BAD_DESCRIPTOR',
  });
  return parseDescriptor(text, name, nameRule);
}

/**
 * The text of a descriptor as a total GoldenImage. Pure.
 *
 * @param directoryName Name of the image's directory: the image's name where none is written.
 */
export function parseDescriptor(
  text: string,
  directoryName: string,
  nameRule: NameRule = 'of-directory',
): GoldenImage {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (thrown) {
    throw badDescriptor(directoryName, [{ field: '', description: `expected JSON; ${jsonProblem(thrown)}` }]);
  }
  const result = descriptorSchema.safeParse(plain);
  if (!result.success)
    throw badDescriptor(directoryName, result.error.issues.flatMap(violationsOf).slice(0, 20));
  const name = result.data.name ?? directoryName;
  if (nameRule === 'of-directory' && name !== directoryName) {
    const description = `expected the name of its directory, ${directoryName}; found ${name}`;
    throw badDescriptor(directoryName, [{ field: 'name', description }]);
  }
  return completed(result.data, name);
}

/** The text of `image.json`. The policy is not in it: that may change, and lies beside it. */
export function descriptorText(image: GoldenImage): string {
  const { policy: _beside, ...written } = image;
  return `${JSON.stringify(written, null, 2)}\n`;
}

function completed(written: WrittenDescriptor, name: string): GoldenImage {
  const { memory, disk, performed, origin, madeBy, parent, owner, ...rest } = written;
  return {
    ...rest,
    name,
    performed: performed.map((action) => ({
      key: action.key,
      name: action.name ?? action.key.slice(0, 12),
      seconds: action.seconds,
      performedAt: action.performedAt ?? written.created,
      ...(action.opaque === undefined ? {} : { opaque: action.opaque }),
    })),
    disk: completedDisk(disk),
    ...(memory === undefined ? {} : { memory: completedMemory(memory, written) }),
    ...(origin === undefined ? {} : { origin }),
    ...(madeBy === undefined ? {} : { madeBy }),
    ...(parent === undefined ? {} : { parent }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function completedDisk(disk: WrittenDescriptor['disk']): DiskState {
  return {
    file: disk.file,
    format: disk.format,
    ...(disk.backingImage === undefined ? {} : { backingImage: disk.backingImage }),
    ...(disk.backingDigest === undefined ? {} : { backingDigest: disk.backingDigest }),
  };
}

function completedMemory(
  memory: NonNullable<WrittenDescriptor['memory']>,
  written: WrittenDescriptor,
): MemoryState {
  return {
    ...memory,
    memoryMiB: memory.memoryMiB ?? written.hardware.memoryMiB,
    vcpus: memory.vcpus ?? written.hardware.vcpus,
    guestKernel: memory.guestKernel ?? written.boot.guestKernel,
  };
}

function violationsOf(issue: z.core.$ZodIssue): readonly FieldViolation[] {
  const field = fieldPath(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ field, description: inWords(issue.message) }];
  return issue.keys.map((key) => ({
    field: `${field === '' ? '' : `${field}.`}${key.slice(0, 80)}`,
    description: 'expected no such field',
  }));
}

/** The schema library's sentences, in the form that errors have here: what was expected, what was found. */
function inWords(message: string): string {
  const text = message.replace(/^(?:Invalid (?:input|option|string|number)|Too (?:small|big)): /, '');
  if (/^Invalid ISO datetime/.test(text)) return 'expected a time such as 2026-11-20T09:30:00Z';
  return text
    .replace(/, received undefined$/, '; found nothing')
    .replace(/, received (.+)$/, '; found $1')
    .replace(/ to be >=\s*/, ' of at least ')
    .replace(/ to be <=\s*/, ' of at most ')
    .replace(/ to have >=\s*/, ' with at least ')
    .replace(/ to have <=\s*/, ' with at most ')
    .replaceAll('"|"', '" or "');
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function jsonProblem(thrown: unknown): string {
  return thrown instanceof Error
    ? `found ${JSON.stringify(thrown.message.slice(0, 120))}`
    : 'found something else';
}

function badDescriptor(name: string, violations: readonly FieldViolation[]): VmplantsError {
  const first = violations[0];
  const place = first === undefined || first.field === '' ? '' : ` ${first.field}:`;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  return new VmplantsError(
    'INVALID_ARGUMENT',
    `${name}/${DESCRIPTOR_FILE}:${place} ${first?.description ?? 'not a descriptor'}${more}`,
    { reason: 'BAD_DESCRIPTOR', violations, hint: 'docs/image.schema.json describes the descriptor' },
  );
}
