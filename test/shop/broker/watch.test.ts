import { afterEach, describe, expect, it } from 'vitest';
import type { PlantStatus__Output } from '../../../proto/gen/vmplants/v1/PlantStatus.js';
import type { WatchEvent__Output } from '../../../proto/gen/vmplants/v1/WatchEvent.js';
import { serverStream } from '../../../proto/handler.js';
import { fakeOrder, produce } from '../../plant/produce/rig.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
import { freeAddress, openBrokerStage } from './brokerStage.js';

const stage = openBrokerStage();
const readers: AbortController[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.abort();
  await stage.clear();
});

const LONG = { timeoutMilliseconds: 60_000 };
const WAIT = { timeout: 15_000, interval: 10 };

/** Reads the stream beside the test, which looks at what has come so far. */
function read<T>(open: (signal: AbortSignal) => AsyncIterable<T>): readonly T[] {
  const reader = new AbortController();
  readers.push(reader);
  const read: T[] = [];
  const reading = async (): Promise<void> => {
    for await (const one of open(reader.signal)) read.push(one);
  };
  reading().catch((error: unknown) => {
    if (!reader.signal.aborted) throw error;
  });
  return read;
}

const changed = (events: readonly WatchEvent__Output[]) =>
  events.flatMap((event) => (event.changed ? [event.changed.vmid] : []));
const gone = (events: readonly WatchEvent__Output[]) =>
  events.flatMap((event) => (event.gone ? [event.gone] : []));

describe('watching a broker', () => {
  it('tells of the VMs of all plants first and then of every change', async () => {
    const [one, two] = [await stage.plant('plant-1'), await stage.plant('plant-2')];
    const outer = await stage.broker([await stage.broker([one]), two, { address: await freeAddress() }]);
    const before = [
      (await produce(one.plant(), fakeOrder())).vm,
      (await produce(two.plant(), fakeOrder())).vm,
    ];

    const events = read((signal) => outer.client.watch({}, { ...LONG, signal }));
    await expect.poll(() => events.some(({ listed }) => listed), WAIT).toBe(true);
    const listedAt = events.findIndex(({ listed }) => listed);
    expect(changed(events.slice(0, listedAt)).sort()).toEqual(before.map(({ vmid }) => vmid).sort());

    const { vm: after } = await produce(one.plant(), fakeOrder());
    await expect.poll(() => changed(events), WAIT).toContain(after.vmid);
    await outer.client.collect({ vmid: after.vmid }, LONG);
    await expect.poll(() => gone(events), WAIT).toEqual([after.vmid]);
    expect(events.filter(({ listed }) => listed)).toHaveLength(1);
  });

  it('goes on when a plant comes back, whose VMs were never gone but for those that are', async () => {
    const plant = await stage.plant('plant-1');
    const broker = await stage.broker([plant]);
    const [kept, ended] = [
      (await produce(plant.plant(), fakeOrder())).vm.vmid,
      (await produce(plant.plant(), fakeOrder())).vm.vmid,
    ];
    const events = read((signal) => broker.client.watch({}, { ...LONG, signal }));
    await expect.poll(() => events.some(({ listed }) => listed), WAIT).toBe(true);
    await plant.kill();
    await plant.startAgain();
    await plant.plant().collect(ended, new AbortController().signal);
    const { vm: made } = await produce(plant.plant(), fakeOrder());
    await expect.poll(() => changed(events), WAIT).toContain(made.vmid);
    await expect.poll(() => gone(events), WAIT).toEqual([ended]);
    expect(gone(events)).not.toContain(kept);
  });
});

describe('the status of a broker', () => {
  it('is that of its plants together, with its mark-up, and changes with theirs', async () => {
    const logger = recordingLogger();
    let say: (status: object) => void = () => undefined;
    const statusOf = (name: string, first: object, changing: boolean) => ({
      Status: serverStream(async function* (_, { signal }) {
        yield { name, ...first };
        while (!signal.aborted) {
          const next = await new Promise<object>((resolve) => {
            if (changing) say = resolve;
            signal.addEventListener('abort', () => resolve({}));
          });
          if (!signal.aborted) yield { name, ...next };
        }
      }, logger),
    });
    const images = (key: string) => ({ images: { operatingSystems: ['debian 12'], keys: [key] } });
    const first = { quote: { cost: 10, networkCost: 50 }, freeVms: 1, lines: ['fake'], ...images('k1') };
    const second = { quote: { cost: 40, networkCost: 50 }, freeVms: 7, lines: ['fake'], ...images('k2') };
    const one = await stage.plant('plant-1', {}, statusOf('plant-1', first, true));
    const two = await stage.plant('plant-2', {}, statusOf('plant-2', second, false));
    const inner = await stage.broker([one, two], { name: 'inner', markup: '10%' });
    const broker = await stage.broker([inner], { name: 'outer', markup: '5' });

    const said: readonly PlantStatus__Output[] = read((signal) =>
      broker.client.status({}, { ...LONG, signal }),
    );
    await expect.poll(() => said.length, WAIT).toBe(1);
    expect(said[0]).toMatchObject({ name: 'outer', broker: true, freeVms: 7, lines: ['fake'] });
    expect(said[0]?.quote?.cost).toBeCloseTo(16);
    expect(said[0]?.images?.keys).toEqual(['k1', 'k2']);

    // The cheap one is full; what its images offer is as before and is not said again.
    say({ ...first, freeVms: 0, images: null });
    await expect.poll(() => said.length, WAIT).toBe(2);
    expect(said[1]?.quote?.cost).toBeCloseTo(49);
    expect(said[1]?.images).toBeNull();

    await two.kill();
    await expect.poll(() => said.at(-1)?.freeVms, WAIT).toBe(0);
    expect(said.at(-1)?.images?.keys).toEqual(['k1']);
  });

  it('of a broker without plants comes, too', async () => {
    const broker = await stage.broker([]);
    const said = read((signal) => broker.client.status({}, { ...LONG, signal }));
    await expect.poll(() => said.length, WAIT).toBe(1);
    expect(said[0]).toMatchObject({ freeVms: 0, quote: null });
  });
});
