import type { InformationSystem } from './info/informationSystem.js';
import type { VmChange } from './info/record.js';
import { shownVm } from './shownVm.js';

export type WatchEvent = VmChange | { readonly kind: 'listed' };

/**
 * All VMs, then `listed`, then every change of one until the signal is aborted. A slow follower misses what a VM was
 * in between, never what it is: only the last change of each waits, so that it cannot make the plant's memory grow.
 */
export async function* watchVms(
  info: InformationSystem,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const waiting = new Map<string, VmChange>();
  let wake: () => void = () => undefined;
  const unsubscribe = info.subscribe((change) => {
    const vmid = change.kind === 'gone' ? change.vmid : change.vm.vmid;
    // Taken out first: the latest change goes to the end.
    waiting.delete(vmid);
    waiting.set(vmid, change);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (const { vm } of info.records()) yield { kind: 'changed', vm: shownVm(vm) };
    yield { kind: 'listed' };
    while (!signal.aborted) {
      const [next] = waiting;
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      waiting.delete(next[0]);
      const change = next[1];
      yield change.kind === 'changed' ? { kind: 'changed', vm: shownVm(change.vm) } : change;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
