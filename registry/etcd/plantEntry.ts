import { z } from 'zod';

/** What a plant writes of itself into etcd. */
export interface PlantEntry {
  /** Where shops reach it: `host:port`, `[IPv6 address]:port` or `unix:PATH`. */
  readonly address: string;
  readonly name: string;
  /** Names of its production lines. */
  readonly lines: readonly string[];
  readonly version: string;
  /** When the process began, ISO 8601. */
  readonly started: string;
  /** Within how many seconds of its death the entry vanishes. */
  readonly leaseSeconds: number;
  /** Random, of one process: tells a plant from another that goes by the same id. */
  readonly instance: string;
}

/** What stays of a plant that may have VMs when its entry is gone. */
export type RosterEntry = Pick<PlantEntry, 'address' | 'name'>;

const rosterFields = {
  address: z.string().min(1).max(300),
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/),
};

/** Fields of later versions are let through and left out. */
const rosterSchema: z.ZodType<RosterEntry> = z.object(rosterFields);
const schema: z.ZodType<PlantEntry> = z.object({
  ...rosterFields,
  lines: z.array(z.string().regex(/^[a-z0-9-]{1,32}$/)).max(16),
  version: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  started: z.iso.datetime({ offset: true }),
  leaseSeconds: z.int().min(1).max(86_400),
  instance: z.string().regex(/^[0-9a-f]{32}$/),
});

/** As the keys of plants end; `openPlantId` makes such. */
const ID = /^[a-z0-9](?:[a-z0-9.-]{0,126}[a-z0-9])?$/;

const LONGEST_BYTES = 16 * 1024;

/** What all plants of an installation have their keys under. */
export function plantsPrefix(prefix: string): string {
  return `${prefix}plants/`;
}

/** What all plants that may have VMs have their keys in the roster under. */
export function rosterPrefix(prefix: string): string {
  return `${prefix}roster/`;
}

export function encodeRosterEntry({ name, address }: PlantEntry): string {
  return JSON.stringify({ name, address });
}

export function encodeEntry(entry: PlantEntry): string {
  return JSON.stringify(entry);
}

/**
 * Reads what somebody wrote under a key.
 * @param isAddress whether a text is an address that a client could be opened for
 * @returns the entry, or what is wrong with it, without repeating it
 */
export function decodeEntry(
  id: string,
  value: Buffer,
  isAddress: (text: string) => boolean,
): PlantEntry | { readonly problem: string } {
  return decode(schema, id, value, isAddress);
}

/** As `decodeEntry`, of what the roster says of a plant. */
export function decodeRosterEntry(
  id: string,
  value: Buffer,
  isAddress: (text: string) => boolean,
): RosterEntry | { readonly problem: string } {
  return decode(rosterSchema, id, value, isAddress);
}

function decode<Entry extends RosterEntry>(
  schema: z.ZodType<Entry>,
  id: string,
  value: Buffer,
  isAddress: (text: string) => boolean,
): Entry | { readonly problem: string } {
  if (!ID.test(id)) return { problem: 'the key does not end with the id of a plant' };
  if (value.length > LONGEST_BYTES) return { problem: `longer than ${LONGEST_BYTES} bytes` };
  const parsed = schema.safeParse(parseJson(value.toString('utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      problem:
        issue === undefined || issue.path.length === 0
          ? 'no JSON object'
          : `${issue.path[0]?.toString()}: not what is expected there`,
    };
  }
  if (!isAddress(parsed.data.address)) return { problem: 'address: not what is expected there' };
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
