import type { Clock } from './clock.js';
import { type EtcdStore, openEtcdStore } from './etcdStore.js';

/** The members of one etcd, used one at a time. */
export interface Members {
  /** Calls to the current member. */
  store(): EtcdStore;
  /**
   * Gives the current member up for the next one.
   * @returns whether all of them have failed since the last success: etcd is away
   */
  failed(): boolean;
  succeeded(): void;
  close(): void;
}

export function openMembers(endpoints: readonly string[], clock: Clock, signal: AbortSignal): Members {
  let turn = 0;
  let failures = 0;
  let current: EtcdStore | undefined;
  const close = (): void => {
    current?.close();
    current = undefined;
  };
  return {
    store: () => {
      current ??= openEtcdStore(endpoints[turn % endpoints.length] ?? '', clock, signal);
      return current;
    },
    failed: () => {
      close();
      turn += 1;
      failures += 1;
      return failures >= endpoints.length;
    },
    succeeded: () => {
      failures = 0;
    },
    close,
  };
}
