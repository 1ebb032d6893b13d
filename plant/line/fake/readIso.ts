/**
 * Reads back the images of `guest/iso.ts`, as the fake guest's way of mounting one: ISO 9660 with Rock Ridge names,
 * every record's fields within the record itself.
 */

const SECTOR = 2048;
const PRIMARY_DESCRIPTOR = 16 * SECTOR;
const ROOT_RECORD = PRIMARY_DESCRIPTOR + 156;
const DIRECTORY_FLAG = 2;
const DEPTH_LIMIT = 64;

/**
 * Every file of the image by its path, or undefined when it is no such image.
 * @param image the whole of it
 */
export function readIso(image: Buffer): ReadonlyMap<string, Buffer> | undefined {
  if (image.length < PRIMARY_DESCRIPTOR + SECTOR) return undefined;
  if (image.toString('latin1', PRIMARY_DESCRIPTOR, PRIMARY_DESCRIPTOR + 6) !== '\x01CD001') return undefined;
  const files = new Map<string, Buffer>();
  try {
    readDirectory(image, ROOT_RECORD, '', files, 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return files;
}

function readDirectory(
  image: Buffer,
  record: number,
  prefix: string,
  files: Map<string, Buffer>,
  depth: number,
): void {
  if (depth > DEPTH_LIMIT) throw new RangeError('too deep');
  const { start, bytes } = extent(image, record);
  let at = start;
  while (at < start + bytes) {
    const length = image.readUInt8(at);
    if (length === 0) {
      // The rest of the sector is empty: no record crosses its end.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const name = alternateName(image, at, length);
    if (name !== undefined) {
      const path = `${prefix}${name}`;
      const isDirectory = (image.readUInt8(at + 25) & DIRECTORY_FLAG) !== 0;
      if (isDirectory) readDirectory(image, at, `${path}/`, files, depth + 1);
      else files.set(path, contentOf(image, at));
    }
    at += length;
  }
}

function contentOf(image: Buffer, record: number): Buffer {
  const { start, bytes } = extent(image, record);
  if (start + bytes > image.length) throw new RangeError('beyond the end');
  return image.subarray(start, start + bytes);
}

function extent(image: Buffer, record: number): { readonly start: number; readonly bytes: number } {
  return { start: image.readUInt32LE(record + 2) * SECTOR, bytes: image.readUInt32LE(record + 10) };
}

/** The Rock Ridge name of a record; undefined for `.` and `..`, which have none. */
function alternateName(image: Buffer, record: number, length: number): string | undefined {
  const identifier = image.readUInt8(record + 32);
  let at = record + 33 + identifier + (identifier % 2 === 0 ? 1 : 0);
  while (at + 4 <= record + length) {
    const bytes = image.readUInt8(at + 2);
    if (bytes < 4) return undefined;
    if (image.toString('latin1', at, at + 2) === 'NM') return image.toString('utf8', at + 5, at + bytes);
    at += bytes;
  }
  return undefined;
}
