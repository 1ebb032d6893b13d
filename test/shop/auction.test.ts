import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { unary } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import { orderFromMachineRequest } from '../../proto/mapping/machineRequest.js';
import { until } from '../registry/etcd/until.js';
import type { PlantScript } from './scriptedPlant.js';
import { all, createdVm, machine, openStage, rejection, SOON } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Bids, Plan } = contracts().shop;

/** Takes the question and never answers. */
const stalls: PlantScript['handlers'] = (logger) => ({
  Bid: unary(async (_, { signal }) => {
    await once(signal, 'abort');
    throw signal.reason;
  }, logger),
});

const refuses =
  (error: VmplantsError): PlantScript['handlers'] =>
  (logger) => ({
    Bid: unary(() => Promise.reject(error), logger),
  });

describe('an auction', () => {
  it('gives the order to the cheapest', async () => {
    const dear = await stage.plant({ name: 'dear', cost: 30 });
    const cheap = await stage.plant({ name: 'cheap', cost: 3 });
    const middling = await stage.plant({ name: 'middling', cost: 7 });
    const shop = await stage.shop([dear, cheap, middling]);
    const events = await all(shop.create());
    const auction = events.find((event) => event.auction)?.auction;
    expect(auction?.winner).toBe('cheap');
    expect(auction?.bids.map((bid) => [bid.plant, bid.cost])).toEqual([
      ['cheap', 3],
      ['middling', 7],
      ['dear', 30],
    ]);
    expect(events.at(-1)?.vm?.plant).toBe('cheap');
    expect([dear.vms.size, middling.vms.size]).toEqual([0, 0]);
  });

  it('goes on without a plant that stalls', async () => {
    const stalled = await stage.plant({ name: 'stalled', cost: 1, handlers: stalls });
    const other = await stage.plant({ name: 'other', cost: 5 });
    const shop = await stage.shop([stalled, other], { limits: { bidMilliseconds: 200 } });
    const events = await all(shop.create());
    expect(events.at(-1)?.vm?.plant).toBe('other');
    expect(events.find((event) => event.auction)?.auction?.refusals).toEqual([
      { plant: stalled.address, code: 'DEADLINE_EXCEEDED', reason: 'no bid within 0.2 s', rejected: [] },
    ]);
  });

  it('waits only for a moment for a plant that stalled before, until it answers again', async () => {
    let stalling = true;
    const stalled = await stage.plant({
      name: 'stalled',
      handlers: (logger) => ({
        Bid: unary(async ({ machine: asked }, { signal }) => {
          if (stalling) {
            await once(signal, 'abort');
            throw signal.reason;
          }
          const { digest } = orderFromMachineRequest(asked);
          return { bid: { plant: 'stalled', orderDigest: digest, cost: 1, rung: 'warm' } };
        }, logger),
      }),
    });
    const other = await stage.plant({ name: 'other', cost: 5, capacity: 100 });
    const shop = await stage.shop([stalled, other], { limits: { bidMilliseconds: 1_000 } });
    const bidsNow = () => shop.channel.unary(Bids, { machine }, SOON);
    expect((await bidsNow()).refusals.map(({ reason }) => reason)).toEqual(['no bid within 1 s']);
    expect((await bidsNow()).refusals.map(({ reason }) => reason)).toEqual([
      'it was silent in the last auction, and for 0.25 s in this one',
    ]);
    stalling = false;
    await until('it bids again', async () => (await bidsNow()).bids.length === 2);
    expect((await bidsNow()).refusals).toEqual([]);
  });

  it('waits for plants that stalled before when nobody else offers', async () => {
    let stalling = true;
    const slow: PlantScript['handlers'] = (logger) => ({
      Bid: unary(async ({ machine: asked }, { signal }) => {
        if (stalling) {
          await once(signal, 'abort');
          throw signal.reason;
        }
        // Longer than suspects are waited for where there is another offer.
        await new Promise((resolve) => setTimeout(resolve, 400));
        const { digest } = orderFromMachineRequest(asked);
        return { bid: { plant: 'slow', orderDigest: digest, cost: 1, rung: 'warm' } };
      }, logger),
    });
    const plant = await stage.plant({ name: 'slow', handlers: slow });
    const shop = await stage.shop([plant], { limits: { bidMilliseconds: 1_500 } });
    expect((await shop.channel.unary(Bids, { machine }, SOON)).bids).toEqual([]);
    stalling = false;
    expect((await shop.channel.unary(Bids, { machine }, SOON)).bids).toHaveLength(1);
  });

  it.each([
    ['not a number', { cost: Number.NaN }, /finite/],
    ['negative', { cost: -1 }, /not negative/],
    ['infinite', { cost: Number.POSITIVE_INFINITY }, /finite/],
    ['less than everything', { cost: Number.NEGATIVE_INFINITY }, /finite/],
    ['for another order', { orderDigest: 'e'.repeat(64) }, /another order/],
    ['on an unknown rung', { rung: 'lukewarm' }, /rung/],
  ])('discards a bid that is %s, and names it in the log', async (_, wrong, why) => {
    const odd = await stage.plant({ name: 'odd', bid: (bid) => ({ ...bid, cost: 1, ...wrong }) });
    const sound = await stage.plant({ name: 'sound', cost: 50 });
    const shop = await stage.shop([odd, sound]);
    expect((await createdVm(shop.create())).plant).toBe('sound');
    expect(shop.logger.records).toContainEqual({
      level: 'warn',
      fields: expect.objectContaining({ address: odd.address, why: expect.stringMatching(why) }),
      message: 'a bid was discarded',
    });
    expect(odd.calls).toEqual(['Bid']);
  });

  it('breaks a tie at random, the same way for the same seed', async () => {
    const plants = [
      await stage.plant({ name: 'a', capacity: 100 }),
      await stage.plant({ name: 'b', capacity: 100 }),
      await stage.plant({ name: 'c', capacity: 100, cost: 11 }),
    ];
    const winners = async (seed: number): Promise<string> => {
      const shop = await stage.shop(plants, { seed });
      let names = '';
      for (let run = 0; run < 12; run++) names += (await createdVm(shop.create())).plant;
      return names;
    };
    const first = await winners(7);
    expect(await winners(7)).toBe(first);
    expect(await winners(8)).not.toBe(first);
    expect(new Set(first)).toEqual(new Set('ab'));
  });
});

