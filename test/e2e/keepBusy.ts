import type { VmshopClient } from '../../shop/client.js';
import { microRequest } from './requests.js';

/** A creation that goes on until it is ended: while it does, its plant does nothing in the background. */
export interface Busy {
  readonly end: () => Promise<void>;
}

/** Resolves when it goes on. The plant learns nothing of it, because it is never finished. */
export async function keepBusy(shop: VmshopClient): Promise<Busy> {
  const request = microRequest([{ name: 'busy', timeout: '1h', script: 'sleep 3600\n' }]);
  const events = shop.createEvents(request);
  let vmid: string | undefined;
  for (;;) {
    const { value } = await events.next();
    if (value === undefined || value.kind === 'vm') throw new Error('expected a creation that goes on');
    if (value.kind === 'accepted') ({ vmid } = value);
    if (value.kind === 'plan') break;
  }
  const going = vmid ?? '';
  const over = (async () => {
    for await (const _ of events);
  })().then(
    () => new Error('expected the creation to be ended, it ended by itself'),
    () => undefined,
  );
  return {
    end: async () => {
      await shop.collect(going);
      const wrong = await over;
      if (wrong !== undefined) throw wrong;
    },
  };
}
