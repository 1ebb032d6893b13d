import { VmplantsError } from '../model/errors.js';

/**
 * A strict reader of the qcow2 header (QEMU, docs/interop/qcow2.txt). A disk image is data from outside that
 * QEMU would act upon: its header can make QEMU open any file of the host as a backing or data file. So every
 * image's header is read here before QEMU is given it, and only the plain form that a golden image needs passes.
 */
export interface Qcow2Header {
  readonly virtualBytes: number;
  readonly clusterBytes: number;
  /** Exactly as written in the header. */
  readonly backingFile?: { readonly path: string; readonly format: string };
}

/** How much of the file `parseQcow2Header` has to be given (or the whole file, when it is smaller). */
export const HEADER_BYTES = 64 * 1024;

/** 4 TiB: a larger virtual disk is a mistake or an attack. */
export const MAX_VIRTUAL_BYTES = 4 * 2 ** 40;

const MAGIC = 0x514649fb;
const EXTENSION_END = 0;
const EXTENSION_BACKING_FORMAT = 0xe2792aca;
const EXTENSION_DATA_FILE = 0x44415441;
const EXTENSION_LUKS = 0x0537be77;
/** Compression type (bit 3) and extended L2 entries (bit 4) change only how clusters are stored. */
const HARMLESS_FEATURES = 0b11000n;
const FEATURE_NAMES = ['dirty', 'corrupt', 'external data file', 'compression type', 'extended L2 entries'];

/**
 * @param head The first HEADER_BYTES of the file, or all of it.
 * @param fileBytes The size of the file.
 * @throws VmplantsError INVALID_ARGUMENT, reason BAD_DISK, for anything that is not a plain version 3 qcow2.
 */
export function parseQcow2Header(head: Uint8Array, fileBytes: number): Qcow2Header {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 104)
    reject(`expected a qcow2 header of at least 104 bytes; found ${bytes.length} bytes`);
  if (bytes.readUInt32BE(0) !== MAGIC) reject('expected the qcow2 magic number; found another format');
  const version = bytes.readUInt32BE(4);
  if (version !== 3) reject(`expected qcow2 version 3; found ${version}`);

  const incompatible = bytes.readBigUInt64BE(72);
  const refused = incompatible & ~HARMLESS_FEATURES;
  if (refused !== 0n) reject(`expected no incompatible feature; found ${featureNames(refused)}`);
  if (bytes.readUInt32BE(32) !== 0) reject('expected no encryption; found an encrypted disk');
  if (bytes.readUInt32BE(60) !== 0) reject('expected no internal snapshots; found some');

  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21)
    reject(`expected clusters of 512 bytes to 2 MiB; found 2^${clusterBits}`);
  const clusterBytes = 2 ** clusterBits;
  const virtualBytes = number64(bytes, 24, 'virtual size');
  if (virtualBytes === 0 || virtualBytes > MAX_VIRTUAL_BYTES) {
    reject(`expected a virtual size of 1 byte to 4 TiB; found ${virtualBytes} bytes`);
  }
  checkTables(bytes, fileBytes, virtualBytes, clusterBytes, (incompatible & 0b10000n) !== 0n);

  const headerLength = bytes.readUInt32BE(100);
  if (headerLength < 104 || headerLength % 8 !== 0 || headerLength > Math.min(clusterBytes, bytes.length)) {
    reject(`expected a header length of 104 bytes to one cluster; found ${headerLength}`);
  }
  const backing = readBackingName(bytes, headerLength, clusterBytes);
  const end = backing === undefined ? Math.min(clusterBytes, bytes.length) : backing.offset;
  const format = readExtensions(bytes, headerLength, end);
  if (backing === undefined) {
    if (format !== undefined)
      reject(`expected no backing format without a backing file; found ${quote(format)}`);
    return { virtualBytes, clusterBytes };
  }
  if (format === undefined) reject('expected the format of the backing file to be given; found none');
  return { virtualBytes, clusterBytes, backingFile: { path: backing.path, format } };
}