describe('when the plant that won cannot take the order after all', () => {
  it('the next bid is taken', async () => {
    const full = await stage.plant({ name: 'full', cost: 1, capacity: 0 });
    const next = await stage.plant({ name: 'next', cost: 2 });
    const shop = await stage.shop([full, next]);
    const events = await all(shop.create());
    expect(events.flatMap((event) => event.auction?.winner ?? [])).toEqual(['full', 'next']);
    expect(events.at(-1)?.vm?.plant).toBe('next');
    // The bids of the first auction still hold: nobody is asked twice.
    expect(next.calls).toEqual(['Bid', 'Reserve', 'Produce', 'Claim']);
  });

  it('one that went away after its bid counts as one that did not take it', async () => {
    const gone = await stage.plant({ name: 'gone', cost: 1 });
    const next = await stage.plant({
      name: 'next',
      cost: 2,
      // Its bid comes last, and when it comes the other plant is gone.
      handlers: (logger) => ({
        Bid: unary(async ({ machine: asked }) => {
          while (!gone.calls.includes('Bid')) await new Promise(setImmediate);
          await gone.drain();
          const { digest } = orderFromMachineRequest(asked);
          return {
            bid: { plant: 'next', orderDigest: digest, cost: 2, rung: 'warm', holdsForMilliseconds: 60_000 },
          };
        }, logger),
      }),
    });
    const shop = await stage.shop([gone, next]);
    const events = await all(shop.create());
    expect(events.flatMap((event) => event.auction?.winner ?? [])).toEqual(['gone', 'next']);
    expect(events.at(-1)?.vm?.plant).toBe('next');
    expect(gone.calls).toEqual(['Bid']);
  });

  it('bids that hold no longer are asked for again, three times in all', async () => {
    const full = await stage.plant({
      name: 'full',
      capacity: 0,
      bid: (bid) => ({ ...bid, holdsForMilliseconds: 0 }),
    });
    const shop = await stage.shop([full]);
    const error = await rejection(all(shop.create()));
    expect([error.code, error.reason]).toEqual(['RESOURCE_EXHAUSTED', 'PLANTS_FULL']);
    expect(error.message).toContain('full is full');
    expect(full.calls).toEqual(['Bid', 'Reserve', 'Bid', 'Reserve', 'Bid', 'Reserve']);
  });

  it('every offer of the auction is turned to, and nobody is asked twice', async () => {
    const plants = await Promise.all(
      [1, 2, 3, 4, 5].map((cost) => stage.plant({ name: `p${cost}`, cost, capacity: cost < 5 ? 0 : 8 })),
    );
    const shop = await stage.shop(plants);
    expect((await createdVm(shop.create())).plant).toBe('p5');
    const refused = ['Bid', 'Reserve'];
    expect(plants.map(({ calls }) => calls)).toEqual([
      ...[1, 2, 3, 4].map(() => refused),
      [...refused, 'Produce', 'Claim'],
    ]);
  });
});

