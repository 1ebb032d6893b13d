import { afterEach, describe, expect, it } from 'vitest';
import type { ProduceEvent__Output } from '../../../proto/gen/vmplants/v1/ProduceEvent.js';
import { orderToMachineRequest } from '../../../proto/mapping/machineRequest.js';
import { fakeOrder, newVmid, produce } from '../../plant/produce/rig.js';
import { type FakePlant, openBrokerStage, type TestBroker } from './brokerStage.js';

const stage = openBrokerStage();
afterEach(() => stage.clear());

const SOON = { timeoutMilliseconds: 15_000 };
const order = fakeOrder();
const machine = orderToMachineRequest(order);
const place = (vmid: string, holdMilliseconds = 10_000) => ({
  vmid,
  orderDigest: order.digest,
  memoryMib: order.hardware.memoryMiB,
  network: order.network.kind,
  clientDomain: order.clientDomain,
  holdMilliseconds,
});
const wanted = (vmid: string, claimWithinSeconds = 60) => ({
  vmid,
  machine,
  orderDigest: order.digest,
  claimWithinSeconds,
});

async function produced(broker: TestBroker, vmid: string, claimWithinSeconds = 60) {
  const events: ProduceEvent__Output[] = [];
  const stream = broker.client.produce(wanted(vmid, claimWithinSeconds), SOON);
  for await (const event of stream) events.push(event);
  return events.at(-1)?.vm ?? expect.unreachable(`it ended with ${JSON.stringify(events.at(-1))}`);
}

/** A cheap plant, and one that is dearer, behind one broker. */
async function twoPlants(cheapMaxVms = 8) {
  const cheap = await stage.plant('cheap', { limits: { maxVms: cheapMaxVms } });
  const dear = await stage.plant('dear');
  const markup = await stage.broker([dear], { name: 'markup', markup: '100' });
  const broker = await stage.broker([markup, cheap], { name: 'broker' });
  return { cheap, dear, broker };
}

const reserved = (plant: FakePlant): number => plant.plant().describe().reserved;
const vmsOf = (plant: FakePlant): readonly string[] =>
  plant
    .plant()
    .list(undefined)
    .map(({ vmid }) => vmid);

