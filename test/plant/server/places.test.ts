import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Plant } from '../../../plant/plant.js';
import { createPlantHandlers } from '../../../plant/server.js';
import type { ReserveRequest } from '../../../proto/gen/vmplants/v1/ReserveRequest.js';
import { orderToMachineRequest } from '../../../proto/mapping/machineRequest.js';
import { openPlantClient, type PlantClient } from '../../../proto/plantClient.js';
import { plantService, type RunningServer, serve } from '../../../proto/serve.js';
import { rejection } from '../../shop/testShop.js';
import { createRig, fakeOrder, newVmid, type Rig } from '../produce/rig.js';

let rig: Rig;
let plant: Plant;
let server: RunningServer;
let client: PlantClient;
const DEADLINE = { timeoutMilliseconds: 20_000 };
const order = fakeOrder();

beforeEach(async () => {
  rig = await createRig({ limits: { maxVms: 1 } });
  plant = (await rig.open()).plant;
  const handlers = createPlantHandlers({ plant, logger: rig.log, version: '1.2.3' });
  server = await serve({ address: '127.0.0.1:0', services: [plantService(handlers)], logger: rig.log });
  client = openPlantClient({ address: server.address });
});
afterEach(async () => {
  client.close();
  await server.stop(1_000);
  await plant.close();
  await rig.remove();
});

const place = (more: ReserveRequest = {}): ReserveRequest & { readonly vmid: string } => ({
  vmid: newVmid(),
  orderDigest: order.digest,
  memoryMib: order.hardware.memoryMiB,
  network: order.network.kind,
  clientDomain: order.clientDomain,
  holdMilliseconds: 10_000,
  ...more,
});

test('a place is held, shown, given back, and taken by its VM, which is claimed', async () => {
  const mine = place();
  expect(await client.reserve(mine, DEADLINE)).toEqual({ holdsForMilliseconds: 10_000 });
  expect(await client.describe({}, DEADLINE)).toMatchObject({ vms: 1, reserved: 1 });
  expect(await rejection(client.reserve(place(), DEADLINE))).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'NO_VM_SLOT',
  });
  expect(await client.reserve({ ...mine, holdMilliseconds: 0 }, DEADLINE)).toEqual({
    holdsForMilliseconds: 0,
  });
  expect(await client.describe({}, DEADLINE)).toMatchObject({ vms: 0, reserved: 0 });
  await client.reserve(mine, DEADLINE);
  const { vmid } = mine;
  const request = { vmid, machine: orderToMachineRequest(order), claimWithinSeconds: 60 };
  const events = [];
  for await (const event of client.produce(request, DEADLINE)) events.push(event);
  expect(events.at(-1)?.vm).toMatchObject({ vmid, state: 'VM_STATE_PRODUCING' });
  expect(await client.describe({}, DEADLINE)).toMatchObject({ vms: 1, reserved: 0 });
  expect(await client.claim({ vmid }, DEADLINE)).toMatchObject({ vmid, state: 'VM_STATE_RUNNING' });
  expect(await client.query({ vmid }, DEADLINE)).toMatchObject({ state: 'VM_STATE_RUNNING' });
});

test.each<[string, ReserveRequest]>([
  ['vmid', { vmid: '../etc' }],
  ['order_digest', { orderDigest: 'short' }],
  ['memory_mib', { memoryMib: 0 }],
  ['memory_mib', { memoryMib: 4_000_000_000 }],
  ['network', { network: 'internet' }],
  ['client_domain', { clientDomain: '' }],
  ['client_domain', { clientDomain: 'a\nb' }],
  ['hold_milliseconds', { holdMilliseconds: 30_001 }],
])('a place with a wrong %s is refused: %j', async (field, wrong) => {
  const error = await rejection(client.reserve(place(wrong), DEADLINE));
  expect(error.code).toBe('INVALID_ARGUMENT');
  expect(error.violations.map((violation) => violation.field)).toEqual([field]);
  expect(plant.describe().reserved).toBe(0);
});

test('nobody may leave a VM unclaimed for more than an hour', async () => {
  const request = { vmid: newVmid(), machine: orderToMachineRequest(order), claimWithinSeconds: 3601 };
  const error = await rejection(client.produce(request, DEADLINE).next());
  expect(error.violations.map(({ field }) => field)).toEqual(['claim_within_seconds']);
});
