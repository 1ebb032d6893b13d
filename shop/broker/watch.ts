import type { WatchEvent, WatchEvent__Output } from '../../proto/gen/vmplants/v1/WatchEvent.js';
import type { Registry } from '../../registry/registry.js';
import { followPlants } from '../followPlants.js';
import type { PlantLinks } from '../plantLinks.js';
import { createBell } from './bell.js';
import { createVmsBehind, type News } from './vmsBehind.js';

export interface WatchOptions {
  /** Within which a plant that is silent at first is not waited for any longer. */
  readonly listMilliseconds: number;
  /** How long one stream may stay open; it is opened again then. */
  readonly streamMilliseconds: number;
}

/**
 * All VMs of all plants, then `listed`, then every change of one, until the signal is aborted. A plant that goes away is
 * waited for: its VMs are not gone, and what became of them meanwhile is told when it is back. A slow reader misses what
 * a VM was in between, never what it is.
 */
export async function* watchPlants(
  links: PlantLinks,
  registry: Pick<Registry, 'onChange'>,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const bell = createBell();
  const vms = createVmsBehind();
  const waiting = new Map<string, News>();
  /** Plants whose VMs have not been told of for the first time. */
  const unlisted = new Set(links.all().map(({ address }) => address));
  const tell = (news: News): void => {
    // Taken out first: the latest change goes to the end.
    waiting.delete(news.vmid);
    waiting.set(news.vmid, news);
    bell.ring();
  };
  const noLongerAwaited = (address: string): void => {
    unlisted.delete(address);
    bell.ring();
  };
  const ended = new AbortController();
  const timer = setTimeout(() => {
    unlisted.clear();
    bell.ring();
  }, options.listMilliseconds);
  const end = (): void => ended.abort();
  signal.addEventListener('abort', end, { once: true });
  followPlants<WatchEvent__Output>(
    links,
    registry,
    {
      open: (plant, one) => plant.watch({}, { timeoutMilliseconds: options.streamMilliseconds, signal: one }),
      onOpen: (address) => vms.listing(address),
      onMessage: (address, event) => {
        if (event.changed) tell(vms.changed(address, event.changed));
        else if (event.gone) tell(vms.gone(address, event.gone));
        else if (event.listed) {
          for (const news of vms.listed(address)) tell(news);
          noLongerAwaited(address);
        }
      },
      onBroken: noLongerAwaited,
      onLeft: noLongerAwaited,
    },
    ended.signal,
  );
  try {
    let listed = false;
    while (!signal.aborted) {
      const [next] = waiting.values();
      if (next !== undefined) {
        waiting.delete(next.vmid);
        yield next.vm === undefined ? { gone: next.vmid } : { changed: next.vm };
      } else if (!listed && unlisted.size === 0) {
        listed = true;
        yield { listed: true };
      } else {
        await bell.heard(signal);
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    ended.abort();
  }
}
