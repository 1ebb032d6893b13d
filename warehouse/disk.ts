import { join } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { openPlainFile } from './openPlainFile.js';
import { HEADER_BYTES, parseQcow2Header, type Qcow2Header } from './qcow2Header.js';

/** What an image's descriptor says about one of its qcow2 files. */
export interface DiskExpectation {
  readonly virtualMiB: number;
  /** The exact backing path that the header must hold; undefined: the disk stands alone. */
  readonly backing?: string;
}

/**
 * Reads and checks the header of a qcow2 file of an image. `directory` is the image's; `label` names the image in
 * errors. Rejects with INVALID_ARGUMENT (reason BAD_DISK) or the file's own error.
 */
export async function readDiskHeader(directory: string, file: string, label: string): Promise<Qcow2Header> {
  const what = `${label}/${file}`;
  const { handle, stats } = await openPlainFile(join(directory, file), what);
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEADER_BYTES, 0);
    return parseQcow2Header(head.subarray(0, bytesRead), Number(stats.size));
  } catch (thrown) {
    if (thrown instanceof VmplantsError) throw badDisk(`${what}: ${thrown.message}`, thrown);
    throw thrown;
  } finally {
    await handle.close();
  }
}

/** Pure. Rejects a header that says anything else than the descriptor. */
export function checkDisk(header: Qcow2Header, expected: DiskExpectation, what: string): void {
  // A disk made on a size in bytes may end within its last MiB.
  const foundMiB = Math.ceil(header.virtualBytes / 2 ** 20);
  if (foundMiB !== expected.virtualMiB) {
    throw badDisk(`${what}: expected a virtual size of ${expected.virtualMiB} MiB; found ${foundMiB} MiB`);
  }
  const backing = header.backingFile;
  if (backing?.path !== expected.backing) {
    throw badDisk(`${what}: expected ${describe(expected.backing)}; found ${describe(backing?.path)}`);
  }
  if (backing !== undefined && backing.format !== 'qcow2') {
    throw badDisk(`${what}: expected the backing format qcow2; found ${JSON.stringify(backing.format)}`);
  }
}

function describe(path: string | undefined): string {
  return path === undefined ? 'no backing file' : `the backing file ${JSON.stringify(path.slice(0, 200))}`;
}

function badDisk(message: string, cause?: VmplantsError): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', message, {
    reason: 'BAD_DISK',
    hint:
      cause?.hint ??
      'give the backing file with qemu-img rebase -F qcow2 -b ../NAME/FILE, and declare it as disk.backingImage',
  });
}
