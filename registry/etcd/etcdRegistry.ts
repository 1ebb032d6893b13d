import { asVmplantsError } from '../../model/errors.js';
import type { AbsentPlant, PlantAddress, Registry } from '../registry.js';
import type { Clock } from './clock.js';
import { etcdError } from './etcdError.js';
import type { EtcdStore, StoredKey } from './etcdStore.js';
import type { WatchEvent } from './etcdWatch.js';
import {
  addresses,
  type KnownPlants,
  nextExpiry,
  withList,
  withoutExpired,
  withoutPlant,
  withPlant,
} from './knownPlants.js';
import type { EtcdLocation } from './location.js';
import type { RegistryLog } from './log.js';
import { openMembers } from './members.js';
import { pause } from './pause.js';
import {
  decodeEntry,
  decodeRosterEntry,
  type PlantEntry,
  plantsPrefix,
  type RosterEntry,
  rosterPrefix,
} from './plantEntry.js';

export interface EtcdRegistryOptions extends EtcdLocation {
  /** Whether a text is an address that a client could be opened for; entries with others are left out. */
  readonly isAddress: (text: string) => boolean;
  readonly logger: RegistryLog;
  readonly clock: Clock;
  /** Ends the waiting for the first answer, and everything after it. */
  readonly signal: AbortSignal;
}

/**
 * How often etcd is asked whether it is there. With the deadline of the call this is less than the shortest lease
 * leaves: an outage in which leases run out is noticed, however short.
 */
const PROBE_MILLISECONDS = 1000;

/** Between two attempts. */
const RETRY_MILLISECONDS = 250;

/**
 * The plants that are registered in etcd. Answers when they are known, or when no member has answered: then it warns,
 * knows nobody, and finds them when etcd comes. What happens while etcd is away: docs/discovery.md.
 */
