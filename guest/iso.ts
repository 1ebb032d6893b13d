import { breadthFirst, type DirectoryNode, type FileNode, makeDirectory, placeFile } from './isoTree.js';

/**
 * An ISO 9660 image with Rock Ridge names, made in memory: how configuration travels to a guest. It is written here
 * because starting a tool costs more than the whole image (xorriso 105 ms a call, this 0.3 ms), and creation time
 * is what the product is about.
 *
 * Layout (ECMA-119; Rock Ridge as in IEEE P1282): 16 system sectors, primary volume descriptor, terminator, the two
 * path tables, the directories breadth first, the files in the order given. The names that ECMA-119 wants are
 * counters; the real ones are in `NM` fields, which Linux prefers. Output depends on the input alone: dates are fixed.
 */

/** One file of an image. */
export interface IsoFile {
  /** Relative, `/` between the parts, no part `.` or `..` or empty; a part has at most 150 bytes of UTF-8. */
  readonly path: string;
  readonly data: Uint8Array;
  /** Mode 0555 in place of 0444. */
  readonly executable?: boolean;
}

/** Largest image that is made, in bytes: it is held in memory. */
export const ISO_LIMIT_BYTES = 64 * 1024 * 1024;

const SECTOR = 2048;
const FIRST_SECTOR_AFTER_DESCRIPTORS = 18;

/**
 * Makes the image.
 * @param label volume label, 1 to 32 characters of A-Z, 0-9 and _
 * @param files in the order their data is laid out; directories come from their paths
 * @throws RangeError when a name, the label or the size is outside the limits, or a path occurs twice
 */
export function makeIso(label: string, files: readonly IsoFile[]): Buffer {
  if (!/^[A-Z0-9_]{1,32}$/.test(label)) {
    throw new RangeError(`volume label: expected 1 to 32 of A-Z, 0-9 and _, found ${JSON.stringify(label)}`);
  }
  const root = makeDirectory('', undefined);
  const fileNodes = files.map(({ path, data, executable }) =>
    placeFile(root, path, data, 0o100444 | (executable === true ? 0o111 : 0)),
  );
  const directories = breadthFirst(root);

  let sector = FIRST_SECTOR_AFTER_DESCRIPTORS;
  const pathTableBytes = directories.reduce((sum, one) => sum + pathTableRecordBytes(one), 0);
  const pathTableSectors = sectorsOf(pathTableBytes);
  const littleTable = sector;
  const bigTable = littleTable + pathTableSectors;
  sector = bigTable + pathTableSectors;
  for (const directory of directories) {
    directory.bytes = sectorsOf(layOut(directory).end) * SECTOR;
    directory.sector = sector;
    sector += directory.bytes / SECTOR;
  }
  for (const node of fileNodes) {
    node.sector = node.data.length === 0 ? 0 : sector;
    sector += sectorsOf(node.data.length);
    if (sector * SECTOR > ISO_LIMIT_BYTES) {
      throw new RangeError(
        `ISO image: expected at most ${ISO_LIMIT_BYTES} bytes in all, found more at ${node.name}`,
      );
    }
  }

  const image = Buffer.alloc(sector * SECTOR);
  writePrimaryDescriptor(image.subarray(16 * SECTOR, 17 * SECTOR), {
    label,
    sectors: sector,
    pathTableBytes,
    littleTable,
    bigTable,
    root,
  });
  image.set([255, 0x43, 0x44, 0x30, 0x30, 0x31, 1], 17 * SECTOR);
  writePathTable(image, littleTable * SECTOR, directories, false);
  writePathTable(image, bigTable * SECTOR, directories, true);
  for (const directory of directories) writeDirectory(image, directory);
  for (const node of fileNodes) image.set(node.data, node.sector * SECTOR);
  return image;
}

// ---------------------------------------------------------------------------------------------------------
// Directories
// ---------------------------------------------------------------------------------------------------------

interface PlacedRecord {
  readonly offset: number;
  readonly identifier: Buffer;
  readonly node: DirectoryNode | FileNode;
  readonly systemUse: Buffer;
}

/** Records of a directory with their offsets: none may cross the end of a sector. */
function layOut(directory: DirectoryNode): {
  readonly records: readonly PlacedRecord[];
  readonly end: number;
} {
  const records: PlacedRecord[] = [];
  let end = 0;
  const place = (identifier: Buffer, node: DirectoryNode | FileNode, systemUse: Buffer): void => {
    const length = recordBytes(identifier.length, systemUse.length);
    if ((end % SECTOR) + length > SECTOR) end = sectorsOf(end) * SECTOR;
    records.push({ offset: end, identifier, node, systemUse });
    end += length;
  };
  const isRoot = directory.parent === undefined;
  place(
    Buffer.from([0]),
    directory,
    isRoot ? Buffer.concat([SP_FIELD, attributes(directory), ER_FIELD]) : attributes(directory),
  );
  place(Buffer.from([1]), directory.parent ?? directory, attributes(directory.parent ?? directory));
  let counter = 0;
  for (const child of directory.children.values()) {
    counter += 1;
    const short = shortName(counter, child.kind);
    place(Buffer.from(short, 'latin1'), child, Buffer.concat([attributes(child), nameField(child.name)]));
  }
  return { records, end };
}

/** The name that ECMA-119 sees: eight characters that ascend, as the standard wants directories sorted. */
function shortName(counter: number, kind: 'directory' | 'file'): string {
  const digits = counter.toString().padStart(7, '0');
  return kind === 'file' ? `F${digits}.;1` : `F${digits}`;
}

