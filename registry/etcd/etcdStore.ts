import { Etcd3, EtcdLeaseInvalidError, type IKeyValue, SortOrder, SortTarget } from 'etcd3';
import type { Clock } from './clock.js';
import { etcdError } from './etcdError.js';
import { openWatch, type WatchListener } from './etcdWatch.js';
import { endOfPrefix } from './prefixRange.js';
import { within } from './within.js';

/** A key with its value, as etcd has it. */
export interface StoredKey {
  /** Each byte as one character: two keys are never taken for one. */
  readonly key: string;
  readonly value: Buffer;
  /** Of the last write. */
  readonly revision: bigint;
  /** 0n without one. */
  readonly lease: bigint;
}

/**
 * The calls that a registry needs, to one member of etcd. Each has a deadline; each rejects with a VmplantsError,
 * UNAVAILABLE, when the member does not answer, hangs, or has no majority behind it, and with CANCELLED as soon as the
 * signal is aborted. After a failure it is closed and another opened: nothing that the library keeps of broken
 * connections is carried on.
 */
export interface EtcdStore {
  readonly endpoint: string;
  /** All keys with the prefix, and the revision of which they are. */
  list(prefix: string): Promise<{ readonly keys: readonly StoredKey[]; readonly revision: bigint }>;
  /** How many keys there are, and the last write among them: cheap, to see whether a watch missed something. */
  newest(prefix: string): Promise<{ readonly count: number; readonly revision: bigint }>;
  /** As they are at one moment; undefined for one that is not there. */
  get(...keys: readonly string[]): Promise<readonly (StoredKey | undefined)[]>;
  /** Follows the changes from a revision on, once in a store. The answer comes when etcd has begun. */
  watch(prefix: string, from: bigint, listener: WatchListener): Promise<void>;
  /** A new lease; etcd may make it longer than asked for. */
  grant(seconds: number): Promise<{ readonly lease: bigint; readonly seconds: number }>;
  /** False: there is no such lease any more. */
  keepAlive(lease: bigint): Promise<boolean>;
  /** Ends a lease and removes what hangs on it. One that has ended already is fine. */
  revoke(lease: bigint): Promise<void>;
  /**
   * Writes only if the key is as it was seen (undefined: is not there), in one transaction; and with it another key,
   * which no lease ends.
   * @returns the revision of the write; undefined when it was not made, also because the lease has ended
   */
  write(
    key: string,
    value: string,
    lease: bigint,
    seen: bigint | undefined,
    lasting?: { readonly key: string; readonly value: string },
  ): Promise<bigint | undefined>;
  /** Removes the key only if it is as it was seen. */
  remove(key: string, seen: bigint): Promise<void>;
  /** Ends what goes on. Repeatable. */
  close(): void;
}

/** An etcd that has not answered for so long is as good as away. */
const CALL_MILLISECONDS = 1500;

/** A list of very many plants, page by page. */
const LIST_MILLISECONDS = 10_000;
const PAGE = 500;

