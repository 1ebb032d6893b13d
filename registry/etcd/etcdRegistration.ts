import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Registration } from '../registration.js';
import type { Clock } from './clock.js';
import type { EtcdStore, StoredKey } from './etcdStore.js';
import type { EtcdLocation } from './location.js';
import type { RegistryLog } from './log.js';
import { openMembers } from './members.js';
import { pause } from './pause.js';
import {
  decodeEntry,
  encodeEntry,
  encodeRosterEntry,
  type PlantEntry,
  plantsPrefix,
  rosterPrefix,
} from './plantEntry.js';

export interface EtcdRegistrationOptions extends EtcdLocation {
  /** Of the plant: the end of its key. */
  readonly id: string;
  readonly entry: PlantEntry;
  readonly logger: RegistryLog;
  readonly clock: Clock;
  /** Ends the waiting for the first answer, and everything after it; only `close` takes the entry out. */
  readonly signal: AbortSignal;
}

/** Etcd looks for leases that ran out twice a second, and the removal takes a round of its members. */
const EXPIRY_SECONDS = 1;

/**
 * Parts of the time that etcd holds the entry: how often it is renewed. With the shortest lease a plant that stands
 * still for 2 s just before it would have renewed keeps its entry.
 */
const RENEWALS = 4;

const RETRY_MILLISECONDS = 500;

/** How much longer than its lease another's entry must stay to be one of a living process. */
const OTHER_SECONDS = 2;

/** So long, at most, whatever another's entry says of its lease. */
const MOST_OTHER_SECONDS = 60;

/**
 * Keeps an entry in etcd for as long as this process lives. Answers when it is there, or when no member of etcd has
 * answered: then it goes on trying, as it does whenever the entry was lost. Every write is a transaction on what was
 * seen, under a lease of this process alone: one that stood still for long neither overwrites nor removes another's.
 * @throws VmplantsError ALREADY_EXISTS, PLANT_ID_TAKEN: another process keeps an entry under the id alive. One that a
 *   process left behind is waited for, as long as its lease, a minute at most. CANCELLED
 */
