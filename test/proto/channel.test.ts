import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { serverStream, unary } from '../../proto/handler.js';
import { openPlantClient } from '../../proto/plantClient.js';
import { startPlant } from '../shop/scriptedPlant.js';
import { all, rejection, SOON } from '../shop/testShop.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open() {
  const plant = await startPlant({
    name: 'p',
    handlers: (logger) => ({
      Describe: unary(async () => ({ name: 'p' }), logger),
      Status: serverStream(async function* (_, { signal }) {
        yield { name: 'p' };
        if (!signal.aborted) await once(signal, 'abort');
      }, logger),
    }),
  });
  ends.push(plant.stop);
  const running: number[] = [];
  const client = openPlantClient({ address: plant.address, onCalls: (now) => running.push(now) });
  ends.push(client.close);
  return { client, running };
}

describe('a channel that was closed', () => {
  it('says of every call that it is not connected, and stays closed', async () => {
    const { client } = await open();
    await client.describe({}, SOON);
    client.close();
    for (const one of [client, client.through(['b'])]) {
      for (const call of [
        () => one.describe({}, SOON),
        () => all(one.status({}, SOON)),
        () => all(one.console((async function* () {})(), SOON)),
        () => one.connect(SOON),
      ]) {
        const { code, reason } = await rejection(call());
        expect([code, reason]).toEqual(['UNAVAILABLE', 'NOT_CONNECTED']);
      }
    }
  });

  it('lets the calls that run go on', async () => {
    const { client } = await open();
    const leave = new AbortController();
    const stream = client.status({}, { ...SOON, signal: leave.signal });
    expect((await stream.next()).value).toMatchObject({ name: 'p' });
    client.close();
    const next = stream.next();
    leave.abort();
    expect((await rejection(next)).code).toBe('CANCELLED');
  });
});

it('a channel tells how many calls run, of whatever kind and however they end', async () => {
  const { client, running } = await open();
  await client.connect(SOON);
  await client.describe({}, SOON);
  await rejection(client.query({ vmid: 'none' }, SOON));
  expect(running).toEqual([1, 0, 1, 0, 1, 0]);
  const stream = client.through(['b']).status({}, SOON);
  await stream.next();
  await client.describe({}, SOON);
  expect(running.slice(6)).toEqual([1, 2, 1]);
  await stream.return();
  const cut = new AbortController();
  const cutOff = client.status({}, { ...SOON, signal: cut.signal });
  await cutOff.next();
  cut.abort();
  await rejection(cutOff.next());
  expect(running.at(-1)).toBe(0);
  expect(Math.min(...running)).toBe(0);
});