function recordBytes(identifierBytes: number, systemUseBytes: number): number {
  const head = 33 + identifierBytes + (identifierBytes % 2 === 0 ? 1 : 0);
  return head + systemUseBytes + (systemUseBytes % 2);
}

function writeDirectory(image: Buffer, directory: DirectoryNode): void {
  for (const { offset, identifier, node, systemUse } of layOut(directory).records) {
    const at = directory.sector * SECTOR + offset;
    writeRecord(
      image.subarray(at, at + recordBytes(identifier.length, systemUse.length)),
      identifier,
      node,
      systemUse,
    );
  }
}

function writeRecord(
  target: Buffer,
  identifier: Buffer,
  node: DirectoryNode | FileNode,
  systemUse: Buffer,
): void {
  target[0] = target.length;
  bothEndian32(target, 2, node.sector);
  bothEndian32(target, 10, node.kind === 'file' ? node.data.length : node.bytes);
  target.set(RECORD_DATE, 18);
  target[25] = node.kind === 'directory' ? 2 : 0;
  bothEndian16(target, 28, 1);
  target[32] = identifier.length;
  identifier.copy(target, 33);
  systemUse.copy(target, 33 + identifier.length + (identifier.length % 2 === 0 ? 1 : 0));
}

// ---------------------------------------------------------------------------------------------------------
// System use fields (SUSP and Rock Ridge)
// ---------------------------------------------------------------------------------------------------------

/** Says that the volume uses SUSP; the kernel looks for it in the first record of the root. */
const SP_FIELD = Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]);
/** Names Rock Ridge as the extension in use. */
const ER_FIELD = Buffer.concat([
  Buffer.from([0x45, 0x52, 8 + 10, 1, 10, 0, 0, 1]),
  Buffer.from('RRIP_1991A', 'latin1'),
]);

function nameField(name: string): Buffer {
  const bytes = Buffer.from(name, 'utf8');
  return Buffer.concat([Buffer.from([0x4e, 0x4d, 5 + bytes.length, 1, 0]), bytes]);
}

/** `PX`: mode, links, owner and group. */
function attributes(node: DirectoryNode | FileNode): Buffer {
  const field = Buffer.alloc(36);
  field.set([0x50, 0x58, 36, 1]);
  bothEndian32(field, 4, node.kind === 'file' ? node.mode : 0o040555);
  bothEndian32(field, 12, node.kind === 'file' ? 1 : 2);
  return field;
}

// ---------------------------------------------------------------------------------------------------------
// Path tables and the descriptor
// ---------------------------------------------------------------------------------------------------------

function pathTableIdentifier(directory: DirectoryNode): Buffer {
  if (directory.parent === undefined) return Buffer.from([0]);
  return Buffer.from(shortName(directory.position, 'directory'), 'latin1');
}

function pathTableRecordBytes(directory: DirectoryNode): number {
  const length = directory.parent === undefined ? 1 : 8;
  return 8 + length + (length % 2);
}

function writePathTable(
  image: Buffer,
  start: number,
  directories: readonly DirectoryNode[],
  big: boolean,
): void {
  let at = start;
  for (const directory of directories) {
    const identifier = pathTableIdentifier(directory);
    const parent = directory.parent?.number ?? 1;
    image[at] = identifier.length;
    if (big) {
      image.writeUInt32BE(directory.sector, at + 2);
      image.writeUInt16BE(parent, at + 6);
    } else {
      image.writeUInt32LE(directory.sector, at + 2);
      image.writeUInt16LE(parent, at + 6);
    }
    identifier.copy(image, at + 8);
    at += pathTableRecordBytes(directory);
  }
}

interface VolumeFacts {
  readonly label: string;
  readonly sectors: number;
  readonly pathTableBytes: number;
  readonly littleTable: number;
  readonly bigTable: number;
  readonly root: DirectoryNode;
}

function writePrimaryDescriptor(target: Buffer, volume: VolumeFacts): void {
  target.set([1, 0x43, 0x44, 0x30, 0x30, 0x31, 1]);
  target.fill(0x20, 8, 72);
  target.write('LINUX', 8, 'latin1');
  target.write(volume.label, 40, 'latin1');
  bothEndian32(target, 80, volume.sectors);
  bothEndian16(target, 120, 1);
  bothEndian16(target, 124, 1);
  bothEndian16(target, 128, SECTOR);
  bothEndian32(target, 132, volume.pathTableBytes);
  target.writeUInt32LE(volume.littleTable, 140);
  target.writeUInt32BE(volume.bigTable, 148);
  writeRecord(target.subarray(156, 190), Buffer.from([0]), volume.root, Buffer.alloc(0));
  // Set, publisher, preparer, application, and the three file names: blanks.
  target.fill(0x20, 190, 813);
  for (const at of [813, 830]) target.write(LONG_DATE, at, 'latin1');
  for (const at of [847, 864]) target.write('0000000000000000', at, 'latin1');
  target[881] = 1;
}

/** 1 January 2000, UTC: dates on the medium mean nothing, and a fixed one keeps equal input equal. */
const RECORD_DATE = Uint8Array.from([100, 1, 1, 0, 0, 0, 0]);
const LONG_DATE = '2000010100000000';

function sectorsOf(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}

function bothEndian32(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value, at);
  target.writeUInt32BE(value, at + 4);
}

function bothEndian16(target: Buffer, at: number, value: number): void {
  target.writeUInt16LE(value, at);
  target.writeUInt16BE(value, at + 2);
}
