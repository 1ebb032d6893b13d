/** One entry of an archive. The mode holds type and permissions, as in stat(2). */
export interface CpioEntry {
  /** Relative, without `./`. */
  readonly path: string;
  readonly mode: number;
  readonly data?: Uint8Array;
}

export const DIRECTORY_0755 = 0o040755;
export const FILE_0644 = 0o100644;
export const FILE_0755 = 0o100755;

/**
 * An archive in the "newc" form, which the Linux kernel unpacks as its initial RAM file system (kernel
 * documentation, initramfs buffer format). Owned by root, without times: equal entries give equal bytes.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const trailer: CpioEntry = { path: 'TRAILER!!!', mode: 0 };
  return Buffer.concat(
    [...entries, trailer].flatMap((entry, index) => parts(entry, entry === trailer ? 0 : index + 1)),
  );
}

function parts(entry: CpioEntry, inode: number): readonly Uint8Array[] {
  const name = Buffer.from(`${entry.path}\0`, 'utf8');
  const data = entry.data ?? new Uint8Array(0);
  const links = (entry.mode & 0o170000) === 0o040000 ? 2 : 1;
  // ino, mode, uid, gid, nlink, mtime, filesize, dev (2), rdev (2), namesize, check
  const numbers = [inode, entry.mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(
    `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`,
    'ascii',
  );
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

/** To the next multiple of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
