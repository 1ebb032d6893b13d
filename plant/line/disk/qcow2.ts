import { open } from 'node:fs/promises';
import { VmplantsError } from '../../../model/errors.js';

/**
 * As much of the qcow2 format (QEMU's docs/interop/qcow2.txt) as it takes to write an empty image or an overlay.
 * Written here because starting `qemu-img` costs 8 ms, and this takes one.
 */

const MAGIC = 0x514649fb;
const CLUSTER_BITS = 16;
const CLUSTER = 1 << CLUSTER_BITS;
/** One second-level table maps this many bytes. */
const BYTES_PER_L1_ENTRY = CLUSTER * (CLUSTER / 8);
const HEADER_BYTES = 104;
const BACKING_FORMAT_EXTENSION = 0xe2792aca;
const BACKING_NAME_LIMIT = 1023;

/**
 * Bytes of a version 3 image without any data: empty, or an overlay of a qcow2 backing file. Clusters in order:
 * header, refcount table, refcount block, first-level table.
 * @param virtualBytes size of the disk; a multiple of 512
 */
export function emptyQcow2(virtualBytes: number, backingFile: string | undefined): Buffer {
  const backing = Buffer.from(backingFile ?? '', 'utf8');
  if (backing.length > BACKING_NAME_LIMIT) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `path of a backing file: expected at most ${BACKING_NAME_LIMIT} bytes, found ${backing.length}`,
    );
  }
  const l1Entries = Math.max(1, Math.ceil(virtualBytes / BYTES_PER_L1_ENTRY));
  const l1Clusters = Math.ceil((l1Entries * 8) / CLUSTER);
  const clusters = 3 + l1Clusters;
  const image = Buffer.alloc(3 * CLUSTER + l1Entries * 8);
  image.writeUInt32BE(MAGIC, 0);
  image.writeUInt32BE(3, 4);
  image.writeUInt32BE(CLUSTER_BITS, 20);
  image.writeBigUInt64BE(BigInt(virtualBytes), 24);
  image.writeUInt32BE(l1Entries, 36);
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  image.writeBigUInt64BE(BigInt(CLUSTER), 48);
  image.writeUInt32BE(1, 56);
  image.writeUInt32BE(4, 96);
  image.writeUInt32BE(HEADER_BYTES, 100);
  let at = HEADER_BYTES;
  if (backing.length > 0) {
    image.writeUInt32BE(BACKING_FORMAT_EXTENSION, at);
    image.writeUInt32BE(5, at + 4);
    image.write('qcow2', at + 8, 'latin1');
    at += 16;
  }
  at += 8;
  if (backing.length > 0) {
    backing.copy(image, at);
    image.writeBigUInt64BE(BigInt(at), 8);
    image.writeUInt32BE(backing.length, 16);
  }
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < clusters; cluster += 1) image.writeUInt16BE(1, 2 * CLUSTER + cluster * 2);
  return image;
}

/** Writes such an image to a new file of mode 0600; fails when the file exists. */
export async function createQcow2(
  file: string,
  virtualBytes: number,
  backingFile: string | undefined,
): Promise<void> {
  const image = emptyQcow2(virtualBytes, backingFile);
  const handle = await open(file, 'wx', 0o600);
  try {
    // Three parts and not the whole, so that the empty rest of each cluster stays a hole.
    await handle.write(image, 0, 4096, 0);
    await handle.write(image, CLUSTER, 8, CLUSTER);
    await handle.write(image, 2 * CLUSTER, 4096, 2 * CLUSTER);
    await handle.write(image, 3 * CLUSTER, image.length - 3 * CLUSTER, 3 * CLUSTER);
    await handle.truncate(Math.ceil(image.length / CLUSTER) * CLUSTER);
  } finally {
    await handle.close();
  }
}
