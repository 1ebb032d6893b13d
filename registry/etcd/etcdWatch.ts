import type { IDuplexStream, IWatchRequest, IWatchResponse } from 'etcd3';

/** One change of a key. */
export type WatchEvent =
  | { readonly kind: 'put'; readonly key: string; readonly value: Buffer; readonly revision: bigint }
  | { readonly kind: 'delete'; readonly key: string };

/** Who follows a watch. */
export interface WatchListener {
  readonly events: (events: readonly WatchEvent[]) => void;
  /**
   * Once. 'compacted': etcd has no history from there on any more, a full list is due; else why the stream broke.
   */
  readonly ended: (why: 'compacted' | Error) => void;
}

/**
 * Begins one watch on a stream of its own; resolves when etcd has begun. The library's watcher is not used: it resumes
 * by itself, at a revision that may be compacted by then, and waits for etcd to agree to its end.
 */
export async function openWatch(
  stream: IDuplexStream<IWatchRequest, IWatchResponse>,
  request: NonNullable<IWatchRequest['create_request']>,
  listener: WatchListener,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let over = false;
    const end = (why: 'compacted' | Error): void => {
      if (over) return;
      over = true;
      if (why === 'compacted') resolve();
      else reject(why);
      listener.ended(why);
    };
    stream.on('error', end);
    stream.on('end', () => end(new Error('the stream ended')));
    stream.on('data', (answer) => {
      if (over) return;
      if (answer.canceled) {
        end(BigInt(answer.compact_revision) > 0n ? 'compacted' : new Error('it ended the watch'));
        return;
      }
      if (answer.events.length > 0) listener.events(answer.events.map(watchEvent));
      if (answer.created) resolve();
    });
    stream.write({ create_request: request });
  });
}

function watchEvent({ type, kv }: IWatchResponse['events'][number]): WatchEvent {
  const key = kv.key.toString('latin1');
  return type.toLowerCase() === 'delete'
    ? { kind: 'delete', key }
    : { kind: 'put', key, value: kv.value, revision: BigInt(kv.mod_revision) };
}
