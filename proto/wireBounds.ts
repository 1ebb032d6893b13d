/*
 * A look at an encoded message before it is decoded. The decoder makes an object of every value, so a message of a
 * few megabytes of empty ones takes gigabytes and minutes; here nothing is made, and contents are stepped over.
 */

/** What the bytes of a field are; `varint32` is what the decoder reads as one, whatever its declared width. */
export type FieldShape =
  | { readonly kind: 'varint32' | 'varint64' | 'fixed32' | 'fixed64' | 'bytes' }
  | { readonly kind: 'message'; readonly shape: MessageShape };

/** Which fields a message has, by number. May contain itself. */
export interface MessageShape {
  readonly fields: ReadonlyMap<number, FieldShape>;
}

export interface WireLimits {
  /** Fields of all nested messages together, unknown ones too. */
  readonly values: number;
  /** Messages within messages, the outermost not counted. */
  readonly depth: number;
}

/** Fields that one request may have: over ten times what the largest allowed one does. */
export const REQUEST_LIMITS: WireLimits = { values: 100_000, depth: 64 };

/** What is wrong with a message: too much of it, or the decoder would misread it. */
export type WireFault =
  | { readonly kind: 'too-many-values' }
  | { readonly kind: 'too-deep' }
  | { readonly kind: 'malformed'; readonly offset: number };

/**
 * The first fault of a message in the protobuf encoding, or undefined. Takes time for the values up to the limit,
 * not for what they contain. Stricter than the encoding's specification where the decoder (protobufjs) reads on as
 * if nothing were wrong: a known field of another wire type, a group, an overlong number. What passes here is
 * therefore split into the same fields by the decoder.
 */
export function findWireFault(
  bytes: Uint8Array,
  shape: MessageShape,
  limits: WireLimits,
): WireFault | undefined {
  const scan = { bytes, limits, position: 0, values: 0 };
  return scanMessage(scan, shape, bytes.length, 0);
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly limits: WireLimits;
  position: number;
  values: number;
}

function scanMessage(scan: Scan, shape: MessageShape, end: number, depth: number): WireFault | undefined {
  if (depth > scan.limits.depth) return { kind: 'too-deep' };
  while (scan.position < end) {
    scan.values += 1;
    if (scan.values > scan.limits.values) return { kind: 'too-many-values' };
    const start = scan.position;
    const tag = readUint32(scan, end);
    // Field numbers begin at 1.
    if (tag === undefined || tag < 8) return { kind: 'malformed', offset: start };
    const field = shape.fields.get(tag >>> 3);
    const wireType = tag & 7;
    if (field !== undefined && wireType !== WIRE_TYPES[field.kind]) {
      return { kind: 'malformed', offset: start };
    }
    if (wireType === WIRE_TYPES.bytes) {
      const length = readUint32(scan, end);
      if (length === undefined || length > end - scan.position) return { kind: 'malformed', offset: start };
      if (field?.kind === 'message') {
        const fault = scanMessage(scan, field.shape, scan.position + length, depth + 1);
        if (fault !== undefined) return fault;
      } else {
        scan.position += length;
      }
    } else if (!skipNumber(scan, wireType, field?.kind, end)) {
      return { kind: 'malformed', offset: start };
    }
  }
  return undefined;
}

const WIRE_TYPES = { varint32: 0, varint64: 0, fixed64: 1, bytes: 2, message: 2, fixed32: 5 } as const;

function skipNumber(
  scan: Scan,
  wireType: number,
  kind: FieldShape['kind'] | undefined,
  end: number,
): boolean {
  if (wireType === WIRE_TYPES.varint64) {
    const length = varintLength(scan, end);
    // The decoder takes ten bytes for any 32-bit number of more than five.
    const readable = kind === 'varint32' ? length <= 5 || length === 10 : length <= 10;
    scan.position += length;
    return length > 0 && readable;
  }
  const size = wireType === WIRE_TYPES.fixed64 ? 8 : wireType === WIRE_TYPES.fixed32 ? 4 : undefined;
  if (size === undefined || size > end - scan.position) return false;
  scan.position += size;
  return true;
}

/** Bytes of the number at the position, at most 11; 0 when it does not end before the end. */
function varintLength({ bytes, position }: Scan, end: number): number {
  for (let length = 1; length <= 11 && position + length <= end; length += 1) {
    if (length === 11 || (bytes[position + length - 1] ?? 0) < 0x80) return length;
  }
  return 0;
}

/** A tag or a length; undefined when it is cut off or has more than 32 bits. */
function readUint32(scan: Scan, end: number): number | undefined {
  let value = 0;
  for (let index = 0; index < 5 && scan.position < end; index += 1) {
    const byte = scan.bytes[scan.position] ?? 0;
    scan.position += 1;
    if (index === 4 && byte > 0x0f) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  return undefined;
}
