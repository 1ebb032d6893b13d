import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bid } from '../../model/bid.js';
import { createOrder } from '../../model/createOrder.js';
import { boundedAdmission } from '../../shop/admission.js';
import { cheapestFirst, choose, whyDiscarded } from '../../shop/choice.js';
import { createEventLog } from '../../shop/eventLog.js';
import { boundedHints } from '../../shop/hints.js';
import { noBidError } from '../../shop/noBid.js';
import { produceDeadlineMilliseconds } from '../../shop/produceDeadline.js';
import { seededRandom } from '../../shop/random.js';
import { checkVmid, vmidFromRandom, vmidFromRequestId } from '../../shop/vmid.js';
import { all } from './testShop.js';

const digest = 'd'.repeat(64);
const bid = (plant: string, cost: number, orderDigest = digest): { readonly bid: Bid } => ({
  bid: {
    plant,
    cost,
    orderDigest,
    components: [],
    image: 'i',
    rung: 'warm',
    prepared: false,
    residualSeconds: 0,
    holdsForMilliseconds: 1000,
  },
});

describe('the choice of a bid', () => {
  it('is always a cheapest one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }), fc.integer(), (costs, seed) => {
        const offers = costs.map((cost, index) => bid(`p${index}`, cost));
        expect(choose(offers, seededRandom(seed))?.bid.cost).toBe(Math.min(...costs));
      }),
    );
  });

  it('does not depend on the order in which the bids came', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }),
        fc.integer(),
        (names, seed) => {
          const pick = (order: readonly string[]) =>
            choose(
              order.map((name) => bid(name, 1)),
              seededRandom(seed),
            )?.bid.plant;
          expect(pick(names)).toBe(pick(['a', 'b', 'c', 'd']));
        },
      ),
    );
  });

  it('gives everyone of the cheapest a fair chance', () => {
    const random = seededRandom(42);
    const offers = [bid('a', 1), bid('b', 1), bid('c', 1), bid('d', 2)];
    const won = new Map<string | undefined, number>();
    for (let run = 0; run < 3000; run++) {
      const name = choose(offers, random)?.bid.plant;
      won.set(name, (won.get(name) ?? 0) + 1);
    }
    expect([...won.keys()].sort()).toEqual(['a', 'b', 'c']);
    for (const times of won.values()) expect(times).toBeGreaterThan(850);
  });

  it('is none without offers', () => {
    expect(choose([], Math.random)).toBeUndefined();
  });

  it('sorts by cost, then name', () => {
    const sorted = cheapestFirst([bid('c', 2), bid('b', 1), bid('a', 2)]);
    expect(sorted.map((offer) => offer.bid.plant)).toEqual(['b', 'a', 'c']);
  });

  it('discards what must not be taken', () => {
    const why = (cost: number, orderDigest = digest) => whyDiscarded(bid('p', cost, orderDigest).bid, digest);
    expect([why(0), why(-0), why(1e300)]).toEqual([undefined, undefined, undefined]);
    for (const cost of [Number.NaN, -1e-9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(why(cost)).toEqual(expect.any(String));
    }
    expect(why(1, 'e'.repeat(64))).toMatch(/another order/);
  });
});

describe('a VMID', () => {
  it('has the form that every plant expects', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 17, maxLength: 40 }), (bytes) => {
        const vmid = vmidFromRandom(bytes);
        expect(vmid).toMatch(/^vm-[a-z2-7]{26}$/);
        expect(checkVmid(vmid)).toBe(vmid);
      }),
    );
  });

  it('holds 130 bits of what it is made of', () => {
    expect(vmidFromRandom(new Uint8Array(17))).toBe(`vm-${'a'.repeat(26)}`);
    expect(vmidFromRandom(new Uint8Array(17).fill(255))).toBe(`vm-${'7'.repeat(26)}`);
    // Every one of the first 130 bits counts.
    const seen = new Set<string>();
    for (let bit = 0; bit < 130; bit++) {
      const bytes = new Uint8Array(17);
      bytes[bit >> 3] = 128 >> (bit & 7);
      seen.add(vmidFromRandom(bytes));
    }
    expect(seen.size).toBe(130);
    expect(() => vmidFromRandom(new Uint8Array(16))).toThrow(RangeError);
  });

  it('of a request ID stays the same for ever, and differs by domain', () => {
    expect(vmidFromRequestId('default', 'job-1')).toBe(vmidFromRequestId('default', 'job-1'));
    expect(vmidFromRequestId('default', 'job-1')).toBe('vm-xkdgrfd3by665sy4d42t3lw6i2');
    expect(vmidFromRequestId('ab', 'c')).not.toBe(vmidFromRequestId('a', 'bc'));
  });
});

