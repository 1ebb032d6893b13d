/** The tree of an ISO image that is being made: see `iso.ts`. */

const NAME_LIMIT_BYTES = 150;

/** A file in the tree. */
export interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly data: Uint8Array;
  readonly mode: number;
  /** Where its data begins; set when the image is laid out. */
  sector: number;
}

/** A directory in the tree. */
export interface DirectoryNode {
  readonly kind: 'directory';
  readonly name: string;
  readonly parent: DirectoryNode | undefined;
  readonly children: Map<string, DirectoryNode | FileNode>;
  /** From 1, among its siblings. */
  readonly position: number;
  /** From 1, the order of the path table. */
  number: number;
  sector: number;
  bytes: number;
}

/** @param parent undefined for the root */
export function makeDirectory(name: string, parent: DirectoryNode | undefined): DirectoryNode {
  const position = (parent?.children.size ?? 0) + 1;
  return { kind: 'directory', name, parent, children: new Map(), position, number: 1, sector: 0, bytes: 0 };
}

/**
 * Puts a file, and the directories that lead to it, into the tree.
 * @throws RangeError when the path is not one, or is taken
 */
export function placeFile(root: DirectoryNode, path: string, data: Uint8Array, mode: number): FileNode {
  const parts = path.split('/');
  const last = parts.pop() ?? '';
  let directory = root;
  for (const part of parts) {
    checkName(part, path);
    const found = directory.children.get(part);
    if (found?.kind === 'file') throw new RangeError(`${path}: ${part} is already a file`);
    const next = found ?? makeDirectory(part, directory);
    directory.children.set(part, next);
    directory = next;
  }
  checkName(last, path);
  if (directory.children.has(last)) throw new RangeError(`${path}: occurs twice`);
  const node: FileNode = { kind: 'file', name: last, data, mode, sector: 0 };
  directory.children.set(last, node);
  return node;
}

function checkName(part: string, path: string): void {
  const bytes = Buffer.byteLength(part);
  if (bytes === 0 || bytes > NAME_LIMIT_BYTES || part === '.' || part === '..' || part.includes('\0')) {
    throw new RangeError(
      `${JSON.stringify(path)}: expected parts of 1 to ${NAME_LIMIT_BYTES} bytes, none of them . or .., found ${JSON.stringify(part)}`,
    );
  }
}

/** All directories in the order of the path table, which numbers them. */
export function breadthFirst(root: DirectoryNode): readonly DirectoryNode[] {
  const order: DirectoryNode[] = [root];
  for (const directory of order) {
    for (const child of directory.children.values()) {
      if (child.kind === 'directory') child.number = order.push(child);
    }
  }
  return order;
}