export async function openEtcdRegistry(options: EtcdRegistryOptions): Promise<Registry> {
  const { logger, clock } = options;
  const prefix = plantsPrefix(options.prefix);
  const roster = rosterPrefix(options.prefix);
  const closing = new AbortController();
  const close = (): void => closing.abort();
  const listeners = new Set<() => void>();
  let known: KnownPlants = new Map();
  /** Plants by id that may have VMs, whether they are known now or not. */
  let enrolled = new Map<string, RosterEntry>();
  /** The revision of every key under the installation's prefix, also of those that are no entries. */
  let revisions = new Map<string, bigint>();
  let plants: readonly PlantAddress[] = [];
  let warning: string | undefined;
  /** Etcd has not been listed since it failed. */
  let outage = false;
  let expiry: NodeJS.Timeout | undefined;

  const tell = (): void => {
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        logger.error({ err: error }, 'a listener of the registry failed');
      }
    }
  };
  const update = (next: KnownPlants): void => {
    clearTimeout(expiry);
    // While etcd is away nobody can register again, and nobody is forgotten.
    known = outage ? next : withoutExpired(next, clock.monotonic());
    const end = outage ? undefined : nextExpiry(known);
    // A timer may come a little early.
    if (end !== undefined)
      expiry = setTimeout(() => update(known), Math.max(10, end - clock.monotonic() + 10));
    const answer = addresses(known);
    if (JSON.stringify(answer) === JSON.stringify(plants)) return;
    plants = Object.freeze(answer);
    tell();
  };
  const warn = (text: string | undefined): void => {
    if (text === warning) return;
    warning = text;
    tell();
  };
  const usable = <Entry extends object>(
    key: string,
    entry: Entry | { readonly problem: string },
  ): Entry | undefined => {
    if (!('problem' in entry)) return entry;
    logger.warn({ key: key.slice(0, 200), problem: entry.problem }, 'an entry in etcd is not used');
    return undefined;
  };
  const read = (key: string, value: Buffer): PlantEntry | undefined =>
    usable(key, decodeEntry(key.slice(prefix.length), value, options.isAddress));
  const enrol = (key: string, value: Buffer | undefined): void => {
    const id = key.slice(roster.length);
    const entry =
      value === undefined ? undefined : usable(key, decodeRosterEntry(id, value, options.isAddress));
    if (entry === undefined) enrolled.delete(id);
    else enrolled.set(id, entry);
  };
  const absent = (): readonly AbsentPlant[] =>
    [...enrolled]
      .filter(([id]) => !known.has(id))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, { address, name }]) => ({ address, name, remedy: `etcdctl del ${roster}${id}` }));
  const adopt = (keys: readonly StoredKey[]): void => {
    revisions = new Map(keys.map(({ key, revision }) => [key, revision]));
    enrolled = new Map();
    const listed = new Map<string, PlantEntry>();
    for (const { key, value } of keys) {
      if (key.startsWith(roster)) enrol(key, value);
      if (!key.startsWith(prefix)) continue;
      const entry = read(key, value);
      if (entry !== undefined) listed.set(key.slice(prefix.length), entry);
    }
    const afterOutage = outage;
    outage = false;
    update(withList(known, listed, afterOutage, clock.monotonic()));
  };
  const apply = (events: readonly WatchEvent[]): void => {
    let next = known;
    for (const event of events) {
      const id = event.key.slice(prefix.length);
      if (event.kind === 'put') revisions.set(event.key, event.revision);
      else revisions.delete(event.key);
      if (event.key.startsWith(roster)) enrol(event.key, event.kind === 'put' ? event.value : undefined);
      if (!event.key.startsWith(prefix)) continue;
      const entry = event.kind === 'put' ? read(event.key, event.value) : undefined;
      next = entry === undefined ? withoutPlant(next, id, clock.monotonic()) : withPlant(next, id, entry);
    }
    update(next);
  };

  /** Until a full list is due again; rejects when the member fails. */
  const follow = async (store: EtcdStore, onListed: () => void): Promise<void> => {
    const { keys, revision } = await store.list(options.prefix);
    adopt(keys);
    onListed();
    const over = new AbortController();
    const end = (): void => over.abort();
    closing.signal.addEventListener('abort', end, { once: true });
    let why: 'compacted' | Error | undefined;
    try {
      await store.watch(options.prefix, revision + 1n, {
        events: (events) => {
          if (!over.signal.aborted) apply(events);
        },
        ended: (reason) => {
          why = reason;
          end();
        },
      });
      let differed = false;
      for (;;) {
        await pause(PROBE_MILLISECONDS, over.signal);
        if (why instanceof Error) throw etcdError(store.endpoint, 'go on with a watch', why);
        if (over.signal.aborted) return;
        const { count, revision: newest } = await store.newest(options.prefix);
        const differs = count !== revisions.size || newest !== latest(revisions);
        // An event may be on its way: twice in a row, the watch has missed something.
        if (differs && differed) return;
        differed = differs;
      }
    } finally {
      end();
      closing.signal.removeEventListener('abort', end);
    }
  };

  const members = openMembers(options.endpoints, clock, closing.signal);
  let settleFirst = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    settleFirst = resolve;
  });
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await follow(members.store(), () => {
          members.succeeded();
          if (warning !== undefined) logger.info({ plants: plants.length }, 'etcd answers again');
          warn(undefined);
          settleFirst();
        });
        // The next list comes over a watch of its own.
        members.close();
      } catch (thrown) {
        if (closing.signal.aborted) break;
        const error = asVmplantsError(thrown);
        outage = true;
        clearTimeout(expiry);
        if (members.failed()) {
          if (warning === undefined) logger.warn({ why: error.message }, 'etcd is away');
          warn(awayText(options.endpoints, plants.length));
          settleFirst();
        }
      }
      await pause(RETRY_MILLISECONDS, closing.signal);
    }
  };
  if (options.signal.aborted) close();
  else options.signal.addEventListener('abort', close, { once: true });
  const running = run()
    .catch((error: unknown) => logger.error({ err: error }, 'the registry failed'))
    .finally(settleFirst);
  await first;
  return {
    plants: () => plants,
    absent,
    onChange: (listener) => {
      // The same function may be given twice.
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    warning: () => warning,
    close: async () => {
      close();
      options.signal.removeEventListener('abort', close);
      await running;
      clearTimeout(expiry);
      members.close();
    },
  };
}

function latest(revisions: ReadonlyMap<string, bigint>): bigint {
  let newest = 0n;
  for (const revision of revisions.values()) if (revision > newest) newest = revision;
  return newest;
}

function awayText(endpoints: readonly string[], plants: number): string {
  const used =
    plants === 0 ? 'no plants are known yet' : 'the plants known before are used, and may be out of date';
  return `etcd does not answer (${endpoints.join(', ')}): ${used}`;
}
