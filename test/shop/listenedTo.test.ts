import { once } from 'node:events';
import { expect, it } from 'vitest';
import { openPlantClient } from '../../proto/plantClient.js';
import { listenedTo } from '../../shop/listenedTo.js';
import { all, rejection } from './testShop.js';

it('a stream whose other side can not even be asked ends as a silent one', async () => {
  const client = openPlantClient({ address: '127.0.0.1:1' });
  client.close();
  const stream = listenedTo(
    (signal) => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          if (!signal.aborted) await once(signal, 'abort');
          throw signal.reason;
        },
      }),
    }),
    {
      milliseconds: 20,
      now: () => performance.now(),
      signal: new AbortController().signal,
      ask: (options) => client.query({ vmid: 'v' }, options),
    },
  );
  expect((await rejection(all(stream))).code).toBe('DEADLINE_EXCEEDED');
});
