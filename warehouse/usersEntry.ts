import { z } from 'zod';
import { VmplantsError } from '../model/errors.js';
import { IMAGE_NAME, PLANT_ID, USERS_DIRECTORY } from './layout.js';

/**
 * What one plant says in the warehouse of the images that it uses: `.users/PLANT.json`. An image that is listed is not
 * removed by anybody else, whether or not users are named.
 */
export interface UsersEntry {
  /** Id of the plant. */
  readonly plant: string;
  /** VMIDs, names of prepared machines and of machines that bake, by image; the first ones of many. */
  readonly images: ReadonlyMap<string, readonly string[]>;
  /** When the plant last wrote, in milliseconds since the epoch. */
  readonly seen: number;
}

/** An entry may be at most this large. */
export const MAX_ENTRY_BYTES = 2 ** 20;
/** As many users of an image are named as an error would tell. */
export const MAX_NAMED_USERS = 20;

const USER = /^[\x20-\x7e]{1,128}$/;

const entrySchema = z.strictObject({
  plant: z.string().regex(PLANT_ID),
  seen: z.iso.datetime(),
  images: z.record(z.string().regex(IMAGE_NAME), z.array(z.string().regex(USER)).max(MAX_NAMED_USERS)),
});

/** Name of the plant's file in `.users`. */
export function entryFile(plant: string): string {
  return `${plant}.json`;
}

/** The id of the plant whose file has this name; undefined for any other file. Pure. */
export function plantOfFile(file: string): string | undefined {
  const plant = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
  return PLANT_ID.test(plant) ? plant : undefined;
}

/**
 * The text of an entry. Where it would be too large with the names of the users, it is without. Pure.
 * @throws VmplantsError RESOURCE_EXHAUSTED where it is too large all the same
 */
export function entryText(entry: UsersEntry): string {
  const named = textOf(entry, MAX_NAMED_USERS);
  if (named.length <= MAX_ENTRY_BYTES) return named;
  const unnamed = textOf(entry, 0);
  if (unnamed.length <= MAX_ENTRY_BYTES) return unnamed;
  throw new VmplantsError('RESOURCE_EXHAUSTED', `${entry.plant} uses more golden images than can be listed`, {
    reason: 'TOO_MANY_IMAGES',
  });
}

/**
 * The text of a plant's file as its entry. Pure.
 * @throws VmplantsError FAILED_PRECONDITION, BAD_USERS
 */
export function parseEntry(text: string, plant: string): UsersEntry {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (thrown) {
    throw badEntry(plant, thrown);
  }
  const result = entrySchema.safeParse(plain);
  if (!result.success) throw badEntry(plant, result.error);
  const { images, seen } = result.data;
  if (result.data.plant !== plant) throw badEntry(plant, undefined);
  return { plant, images: new Map(Object.entries(images)), seen: Date.parse(seen) };
}

function textOf({ plant, images, seen }: UsersEntry, users: number): string {
  const sorted = [...images].sort(([one], [other]) => (one < other ? -1 : 1));
  const listed = Object.fromEntries(sorted.map(([image, names]) => [image, names.slice(0, users)]));
  return `${JSON.stringify({ plant, seen: new Date(seen).toISOString(), images: listed })}\n`;
}

function badEntry(plant: string, cause: unknown): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `${USERS_DIRECTORY}/${entryFile(plant)}: expected what a plant says of the images that it uses; found something else`,
    {
      reason: 'BAD_USERS',
      ...(cause === undefined ? {} : { cause }),
      hint: 'while it cannot be read no image can be removed: restart that plant, which writes it anew, or delete the file when the plant is gone for good',
    },
  );
}
