import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import { unary } from '../../../proto/handler.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
import { freeAddress, openBrokerStage, type TestBroker } from './brokerStage.js';

const stage = openBrokerStage();
afterEach(() => stage.clear());

const request = { hardware: { memory: 256 }, operatingSystem: { name: 'fake' }, actions: [] };
const SOON = { timeoutMilliseconds: 15_000 };

/** Brokers that each know the next, the last the first and besides what is given; the first comes first. */
async function circle(
  length: number,
  besides: readonly { readonly address: string }[],
): Promise<readonly TestBroker[]> {
  const first = await freeAddress();
  const brokers: TestBroker[] = [];
  for (let number = length; number >= 1; number -= 1) {
    const next = brokers[0];
    brokers.unshift(
      await stage.broker(next === undefined ? [{ address: first }, ...besides] : [next], {
        name: `b${number}`,
        ...(number === 1 ? { address: first } : {}),
      }),
    );
  }
  return brokers;
}

describe.each([1, 2, 3])('a circle of %i', (length) => {
  it('is left out and said in the log, and everything behind it is served', async () => {
    const noImage = unary(async () => {
      throw new VmplantsError('NOT_FOUND', 'there is no such image');
    }, recordingLogger());
    const plant = await stage.plant('plant-1', {}, { UpdateImage: noImage });
    const brokers = await circle(length, [plant]);
    const [first] = brokers;
    const shop = await stage.shop(first === undefined ? [] : [first]);

    const chain = brokers.map((_, index) => `b${index + 1}`).join('/');
    const { bids, refusals } = await shop.bids(request);
    expect([bids.map(({ plant: name }) => name), refusals]).toEqual([[`${chain}/plant-1`], []]);
    const vm = await shop.create(request, { requestId: 'again' });
    expect((await shop.create(request, { requestId: 'again' })).vmid).toBe(vm.vmid);

    expect(await shop.list()).toMatchObject({ vms: [{ vmid: vm.vmid }], unreachable: [] });
    expect(await shop.images()).toMatchObject({ images: [{ name: 'base' }], unreachable: [] });
    // Not UNAVAILABLE: whoever is on the way already hides nothing.
    await expect(shop.query(`vm-${'a'.repeat(26)}`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(shop.updateImage('nothing', { pinned: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });

    const [shown] = await shop.plants();
    expect(JSON.stringify(shown).match(/plant-1/g)).toHaveLength(1);
    let last = shown;
    for (let deeper = 1; deeper < length; deeper += 1) last = last?.behind?.[0];
    const loop = last?.behind?.find(({ error }) => error !== undefined);
    expect(loop).toMatchObject({
      address: first?.address,
      error: 'BROKER_LOOP: left out: it would lead back to here',
    });
    const said = brokers.flatMap(({ logger }) =>
      logger.records.filter(({ level, message }) => level === 'warn' && message.includes('circle')),
    );
    expect(said).toHaveLength(1);
    await shop.plants();
    expect(said).toHaveLength(1);
    await shop.collect(vm.vmid);
  });

  it('with nothing behind it offers nothing', async () => {
    const brokers = await circle(length, []);
    const shop = await stage.shop(brokers.slice(0, 1));
    await expect(shop.create(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await shop.list()).toEqual({ vms: [], unreachable: [] });
  });
});

describe('a broker', () => {
  it('refuses a call that came through it, through too many, or that does not say so as brokers do', async () => {
    const logger = recordingLogger();
    const seen: (readonly string[])[] = [];
    const plant = await stage.plant(
      'plant-1',
      {},
      {
        Describe: unary(async (_, { brokers }) => {
          seen.push(brokers);
          return { name: 'plant-1' };
        }, logger),
      },
    );
    const broker = await stage.broker([plant], { name: 'b1' });
    const through = (brokers: readonly string[]) => broker.client.through(brokers).describe({}, SOON);

    expect(await through(['other-1'])).toMatchObject({ name: 'b1', behind: [{ name: 'plant-1' }] });
    const [before, own] = seen[0] ?? [];
    expect(before).toBe('other-1');
    expect(own).toMatch(/^b1-[0-9a-f]{10}$/);
    await expect(through([own ?? '', 'other-1'])).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'BROKER_LOOP',
    });
    const many = Array.from({ length: 8 }, (_, index) => `other-${index}`);
    await expect(through(many)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'TOO_MANY_BROKERS',
    });
    await expect(through(['NOT AN ID'])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'MALFORMED_METADATA',
    });
    expect(seen).toHaveLength(1);
  });
});