/** The tables have to lie within the file and the L1 table has to cover the disk, or QEMU reads stray data. */
function checkTables(
  bytes: Buffer,
  fileBytes: number,
  virtualBytes: number,
  clusterBytes: number,
  extendedL2: boolean,
): void {
  const entriesPerL2 = clusterBytes / (extendedL2 ? 16 : 8);
  const l1Entries = bytes.readUInt32BE(36);
  const l1Offset = number64(bytes, 40, 'L1 table offset');
  const needed = Math.ceil(virtualBytes / (clusterBytes * entriesPerL2));
  if (l1Entries < needed || l1Entries * 8 > 32 * 2 ** 20) {
    reject(
      `expected an L1 table of at least ${needed} entries and at most 32 MiB; found ${l1Entries} entries`,
    );
  }
  if (l1Offset === 0 || l1Offset % clusterBytes !== 0 || l1Offset + l1Entries * 8 > fileBytes) {
    reject('expected the L1 table to be aligned and within the file; found it elsewhere');
  }
  const refcountOffset = number64(bytes, 48, 'refcount table offset');
  const refcountBytes = bytes.readUInt32BE(56) * clusterBytes;
  if (refcountOffset === 0 || refcountOffset % clusterBytes !== 0 || refcountOffset >= fileBytes) {
    reject('expected the refcount table to be aligned and within the file; found it elsewhere');
  }
  if (refcountBytes === 0 || refcountBytes > 8 * 2 ** 20) {
    reject(`expected a refcount table of at most 8 MiB; found ${refcountBytes} bytes`);
  }
  const refcountOrder = bytes.readUInt32BE(96);
  if (refcountOrder > 6) reject(`expected a refcount order of at most 6; found ${refcountOrder}`);
}

function readBackingName(
  bytes: Buffer,
  headerLength: number,
  clusterBytes: number,
): { readonly path: string; readonly offset: number } | undefined {
  const offset = number64(bytes, 8, 'backing file offset');
  const length = bytes.readUInt32BE(16);
  if (offset === 0) {
    if (length !== 0) reject('expected no backing file name; found the length of one');
    return undefined;
  }
  if (length === 0 || length > 1023)
    reject(`expected a backing file name of 1 to 1023 bytes; found ${length}`);
  if (offset < headerLength || offset + length > Math.min(clusterBytes, bytes.length)) {
    reject('expected the backing file name after the header, in the first cluster; found it elsewhere');
  }
  return { path: printable(bytes.subarray(offset, offset + length), 'backing file name'), offset };
}

/** Walks the header extensions and answers the backing format. */
function readExtensions(bytes: Buffer, start: number, end: number): string | undefined {
  let format: string | undefined;
  let at = start;
  while (at + 8 <= end) {
    const type = bytes.readUInt32BE(at);
    const length = bytes.readUInt32BE(at + 4);
    if (type === EXTENSION_END) return format;
    if (length > end - at - 8)
      reject('expected header extensions within the first cluster; found one beyond it');
    if (type === EXTENSION_DATA_FILE) reject('expected no external data file; found the name of one');
    if (type === EXTENSION_LUKS) reject('expected no encryption; found an encryption header');
    if (type === EXTENSION_BACKING_FORMAT) {
      if (format !== undefined) reject('expected one backing format; found two');
      format = printable(bytes.subarray(at + 8, at + 8 + length), 'backing format');
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return format;
}

function number64(bytes: Buffer, offset: number, what: string): number {
  const value = bytes.readBigUInt64BE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) reject(`expected a ${what} below 2^53; found ${value}`);
  return Number(value);
}

function printable(bytes: Buffer, what: string): string {
  const text = bytes.toString('latin1');
  if (!/^[\x20-\x7e]+$/.test(text)) reject(`expected a ${what} of printable ASCII; found ${quote(text)}`);
  return text;
}

function featureNames(bits: bigint): string {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if ((bits >> BigInt(bit)) & 1n) names.push(FEATURE_NAMES[bit] ?? `bit ${bit}`);
  }
  return names.join(', ');
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function reject(message: string): never {
  throw new VmplantsError('INVALID_ARGUMENT', message, {
    reason: 'BAD_DISK',
    hint: 'make the disk with qemu-img, qcow2 version 3 (compat=1.1), without encryption, snapshots or a data file',
  });
}