describe('the deadline of a production', () => {
  it('holds everything that its actions may take', () => {
    const order = createOrder({
      operatingSystem: { name: 'debian' },
      actions: [
        { name: 'a', script: 'x', timeout: 1000 },
        {
          name: 'b',
          script: 'x',
          timeout: 10,
          onError: { retries: 3, handler: { actions: [{ name: 'h', script: 'x', timeout: 7 }] } },
        },
        { name: 'c', host: { addDisk: { size: 100 } } },
      ],
    });
    expect(produceDeadlineMilliseconds(order)).toBe((15 * 60 + 1000 + 40 + 7 + 60) * 1000);
  });

  it('is never more than a call can have', () => {
    const actions = Array.from({ length: 1000 }, (_, index) => ({
      name: `a${index}`,
      script: 'x',
      timeout: '1d',
    }));
    const order = createOrder({ operatingSystem: { name: 'debian' }, actions });
    expect(produceDeadlineMilliseconds(order)).toBeLessThan(2 ** 31);
  });
});

describe('the error of an auction without bids', () => {
  const refusal = (code: string) => ({ plant: `p-${code}`, code, reason: 'because', rejected: [] });
  it.each([
    [[], 'UNAVAILABLE', 'NO_PLANTS'],
    [['UNAVAILABLE', 'DEADLINE_EXCEEDED'], 'UNAVAILABLE', 'PLANTS_UNREACHABLE'],
    [['UNAVAILABLE', 'FAILED_PRECONDITION'], 'FAILED_PRECONDITION', 'NO_MATCHING_IMAGE'],
    [['FAILED_PRECONDITION', 'RESOURCE_EXHAUSTED'], 'RESOURCE_EXHAUSTED', 'PLANTS_FULL'],
    [['DATA_LOSS'], 'FAILED_PRECONDITION', 'NO_BID'],
  ])('%j', (codes, code, reason) => {
    const error = noBidError(codes.map(refusal), undefined);
    expect([error.code, error.reason]).toEqual([code, reason]);
    for (const one of codes) expect(error.message).toContain(`p-${one}: ${one}: because`);
  });

  it('tells a reason that many plants share once', () => {
    const plants = Array.from({ length: 8 }, (_, index) => ({
      ...refusal('UNAVAILABLE'),
      plant: `p${index}`,
    }));
    const other = { ...refusal('UNAVAILABLE'), plant: 'other', reason: 'another' };
    expect(noBidError([...plants, other], undefined).message).toBe(
      'no plant made a bid. p0, p1 and 6 more: UNAVAILABLE: because; other: UNAVAILABLE: another',
    );
    const different = Array.from({ length: 30 }, (_, index) => ({ ...other, reason: `because ${index}` }));
    expect(noBidError(different, undefined).message).toMatch(/because 19; and 10 more$/);
  });

  it('says that the registry is away where nobody is known', () => {
    expect(noBidError([], 'etcd does not answer')).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'PLANTS_UNCERTAIN',
      message: 'no plant made a bid: etcd does not answer',
      hint: expect.stringContaining('etcd'),
    });
  });
});

describe('admission', () => {
  it('lets in as many as it says, then in order, then nobody', async () => {
    const admission = boundedAdmission(2, 2);
    const [first, second, third, fourth] = [0, 1, 2, 3].map(() => admission.enter());
    expect(() => admission.enter()).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }));
    await Promise.all([first?.turn, second?.turn]);
    const order: string[] = [];
    void third?.turn.then(() => order.push('third'));
    void fourth?.turn.then(() => order.push('fourth'));
    second?.leave();
    second?.leave();
    await third?.turn;
    expect(order).toEqual(['third']);
    first?.leave();
    await fourth?.turn;
    expect(order).toEqual(['third', 'fourth']);
  });

  it('forgets who leaves before the turn came', async () => {
    const admission = boundedAdmission(1, 1);
    const running = admission.enter();
    admission.enter().leave();
    const next = admission.enter();
    running.leave();
    await next.turn;
    expect(() => admission.enter()).not.toThrow();
  });
});

describe('a log of events', () => {
  it('gives every reader everything, whenever it comes', async () => {
    const log = createEventLog<number>();
    const never = new AbortController().signal;
    log.push(1);
    const early = all(log.read(never));
    log.push(2);
    await Promise.resolve();
    log.push(3);
    log.end();
    expect(await early).toEqual([1, 2, 3]);
    expect(await all(log.read(never))).toEqual([1, 2, 3]);
  });

  it('fails for every reader, after the last event', async () => {
    const log = createEventLog<number>();
    const read: number[] = [];
    const reader = (async () => {
      for await (const event of log.read(new AbortController().signal)) read.push(event);
    })();
    log.push(1);
    log.fail(new Error('over'));
    await expect(reader).rejects.toThrow('over');
    expect(read).toEqual([1]);
  });

  it('lets a reader go that aborts', async () => {
    const log = createEventLog<number>();
    const controller = new AbortController();
    const reader = all(log.read(controller.signal));
    controller.abort(new Error('enough'));
    await expect(reader).rejects.toThrow('enough');
  });
});

describe('hints', () => {
  it('are bounded, the oldest goes first', () => {
    const hints = boundedHints(2);
    hints.set('a', '1');
    hints.set('b', '2');
    hints.set('a', '3');
    hints.set('c', '4');
    expect(['a', 'b', 'c'].map(hints.get)).toEqual(['3', undefined, '4']);
    hints.forget('a');
    expect(hints.get('a')).toBeUndefined();
  });
});
