import { lstat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { errnoOf, fileError } from './fileError.js';
import { listImageDirectories } from './listDescriptors.js';

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
 * Watches a warehouse and the files directly in its images, by the kernel's notification and without polling: one
 * watcher of the directory and one of each image's, because one watcher of both loses sight of an image that is
 * removed and made again under the same name while it looks elsewhere. Names that begin with a dot are not watched.
 * Resolves when every later change will be told.
 *
 * A watch is on a directory, not on its name: when the name comes to stand for another one, which the kernel tells by
 * the directory above, it is watched anew and looked at once more, because something may have happened in between.
 *
 * On a network file system the kernel does not tell of changes made by other hosts: there `Warehouse.refresh` is
 * the way to see them.
 */
export async function watchWarehouse(request: WatchRequest): Promise<DirectoryWatch> {
  const { directory, onName, onError, signal } = request;
  signal.throwIfAborted();
  const watchers = new Map<string, FSWatcher>();
  /** The last beginning to watch each image: one after the other, so that the last one is what stays. */
  const beginning = new Map<string, Promise<void>>();
  let closed = false;

  const forget = async (name: string): Promise<void> => {
    const watcher = watchers.get(name);
    watchers.delete(name);
    await watcher?.close();
  };

  const watchImage = async (name: string): Promise<void> => {
    await forget(name);
    const path = join(directory, name);
    try {
      // What is linked to is never an image, and not ours to watch.
      if (closed || !(await lstat(path)).isDirectory() || closed) return;
      const watcher = openWatcher(path, () => onName(name));
      watchers.set(name, watcher);
      await ready(watcher, signal);
      watcher.on('error', onError);
    } catch (thrown) {
      if (!isGone(thrown)) throw fileError(thrown, `${name} cannot be watched`);
    }
  };

  const watchAnew = (name: string): Promise<void> => {
    const before = beginning.get(name) ?? Promise.resolve();
    const begun = before.then(() => watchImage(name));
    const ended: Promise<void> = begun
      .catch(() => undefined)
      .then(() => {
        if (beginning.get(name) === ended) beginning.delete(name);
      });
    beginning.set(name, ended);
    return begun;
  };

  const root = openWatcher(directory, (event, path) => {
    const name = path === directory ? '' : basename(path);
    if (closed || name === '' || name.startsWith('.')) return;
    onName(name);
    if (event === 'change') return;
    watchAnew(name).then(() => onName(name), onError);
  });
  const close = async () => {
    closed = true;
    await root.close();
    await Promise.allSettled(beginning.values());
    await Promise.all([...watchers.keys()].map(forget));
  };
  try {
    await ready(root, signal).catch((thrown: unknown) => {
      throw fileError(thrown, `the warehouse directory ${directory} cannot be watched`);
    });
    root.on('error', onError);
    await Promise.all((await listImageDirectories(directory)).map(watchAnew));
    signal.throwIfAborted();
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { close };
}

/** Tells of what the kernel says about a directory and the files directly in it. */
function openWatcher(directory: string, onEvent: (event: string, path: string) => void): FSWatcher {
  const watcher = watch(directory, {
    depth: 0,
    ignored: (path) => path !== directory && basename(path).startsWith('.'),
    ignoreInitial: true,
    followSymlinks: false,
    usePolling: false,
    atomic: false,
    awaitWriteFinish: false,
  });
  watcher.on('all', onEvent);
  // chokidar leaves out changes that keep the modification time, and a directory that is there again when it looks;
  // the kernel's own events have them.
  watcher.on('raw', (event, child, details) => {
    const path = rawPath(directory, details, child);
    if (!basename(path).startsWith('.')) onEvent(event, path);
  });
  return watcher;
}

/** Resolves when every later change will be told. */
async function ready(watcher: FSWatcher, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(signal.reason);
      watcher.once('ready', resolve);
      watcher.once('error', reject);
      signal.addEventListener('abort', stop, { once: true });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A raw event names the watched directory or file, and beside it the entry, which for a file is the file again. */
function rawPath(directory: string, details: unknown, child: unknown): string {
  const hasPath = typeof details === 'object' && details !== null && 'watchedPath' in details;
  const watched = hasPath && typeof details.watchedPath === 'string' ? details.watchedPath : directory;
  return watched === directory && typeof child === 'string' && child !== ''
    ? `${watched}${sep}${child}`
    : watched;
}

function isGone(thrown: unknown): boolean {
  const errno = errnoOf(thrown);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
