import { basename, relative, sep } from 'node:path';
import { watch } from 'chokidar';

/** Being told of changes in a warehouse's directory. */
export interface DirectoryWatch {
  close(): Promise<void>;
}

export interface WatchRequest {
  /** Absolute path of the warehouse. */
  readonly directory: string;
  /** Something changed in or at the image of this name. Comes often: several times for each file that is written. */
  readonly onName: (name: string) => void;
  /** Changes may go unnoticed from now on, for example because the host allows no more watches. */
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Watches a warehouse and the files directly in its images, by the kernel's notification and without polling.
 * Names that begin with a dot are not watched. Resolves when every later change will be told.
 *
 * On a network file system the kernel does not tell of changes made by other hosts: there `Warehouse.refresh` is
 * the way to see them.
 */
export async function watchWarehouse(request: WatchRequest): Promise<DirectoryWatch> {
  const { directory, onName, onError, signal } = request;
  signal.throwIfAborted();
  const watcher = watch(directory, {
    depth: 1,
    ignored: (path) => path !== directory && basename(path).startsWith('.'),
    ignoreInitial: true,
    followSymlinks: false,
    usePolling: false,
    atomic: false,
    awaitWriteFinish: false,
  });
  const changed = (path: string) => {
    const name = nameOf(directory, path);
    if (name !== undefined) onName(name);
  };
  watcher.on('all', (_event, path) => changed(path));
  // chokidar leaves out changes that keep the modification time; the kernel's own events have them.
  watcher.on('raw', (_event, child, details) => changed(rawPath(details, child)));
  const failed = new Promise<never>((_resolve, reject) => {
    watcher.once('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([new Promise<void>((resolve) => watcher.once('ready', resolve)), failed]);
  } catch (thrown) {
    await watcher.close();
    throw thrown;
  }
  watcher.on('error', onError);
  return { close: () => watcher.close() };
}

/** The image that a path in the warehouse belongs to. Pure. */
function nameOf(directory: string, path: string): string | undefined {
  const [name] = relative(directory, path).split(sep);
  return name === undefined || name === '' || name.startsWith('.') ? undefined : name;
}

/** A raw event names the watched directory or file, and beside it the entry, which for a file is the file again. */
function rawPath(details: unknown, child: unknown): string {
  const hasPath = typeof details === 'object' && details !== null && 'watchedPath' in details;
  const watched = hasPath && typeof details.watchedPath === 'string' ? details.watchedPath : '';
  return typeof child === 'string' && child !== '' ? `${watched}${sep}${child}` : watched;
}
