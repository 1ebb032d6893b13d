import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { protoPath as healthProto, type service as healthService } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../proto/channel.js';
import { openChannel } from '../../proto/channel.js';
import { contracts } from '../../proto/load.js';
import { machine, openStage, rejection, SOON } from '../shop/testShop.js';

const { plant, shop } = contracts();

const stage = openStage();
const channels: Channel[] = [];
afterEach(async () => {
  for (const channel of channels.splice(0)) channel.close();
  await stage.clear();
});

async function start() {
  const scripted = await stage.plant({ name: 'a' });
  const { channel } = await stage.shop([scripted]);
  const toPlant = openChannel({ address: scripted.address });
  channels.push(toPlant);
  return { scripted, toShop: channel, toPlant };
}

/** Field 1 of every request that has a machine in this test: `machine`, with so many empty fields of one kind. */
function bomb(tag: number, megabytes: number): Buffer {
  const inner = Buffer.alloc(megabytes * 1024 * 1024, Buffer.from([tag, 0]));
  const length = [0, 7, 14, 21].map((shift) => (inner.length >>> shift) & 0x7f);
  const varint = length.map((bits, index) => (index < 3 ? bits | 0x80 : bits));
  return Buffer.concat([Buffer.from([0x0a, ...varint]), inner]);
}

const ACTIONS = 0x3a;
const IDENTITY = 0x32;

describe('a server', () => {
  it.each([
    ['actions', ACTIONS],
    ['entries of a map', IDENTITY],
  ])('refuses a request of millions of %s before it makes them, and goes on serving', async (_, tag) => {
    const { scripted, toShop, toPlant } = await start();
    const bytes = bomb(tag, 60);
    const errors = [
      await rejection(toShop.unary({ ...shop.Bids, requestSerialize: () => bytes }, {}, SOON)),
      await rejection(toPlant.unary({ ...plant.Bid, requestSerialize: () => bytes }, {}, SOON)),
    ];
    for (const error of errors) {
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.reason).toBe('INVALID_REQUEST');
      expect(error.message).toContain('expected at most 100000 values in a message, found more');
    }
    expect(scripted.calls).toEqual([]);
    expect((await toShop.unary(shop.Bids, { machine }, SOON)).bids).toHaveLength(1);
    expect((await toPlant.unary(plant.Bid, { machine }, SOON)).bid?.plant).toBe('a');
  });

  it('refuses a health check of millions of names', async () => {
    const { toShop } = await start();
    const service = loadSync(healthProto)['grpc.health.v1.Health'] as typeof healthService;
    const { Check } = service;
    if (Check === undefined) return expect.unreachable('the health service has no Check');
    const flood = {
      ...Check,
      requestSerialize: () => Buffer.alloc(60 * 1024 * 1024, Buffer.from([0x0a, 0])),
    };
    const error = await rejection(toShop.unary(flood as never, {} as never, SOON));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(error.message).toContain('expected at most 65536 bytes');
    expect(await toShop.unary(Check as never, { service: '' } as never, SOON)).toMatchObject({ status: 1 });
  });

  it('takes a request with large files', async () => {
    const { toShop } = await start();
    const content = Buffer.alloc(16 * 1024 * 1024, Buffer.from([ACTIONS, 0]));
    const files = [{ path: 'f', content }];
    const request = { machine: { ...machine, actions: [{ name: 'a', guest: { script: 'x', files } }] } };
    expect((await toShop.unary(shop.Bids, request, SOON)).bids).toHaveLength(1);
  });

  it('refuses a stream at the message that is none, and ends it', async () => {
    const { toShop } = await start();
    const broken = { ...shop.Console, requestSerialize: () => Buffer.from([0x0f]) };
    const input = async function* (): AsyncGenerator<object> {
      yield {};
    };
    const answers = (async () => {
      for await (const _ of toShop.bidi(broken, input(), SOON)) expect.unreachable('an answer');
    })();
    expect(await rejection(answers)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_REQUEST' });
    const created = { ...shop.Create, requestSerialize: () => Buffer.from([0x0f]) };
    const events = (async () => {
      for await (const _ of toShop.serverStream(created, {}, SOON)) expect.unreachable('an event');
    })();
    expect(await rejection(events)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_REQUEST' });
    expect((await toShop.unary(shop.Bids, { machine }, SOON)).bids).toHaveLength(1);
  });

  it('answers random bytes with a status and goes on serving', async () => {
    const { toShop, toPlant } = await start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (noise) => {
        const requestSerialize = (): Buffer => Buffer.from(noise);
        const settled = await Promise.allSettled([
          toShop.unary({ ...shop.Bids, requestSerialize }, {}, SOON),
          toShop.unary({ ...shop.Query, requestSerialize }, {}, SOON),
          toPlant.unary({ ...plant.Bid, requestSerialize }, {}, SOON),
        ]);
        for (const result of settled) {
          if (result.status === 'rejected')
            expect(['INVALID_ARGUMENT', 'NOT_FOUND']).toContain(result.reason.code);
        }
      }),
      { numRuns: 200 },
    );
    expect((await toShop.unary(shop.Bids, { machine }, SOON)).bids).toHaveLength(1);
  });
});