/** Opens the calls to a member; nothing is sent yet. The signal ends them all. */
export function openEtcdStore(endpoint: string, clock: Clock, signal: AbortSignal): EtcdStore {
  const etcd = new Etcd3({
    hosts: endpoint,
    grpcOptions: {
      // A connection that broke is not found again by the next store.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
      // Etcd ends connections that are pinged more often than every 5 s.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 3000,
    },
  });
  let closed = false;
  let endWatch = (): void => undefined;
  /** A moment: the library tries again what failed, and all that together has this deadline. */
  const soon = () => ({ deadline: clock.now() + CALL_MILLISECONDS });
  const ask = async <T>(
    what: string,
    work: () => Promise<T>,
    milliseconds = CALL_MILLISECONDS,
  ): Promise<T> => {
    try {
      // The deadline of the call ends the call; this one ends the waiting, also where the library loses the answer.
      return await within(milliseconds + 100, signal, work);
    } catch (error) {
      throw etcdError(endpoint, what, error);
    }
  };
  const range = (prefix: string) => ({ key: Buffer.from(prefix), range_end: endOfPrefix(prefix) });
  const listPages: EtcdStore['list'] = async (prefix) => {
    const keys: StoredKey[] = [];
    let { key } = range(prefix);
    let revision: string | undefined;
    for (;;) {
      const at = revision === undefined ? {} : { revision };
      const page = await etcd.kv.range({ key, range_end: endOfPrefix(prefix), limit: PAGE, ...at }, soon());
      revision ??= page.header.revision;
      keys.push(...page.kvs.map(storedKey));
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) return { keys, revision: BigInt(revision) };
      key = Buffer.concat([last.key, Buffer.from([0])]);
    }
  };
  return {
    endpoint,
    list: (prefix) => ask('list the plants', () => listPages(prefix), LIST_MILLISECONDS),
    newest: (prefix) =>
      ask('say whether it is there', async () => {
        const order = { sort_order: SortOrder.Descend, sort_target: SortTarget.Mod };
        const { kvs, count } = await etcd.kv.range(
          { ...range(prefix), ...order, limit: 1, keys_only: true },
          soon(),
        );
        return { count: Number(count), revision: BigInt(kvs[0]?.mod_revision ?? 0) };
      }),
    get: (...keys) =>
      ask('say who is registered', async () => {
        const success = keys.map((key) => ({ request_range: { key: Buffer.from(key) } }));
        const { responses } = await etcd.kv.txn({ compare: [], success }, soon());
        return responses.map(({ response_range: { kvs } }) => kvs.map(storedKey)[0]);
      }),
    watch: (prefix, from, listener) =>
      ask('begin a watch', async () => {
        const stream = await etcd.watchClient.watch();
        // Half-closed first: the library takes the end of a stream that can be written to for a fault of the member.
        endWatch = () => {
          stream.end();
          stream.cancel();
        };
        if (closed) endWatch();
        await openWatch(stream, { ...range(prefix), start_revision: String(from) }, listener);
      }),
    grant: (seconds) =>
      ask('grant a lease', async () => {
        const granted = await etcd.leaseClient.leaseGrant({ TTL: seconds }, soon());
        return { lease: BigInt(granted.ID), seconds: Number(granted.TTL) };
      }),
    keepAlive: (lease) =>
      ask('renew a lease', async () => {
        const stream = await etcd.leaseClient.leaseKeepAlive(soon());
        try {
          const ttl = await new Promise<string>((resolve, reject) => {
            stream.on('data', (answer) => resolve(answer.TTL));
            stream.on('error', reject);
            stream.on('end', () => reject(new Error('the stream ended')));
            stream.write({ ID: String(lease) });
          });
          return Number(ttl) > 0;
        } finally {
          stream.end();
        }
      }),
    revoke: (lease) =>
      ask('end a lease', async () => {
        await etcd.leaseClient.leaseRevoke({ ID: String(lease) }, soon()).catch(unlessLeaseEnded);
      }),
    write: (key, value, lease, seen, lasting) =>
      ask('register the plant', async () => {
        const name = Buffer.from(key);
        const put = { request_put: { key: name, value: Buffer.from(value), lease: String(lease) } };
        const others =
          lasting === undefined
            ? []
            : [{ request_put: { key: Buffer.from(lasting.key), value: Buffer.from(lasting.value) } }];
        const answer = await etcd.kv
          .txn(
            {
              // A key that is not there has revision 0.
              compare: [{ key: name, target: 'Mod', result: 'Equal', mod_revision: String(seen ?? 0n) }],
              success: [put, ...others],
            },
            soon(),
          )
          .catch(unlessLeaseEnded);
        return answer?.succeeded === true ? BigInt(answer.header.revision) : undefined;
      }),
    remove: (key, seen) =>
      ask('remove a key', async () => {
        const name = Buffer.from(key);
        await etcd.kv.txn(
          {
            compare: [{ key: name, target: 'Mod', result: 'Equal', mod_revision: String(seen) }],
            success: [{ request_delete_range: { key: name } }],
          },
          soon(),
        );
      }),
    close: () => {
      closed = true;
      endWatch();
      etcd.close();
    },
  };
}

function unlessLeaseEnded(thrown: unknown): undefined {
  if (!(thrown instanceof EtcdLeaseInvalidError)) throw thrown;
}

function storedKey({ key, value, mod_revision, lease }: IKeyValue): StoredKey {
  return { key: key.toString('latin1'), value, revision: BigInt(mod_revision), lease: BigInt(lease) };
}