describe('a place behind a broker', () => {
  it('is held only after a bid', async () => {
    const { broker } = await twoPlants();
    await expect(broker.client.reserve(place(newVmid()), SOON)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_STANDING_BID',
    });
    await expect(broker.client.reserve({ ...place(newVmid()), network: 'star' }, SOON)).rejects.toMatchObject(
      { code: 'INVALID_ARGUMENT' },
    );
  });

  it('is held at the best offer, renewed there, and taken by its production', async () => {
    const { broker, cheap, dear } = await twoPlants();
    const { bid } = await broker.client.bid({ machine }, SOON);
    expect(bid).toMatchObject({ plant: 'broker/cheap', cost: 50 });
    expect(bid?.holdsForMilliseconds).toBeGreaterThan(0);
    const vmid = newVmid();
    for (let times = 0; times < 2; times += 1) {
      expect((await broker.client.reserve(place(vmid), SOON)).holdsForMilliseconds).toBeGreaterThan(5_000);
      expect([reserved(cheap), reserved(dear)]).toEqual([1, 0]);
    }
    expect(await produced(broker, vmid)).toMatchObject({ vmid, plant: 'cheap' });
    expect([reserved(cheap), vmsOf(cheap), vmsOf(dear)]).toEqual([0, [vmid], []]);
    expect(await broker.client.claim({ vmid }, SOON)).toMatchObject({ vmid, state: 'VM_STATE_RUNNING' });
    expect(await broker.client.claim({ vmid }, SOON)).toMatchObject({ vmid, state: 'VM_STATE_RUNNING' });
  });

  it('is given back', async () => {
    const { broker, cheap } = await twoPlants();
    await broker.client.bid({ machine }, SOON);
    const vmid = newVmid();
    await broker.client.reserve(place(vmid), SOON);
    expect(await broker.client.reserve(place(vmid, 0), SOON)).toEqual({ holdsForMilliseconds: 0 });
    expect(reserved(cheap)).toBe(0);
    // Nobody knows of that one.
    expect(await broker.client.reserve(place(newVmid(), 0), SOON)).toEqual({ holdsForMilliseconds: 0 });
  });

  it('is at the next offer when the best is taken meanwhile, and nowhere when all are', async () => {
    const { broker, cheap, dear } = await twoPlants(1);
    await broker.client.bid({ machine }, SOON);
    await produce(cheap.plant(), order);
    const vmid = newVmid();
    await broker.client.reserve(place(vmid), SOON);
    expect([reserved(cheap), reserved(dear)]).toEqual([0, 1]);
    expect((await produced(broker, vmid)).plant).toBe('dear');

    await cheap.kill();
    await dear.kill();
    const error = broker.client.reserve(place(newVmid()), SOON);
    await expect(error).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('costs no more time than the caller has when the best plant is silent', async () => {
    const { broker, cheap, dear } = await twoPlants();
    await broker.client.bid({ machine }, SOON);
    await cheap.kill();
    await broker.client.reserve(place(newVmid()), { timeoutMilliseconds: 2_000 });
    expect(reserved(dear)).toBe(1);
  });
});

describe('a production behind a broker', () => {
  it('goes on where it is when the broker was replaced in between', async () => {
    const { broker, cheap, dear } = await twoPlants();
    const vmid = newVmid();
    await broker.client.bid({ machine }, SOON);
    await broker.client.reserve(place(vmid), SOON);
    await broker.stop();
    await broker.startAgain();
    const vm = await produced(broker, vmid);
    expect([...vmsOf(cheap), ...vmsOf(dear)]).toEqual([vmid]);

    await broker.stop();
    await broker.startAgain();
    expect(await broker.client.claim({ vmid }, SOON)).toMatchObject({ vmid, plant: vm.plant });
    await broker.stop();
    await broker.startAgain();
    expect(await produced(broker, vmid)).toMatchObject({ vmid, state: 'VM_STATE_RUNNING' });
    expect([...vmsOf(cheap), ...vmsOf(dear)]).toEqual([vmid]);
    expect(await broker.client.collect({ vmid }, SOON)).toEqual({ vmid, collected: true });
  });

  it('is one for all who ask for it at the same time, and refused to who means another order', async () => {
    const { broker, cheap, dear } = await twoPlants();
    const vmid = newVmid();
    const vms = await Promise.all([1, 2, 3].map(() => produced(broker, vmid)));
    expect(vms.map((vm) => vm.vmid)).toEqual([vmid, vmid, vmid]);
    expect([...vmsOf(cheap), ...vmsOf(dear)]).toEqual([vmid]);
    await broker.client.claim({ vmid }, SOON);

    const other = fakeOrder([{ name: 'a', script: 'echo a\n' }]);
    const stream = broker.client.produce(
      { vmid, machine: orderToMachineRequest(other), orderDigest: other.digest },
      SOON,
    );
    await expect(stream.next()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  it('is the callers at once when the caller does not claim', async () => {
    const { broker } = await twoPlants();
    const vmid = newVmid();
    expect(await produced(broker, vmid, 0)).toMatchObject({ state: 'VM_STATE_RUNNING' });
    expect(await broker.client.query({ vmid }, SOON)).toMatchObject({ state: 'VM_STATE_RUNNING' });
  });

  it('is refused for a wrong VMID and for an order that is read differently', async () => {
    const { broker } = await twoPlants();
    const digest = broker.client.produce({ ...wanted(newVmid()), orderDigest: 'x' }, SOON);
    await expect(digest.next()).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' });
    const vmid = broker.client.produce(wanted('../escape'), SOON);
    await expect(vmid.next()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