describe('without a bid', () => {
  const none = new VmplantsError('FAILED_PRECONDITION', 'no golden image matches', {
    reason: 'NO_MATCHING_IMAGE',
  });
  const full = new VmplantsError('RESOURCE_EXHAUSTED', 'all 8 places are taken', { reason: 'NO_VM_SLOT' });

  it.each<[string, readonly PlantScript['handlers'][], string, string]>([
    ['no image matches', [refuses(none), refuses(none)], 'FAILED_PRECONDITION', 'NO_MATCHING_IMAGE'],
    ['a matching plant is full', [refuses(none), refuses(full)], 'RESOURCE_EXHAUSTED', 'PLANTS_FULL'],
    ['nobody answers', [stalls, stalls], 'UNAVAILABLE', 'PLANTS_UNREACHABLE'],
    ['who answers has no image', [stalls, refuses(none)], 'FAILED_PRECONDITION', 'NO_MATCHING_IMAGE'],
  ])('because %s, the error says so', async (_, handlers, code, reason) => {
    const plants = await Promise.all(
      handlers.map((one, index) => stage.plant({ name: `p${index}`, ...(one ? { handlers: one } : {}) })),
    );
    const shop = await stage.shop(plants, { limits: { bidMilliseconds: 200 } });
    const received: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const event of shop.create()) received.push(event);
      })(),
    );
    expect([error.code, error.reason]).toEqual([code, reason]);
    // Plants that answer are called by their names.
    plants.forEach((plant, index) => {
      expect(error.message).toContain(handlers[index] === stalls ? plant.address : plant.name);
    });
    expect(received).toContainEqual(
      expect.objectContaining({
        auction: expect.objectContaining({ winner: '', refusals: [expect.anything(), expect.anything()] }),
      }),
    );
  });

  it('because there are no plants, the error says so', async () => {
    const shop = await stage.shop([]);
    const error = await rejection(all(shop.create()));
    expect([error.code, error.reason]).toEqual(['UNAVAILABLE', 'NO_PLANTS']);
  });

  it('an unreachable plant alone is UNAVAILABLE', async () => {
    const plant = await stage.plant({ name: 'p' });
    await plant.stop();
    const shop = await stage.shop([plant]);
    expect((await rejection(all(shop.create()))).code).toBe('UNAVAILABLE');
    const repeated = await rejection(all(shop.create({ machine, requestId: 'fresh' })));
    expect([repeated.code, repeated.message]).toEqual(['UNAVAILABLE', `no plant answers (${plant.address})`]);
  });
});

describe('a dry run', () => {
  it('asks for plans and creates nothing', async () => {
    const dear = await stage.plant({ name: 'dear', cost: 9 });
    const cheap = await stage.plant({ name: 'cheap', cost: 2 });
    const without = await stage.plant({
      name: 'without',
      handlers: (logger) => ({
        Bid: unary(
          async () => ({
            rejected: [{ image: 'debian-11', test: 'operating-system', reason: 'is debian 11' }],
          }),
          logger,
        ),
      }),
    });
    const shop = await stage.shop([dear, cheap, without]);
    const plan = await shop.channel.unary(Plan, { machine }, SOON);
    expect(plan.bids.map((bid) => bid.plant)).toEqual(['cheap', 'dear']);
    expect(plan.plans.map((one) => [one.plant, one.image])).toEqual([
      ['cheap', 'debian-12'],
      ['dear', 'debian-12'],
    ]);
    expect(plan.refusals).toEqual([
      {
        plant: without.address,
        code: 'FAILED_PRECONDITION',
        reason: 'no golden image matches, of 1',
        rejected: [{ image: 'debian-11', test: 'operating-system', action: '', reason: 'is debian 11' }],
      },
    ]);
    const bids = await shop.channel.unary(Bids, { machine }, SOON);
    expect(bids.bids.map((bid) => bid.cost)).toEqual([2, 9]);
    expect([...dear.calls, ...cheap.calls]).toEqual(['Bid', 'Bid', 'Bid', 'Bid']);
  });
});