export async function registerInEtcd(options: EtcdRegistrationOptions): Promise<Registration> {
  const { entry, logger, clock, id } = options;
  const key = `${plantsPrefix(options.prefix)}${id}`;
  const value = encodeEntry(entry);
  const wanted = Math.max(1, entry.leaseSeconds - EXPIRY_SECONDS);
  const closing = new AbortController();
  const close = (): void => closing.abort();
  const members = openMembers(options.endpoints, clock, closing.signal);
  /** Stays when the entry goes: only `leave` removes it, or a person. */
  const lasting = { key: `${rosterPrefix(options.prefix)}${id}`, value: encodeRosterEntry(entry) };
  /** Of our write of it. */
  let lastingRevision: bigint | undefined;
  let lease: { readonly id: bigint; readonly seconds: number } | undefined;
  /** Until when, at the least, etcd has the entry. */
  let heldUntil = Number.NEGATIVE_INFINITY;
  let away = false;
  let toldTaken = false;

  const grant = async (store: EtcdStore): Promise<bigint> => {
    const granted = await store.grant(wanted);
    if (granted.seconds > wanted && granted.seconds !== lease?.seconds) {
      const { seconds } = granted;
      logger.warn({ seconds, wanted }, 'etcd grants longer leases only: a dead plant is listed for longer');
    }
    lease = { id: granted.lease, seconds: granted.seconds };
    return granted.lease;
  };

  /** @returns the entry of another process that has the key, or undefined: it is ours */
  const renew = async (store: EtcdStore): Promise<StoredKey | undefined> => {
    const asked = clock.monotonic();
    if (lease !== undefined && !(await store.keepAlive(lease.id))) {
      logger.warn({ key }, 'the lease ran out: registering again');
      lease = undefined;
    }
    for (;;) {
      const [found, kept] = await store.get(key, lasting.key);
      if (found !== undefined && instanceOf(found) !== entry.instance) return found;
      lastingRevision = found === undefined ? lastingRevision : kept?.revision;
      if (found === undefined || found.lease !== lease?.id || kept === undefined) {
        const under = lease?.id ?? (await grant(store));
        // False: somebody was faster, or the lease has ended meanwhile. Look again.
        const written = await store.write(key, value, under, found?.revision, lasting);
        if (written === undefined) {
          lease = undefined;
          continue;
        }
        lastingRevision = written;
        logger.info({ key, address: entry.address }, 'registered in etcd');
      }
      heldUntil = asked + (lease?.seconds ?? wanted) * 1000;
      return undefined;
    }
  };

  const run = async (onFirst: (taken?: VmplantsError) => void): Promise<void> => {
    let starting = true;
    let other: { readonly revision: bigint; readonly until: number; readonly atMost: number } | undefined;
    while (!closing.signal.aborted) {
      let next = RETRY_MILLISECONDS;
      try {
        const taken = await renew(members.store());
        members.succeeded();
        if (away) logger.info({ key }, 'etcd answers again');
        away = false;
        if (taken === undefined) {
          starting = false;
          toldTaken = false;
          other = undefined;
          onFirst();
          next = ((lease?.seconds ?? wanted) * 1000) / RENEWALS;
        } else {
          heldUntil = Number.NEGATIVE_INFINITY;
          const now = clock.monotonic();
          const seconds = secondsOf(taken, entry);
          if (other === undefined) {
            logger.warn({ key, seconds }, 'etcd has an entry of another process: waiting until it is gone');
          }
          if (other?.revision !== taken.revision) {
            const atMost = other?.atMost ?? now + MOST_OTHER_SECONDS * 1000;
            other = { revision: taken.revision, until: Math.min(now + seconds * 1000, atMost), atMost };
          }
          if (now > other.until && !toldTaken) {
            toldTaken = true;
            const error = takenError(id, key);
            if (starting) return onFirst(error);
            logger.error({ key, hint: error.hint }, error.message);
          }
        }
      } catch (thrown) {
        if (closing.signal.aborted) return;
        if (members.failed() && !away) {
          away = true;
          logger.warn(
            { why: asVmplantsError(thrown).message },
            'etcd is away: the plant works on, unregistered',
          );
          starting = false;
          onFirst();
        }
      }
      await pause(next, closing.signal);
    }
  };

  if (options.signal.aborted) close();
  else options.signal.addEventListener('abort', close, { once: true });
  let running: Promise<void> = Promise.resolve();
  let ended: Promise<void> | undefined;
  /** A call to etcd after everything else has ended, to each member once. Answers why it could not be made. */
  const atEnd = async (work: (store: EtcdStore) => Promise<void>): Promise<string | undefined> => {
    const leaving = openMembers(options.endpoints, clock, new AbortController().signal);
    let why = '';
    try {
      for (let attempt = 0; attempt < options.endpoints.length; attempt++) {
        try {
          await work(leaving.store());
          return undefined;
        } catch (error) {
          why = asVmplantsError(error).message;
          leaving.failed();
        }
      }
      return why;
    } finally {
      leaving.close();
    }
  };
  const finish = async (): Promise<void> => {
    close();
    options.signal.removeEventListener('abort', close);
    await running;
    members.close();
    heldUntil = Number.NEGATIVE_INFINITY;
    if (lease === undefined) return;
    const { id: own } = lease;
    const why = await atEnd((store) => store.revoke(own));
    if (why === undefined) logger.info({ key }, 'deregistered');
    else logger.warn({ why }, 'not deregistered: the entry goes with its lease');
  };
  const registration: Registration = {
    registered: () => clock.monotonic() < heldUntil,
    close: () => {
      ended ??= finish();
      return ended;
    },
    leave: async () => {
      await registration.close();
      if (lastingRevision === undefined) return;
      const seen = lastingRevision;
      const why = await atEnd((store) => store.remove(lasting.key, seen));
      if (why === undefined) return;
      logger.warn(
        { why, key: lasting.key },
        'still in the roster: shops wait for the plant, though it has no VMs',
      );
    },
  };
  try {
    await new Promise<void>((resolve, reject) => {
      running = run((taken) => (taken === undefined ? resolve() : reject(taken)))
        .catch((error: unknown) => logger.error({ err: error }, 'the registration failed'))
        .finally(() => reject(asVmplantsError(closing.signal.reason)));
    });
  } catch (error) {
    await registration.close();
    throw error;
  }
  return registration;
}

/** Undefined for what is no entry of a plant: not ours either. */
function instanceOf(found: StoredKey): string | undefined {
  const read = decodeEntry(idOf(found.key), found.value, () => true);
  return 'problem' in read ? undefined : read.instance;
}

function secondsOf(found: StoredKey, own: PlantEntry): number {
  const read = decodeEntry(idOf(found.key), found.value, () => true);
  return ('problem' in read ? own.leaseSeconds : read.leaseSeconds) + OTHER_SECONDS;
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function takenError(id: string, key: string): VmplantsError {
  return new VmplantsError(
    'ALREADY_EXISTS',
    `another process keeps the plant id ${id} registered in etcd; expected one process for an id`,
    {
      reason: 'PLANT_ID_TAKEN',
      hint: `the id is in the file plant-id of the data directory: delete it in a copied directory; an entry without a process goes with its lease, or with etcdctl del ${key}`,
    },
  );
}
