import { join, resolve } from 'node:path';
import type { LocatedImage } from '../model/goldenImage.js';
import { type Catalogue, catalogueOf, EMPTY_CATALOGUE, hasSameImages } from './catalogue.js';
import { checkImage, glanceAtImage, type ImageState } from './checkImage.js';
import { createCheckQueue } from './checkQueue.js';
import { type ImageProblem, listImageDirectories } from './listDescriptors.js';
import { watchWarehouse } from './watch.js';

/** A copy under way makes events all the time: an image is read when there were none for this long. */
const QUIET_MILLISECONDS = 100;
/** Images read at the same time; hashing takes one core, whatever the number. */
const IMAGES_AT_ONCE = 4;

/** What this writes of its doings; a pino logger is one. */
export interface WarehouseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The golden images that a plant can reach (VMPlants paper, section 3.2: "VM Warehouse"), kept up to date. */
export interface Warehouse {
  /** Absolute. */
  readonly directory: string;
  /** The images that can be used now, by name. The array and what is in it never change. */
  images(): readonly LocatedImage[];
  get(name: string): LocatedImage | undefined;
  /** What is in the directory and cannot be used, and why. */
  problems(): readonly ImageProblem[];
  /** Calls the listener with the new `images()` after each change; the answer unsubscribes. */
  onChange(listener: (images: readonly LocatedImage[]) => void): () => void;
  /**
   * Whether an image that is about to be cloned, and the one that its disk hangs on, are untouched since they were
   * verified: the kernel tells of a change only a moment after it. One that is not is out of sight when this resolves,
   * and is read again. True for an image that lies elsewhere. Costs a look at its descriptor and at its files' states.
   */
  confirm(image: LocatedImage): Promise<boolean>;
  /**
   * Looks at everything now. After this, what was published or removed before the call is seen: for the process
   * that published, and for file systems that do not tell of changes.
   */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface WarehouseOptions {
  readonly directory: string;
  /** Aborting it closes the warehouse. */
  readonly signal: AbortSignal;
  readonly log: WarehouseLog;
}

/**
 * Opens a warehouse and watches it. An image is visible when its descriptor can be read, every file that it lists
 * is there with its size and digest, its disks' headers hold what the descriptor says, and its base is visible: so
 * an image that is copied in appears when it is whole, in whatever order its files arrive, and one that is damaged
 * goes out of sight before anything is cloned from it. Digests are compared once, and again when a file changed.
 *
 * Resolves when every image that is there has been looked at. Rejects when the directory cannot be read.
 */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { log } = options;
  const directory = resolve(options.directory);
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const states = new Map<string, ImageState>();
  const listeners = new Set<(images: readonly LocatedImage[]) => void>();
  let catalogue = EMPTY_CATALOGUE;
  let refreshing = 0;

  const update = () => {
    // In a refresh everything is looked at: one change in the end, not one for each.
    if (refreshing > 0 || signal.aborted) return;
    const before = catalogue;
    catalogue = catalogueOf(states, before);
    report(before, catalogue, log);
    if (hasSameImages(before, catalogue)) return;
    for (const listener of listeners) {
      try {
        listener(catalogue.images);
      } catch (thrown) {
        log.warn({ err: thrown }, 'a listener to the warehouse failed');
      }
    }
  };

  const setState = (name: string, state: ImageState | undefined) => {
    if (state === states.get(name)) return;
    if (state === undefined) states.delete(name);
    else states.set(name, state);
    update();
  };

  const queue = createCheckQueue({
    atOnce: IMAGES_AT_ONCE,
    quietMilliseconds: QUIET_MILLISECONDS,
    check: async (name) => {
      const before = states.get(name);
      const after = await checkImage(join(directory, name), before, signal).catch(() => before);
      setState(name, after);
    },
    glance: (name) => {
      const before = states.get(name);
      if (before?.kind !== 'good') return undefined;
      return glanceAtImage(join(directory, name), before).then((after) => setState(name, after));
    },
  });

  /** Takes it out of sight if it was touched. */
  const isUntouched = async (name: string): Promise<boolean> => {
    const before = states.get(name);
    if (before?.kind !== 'good') return false;
    const after = await glanceAtImage(join(directory, name), before);
    if (after?.kind === 'good') return true;
    // Whoever was told of it meanwhile knows better.
    if (states.get(name) === before) setState(name, after);
    queue.touched(name);
    return false;
  };

  const confirm = async ({ descriptor, directory: place }: LocatedImage): Promise<boolean> => {
    const { name, disk } = descriptor;
    if (place !== join(directory, name)) return true;
    for (const needed of [name, disk.backingImage]) {
      if (needed !== undefined && !(await isUntouched(needed))) return false;
    }
    return catalogue.byName.get(name)?.descriptor.created === descriptor.created;
  };

  const refresh = async () => {
    const names = new Set([...(await listImageDirectories(directory)), ...states.keys()]);
    refreshing += 1;
    try {
      await Promise.all([...names].map((name) => queue.check(name)));
    } finally {
      refreshing -= 1;
      update();
    }
  };

  const watch = await watchWarehouse({
    directory,
    signal,
    onName: queue.touched,
    onError: (error) =>
      log.warn({ err: error }, 'changes in the warehouse may go unnoticed until it is refreshed'),
  });
  const close = async () => {
    ending.abort();
    await Promise.all([watch.close(), queue.close()]);
    listeners.clear();
  };
  signal.addEventListener('abort', () => void close(), { once: true });
  try {
    await refresh();
    options.signal.throwIfAborted();
  } catch (thrown) {
    await close();
    throw thrown;
  }

  return {
    directory,
    images: () => catalogue.images,
    get: (name) => catalogue.byName.get(name),
    problems: () => catalogue.problems,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    confirm,
    refresh,
    close,
  };
}

/** Says what appeared, went and turned bad. */
function report(before: Catalogue, after: Catalogue, log: WarehouseLog): void {
  for (const [name, image] of after.byName) {
    const known = before.byName.get(name);
    if (known === image) continue;
    const { owner, policy } = image.descriptor;
    const fields = { image: name, owner, shared: policy?.shared, pinned: policy?.pinned };
    log.info(fields, known === undefined ? 'golden image can be used' : 'golden image changed');
  }
  for (const name of before.byName.keys()) {
    if (!after.byName.has(name)) log.info({ image: name }, 'golden image cannot be used any more');
  }
  for (const kind of ['problems', 'policyProblems'] as const) {
    const known = new Map(before[kind].map((problem) => [problem.name, problem.error.message]));
    for (const { name, error } of after[kind]) {
      if (known.get(name) !== error.message) log.warn({ image: name, reason: error.reason }, error.message);
    }
  }
}
