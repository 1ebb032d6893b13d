import { afterEach, describe, expect, it } from 'vitest';
import { serverStream, unary } from '../../../proto/handler.js';
import type { CreateEvent } from '../../../shop/client.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
import { openBrokerStage } from './brokerStage.js';

const stage = openBrokerStage();
afterEach(() => stage.clear());

const request = { hardware: { memory: 256 }, operatingSystem: { name: 'fake' }, actions: [] };

describe('a plant behind a broker that is lost while it makes a VM', () => {
  it('is replaced by the next offer behind it, and the client sees one create', async () => {
    const lost = await stage.plant('lost', {
      failAt: () => 'silent',
      deadlines: { bootMilliseconds: 60_000 },
    });
    const next = await stage.plant('next');
    const dear = await stage.broker([next], { name: 'dear', markup: '100' });
    const outer = await stage.broker([await stage.broker([lost, dear], { name: 'inner' })], {
      name: 'outer',
    });
    const shop = await stage.shop([outer]);

    const events: CreateEvent[] = [];
    const creating = shop.create(request, {
      requestId: 'one',
      onEvent: (event) => {
        events.push(event);
      },
    });
    await expect.poll(() => lost.plant().list(undefined).length, { timeout: 15_000, interval: 10 }).toBe(1);
    await lost.kill();
    const vm = await creating;
    expect(vm).toMatchObject({ plant: 'next', state: 'running' });
    expect(events.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    const auctions = events.filter(({ kind }) => kind === 'auction');
    expect(auctions).toHaveLength(1);
    const plans = events.flatMap((event) => (event.kind === 'plan' ? [event.plant] : []));
    expect(plans.at(-1)).toBe('outer/inner/dear/next');
    // Once for the plant, however many brokers it is behind.
    const told = events.flatMap((event) =>
      event.kind === 'progress' && event.progress.phase === 'auction' ? [event.progress.message] : [],
    );
    expect(told).toEqual([expect.stringMatching(/^outer\/inner\/lost does not make it: /)]);
    expect(next.plant().list(undefined)).toMatchObject([{ vmid: vm.vmid }]);

    // What it had begun is rolled back, and the VM is the other's.
    await lost.startAgain();
    expect(lost.plant().list(undefined)).toEqual([]);
    expect((await shop.create(request, { requestId: 'one' })).vmid).toBe(vm.vmid);
    // The broker takes up the connection again in its own time.
    await expect.poll(async () => (await shop.list()).unreachable, { timeout: 15_000 }).toEqual([]);
    expect((await shop.list()).vms).toMatchObject([{ vmid: vm.vmid, plant: 'next' }]);
  });

  it('leaves the create to another broker when nobody else is behind this one', async () => {
    const lost = await stage.plant('lost', {
      failAt: () => 'silent',
      deadlines: { bootMilliseconds: 60_000 },
    });
    const next = await stage.plant('next');
    const shop = await stage.shop([
      await stage.broker([lost], { name: 'cheap' }),
      await stage.broker([next], { name: 'dear', markup: '100' }),
    ]);
    const told: string[] = [];
    const creating = shop.create(request, {
      onEvent: (event) => {
        if (event.kind === 'progress' && event.progress.phase === 'auction')
          told.push(event.progress.message);
      },
    });
    await expect.poll(() => lost.plant().list(undefined).length, { timeout: 15_000, interval: 10 }).toBe(1);
    await lost.kill();
    expect(await creating).toMatchObject({ plant: 'next', state: 'running' });
    expect(told).toEqual([expect.stringMatching(/^cheap\/lost does not make it: /)]);
  });
});

describe('a plant behind a broker that stalls while it makes a VM', () => {
  it('is replaced by the next offer behind it, because the broker still answers', async () => {
    const logger = recordingLogger();
    const stalls = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const stalled = await stage.plant(
      'stalled',
      {},
      {
        // biome-ignore lint/correctness/useYield: it never comes to that.
        Produce: serverStream(async function* (_, { signal }) {
          await stalls(signal);
        }, logger),
        Query: unary((_, { signal }) => stalls(signal), logger),
      },
    );
    // Full, and silent like the other: both are asked for the VM while nothing is heard.
    const mute = await stage.plant(
      'mute',
      { limits: { maxVms: 0 } },
      { Query: unary((_, { signal }) => stalls(signal), logger) },
    );
    const next = await stage.plant('next');
    const dear = await stage.broker([next], { name: 'dear', markup: '100' });
    // Shop and broker notice at the same time, and the shop must not give the broker up.
    const limits = { silenceMilliseconds: 1_500 };
    const broker = await stage.broker([stalled, dear, mute], { limits });
    const shop = await stage.shop([broker], limits);
    const events: CreateEvent[] = [];
    const vm = await shop.create(request, {
      onEvent: (event) => {
        events.push(event);
      },
    });
    expect(vm).toMatchObject({ plant: 'next', state: 'running' });
    expect(events.filter(({ kind }) => kind === 'auction')).toHaveLength(1);
  });
});

describe('a broker that is replaced while a VM is made behind it', () => {
  it('finds it again, and the client sees one create', async () => {
    const plant = await stage.plant('plant-1', { timeScale: 1 });
    const broker = await stage.broker([plant]);
    const shop = await stage.shop([broker]);
    const creating = shop.create({
      ...request,
      actions: [{ name: 'slow', script: 'sleep 2\n' }],
    });
    await expect.poll(() => plant.plant().list(undefined).length, { timeout: 15_000, interval: 10 }).toBe(1);
    await broker.stop();
    await broker.startAgain();
    const vm = await creating;
    expect(vm.state).toBe('running');
    expect(plant.plant().list(undefined)).toMatchObject([{ vmid: vm.vmid }]);
  });
});

describe('a plant that is reached in two ways', () => {
  it('bids twice, and has each VM and image once', async () => {
    const plant = await stage.plant('plant-1');
    const one = await stage.broker([plant], { name: 'one' });
    const two = await stage.broker([plant], { name: 'two' });
    const over = await stage.broker([one, two], { name: 'over' });
    for (const plants of [[one, two], [over]]) {
      const shop = await stage.shop(plants);
      expect((await shop.bids(request)).bids).toHaveLength(plants.length);
      const [first, second] = await Promise.all([shop.create(request), shop.create(request)]);
      const vmids = [first.vmid, second.vmid].sort();
      expect((await shop.list()).vms.map(({ vmid }) => vmid).sort()).toEqual(vmids);
      expect(plant.plant().list(undefined)).toHaveLength(2);
      expect((await shop.images()).images).toHaveLength(1);
      for (const vmid of vmids) await shop.collect(vmid);
      expect((await shop.list()).vms).toEqual([]);
    }
  });
});
