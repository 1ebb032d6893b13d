import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VmplantsError } from '../../../model/errors.js';
import type { Order } from '../../../model/order.js';
import type { Plant } from '../../../plant/plant.js';
import { createPlantHandlers } from '../../../plant/server.js';
import { orderToMachineRequest } from '../../../proto/mapping/machineRequest.js';
import { openPlantClient, type PlantClient } from '../../../proto/plantClient.js';
import { plantService, type RunningServer, serve } from '../../../proto/serve.js';
import { createRig, fakeOrder, newVmid, type Rig } from '../produce/rig.js';

let rig: Rig;
let plant: Plant;
let server: RunningServer;
let client: PlantClient;
const DEADLINE = { timeoutMilliseconds: 20_000 };

beforeEach(async () => {
  rig = await createRig();
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

async function all<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of stream) found.push(one);
  return found;
}

const requestFor = (order: Order, vmid = newVmid()) => ({
  vmid,
  machine: orderToMachineRequest(order),
  orderDigest: order.digest,
});

describe('the plant service', () => {
  test('describes itself and its images', async () => {
    expect(await client.describe({}, DEADLINE)).toMatchObject({
      name: 'plant-1',
      vms: 0,
      images: 1,
      version: '1.2.3',
      lines: [{ name: 'fake' }],
    });
    expect((await client.images({}, DEADLINE)).images.map(({ name }) => name)).toEqual(['base']);
  });

  test('bids, and explains', async () => {
    const order = fakeOrder([{ name: 'a', script: 'echo a\n' }]);
    const machine = orderToMachineRequest(order);
    expect((await client.bid({ machine }, DEADLINE)).bid).toMatchObject({
      plant: 'plant-1',
      orderDigest: order.digest,
      cost: 50,
      image: 'base',
    });
    const { plan } = await client.bid({ machine, explain: true }, DEADLINE);
    expect(plan?.stages.map(({ kind, actions }) => [kind, actions.map(({ name }) => name)])).toEqual([
      ['guest', ['a']],
    ]);
    const other = orderToMachineRequest(fakeOrder([], { operatingSystem: { name: 'plan9' } }));
    await expect(client.bid({ machine: other }, DEADLINE)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_MATCHING_IMAGE',
    });
    const explained = await client.bid({ machine: other, explain: true }, DEADLINE);
    expect(explained.bid).toBeNull();
    expect(explained.rejected).toMatchObject([{ image: 'base', test: 'operating-system' }]);
  });

  test('produces, answers queries, runs commands, and collects', async () => {
    const order = fakeOrder([{ name: 'a', script: 'echo A=1 >> "$VMPLANTS_ATTRIBUTES"\n' }]);
    const request = requestFor(order);
    const events = await all(client.produce(request, DEADLINE));
    expect(events.at(-1)?.vm?.vmid).toBe(request.vmid);
    expect(events.map(({ event }) => event)[0]).toBe('plan');
    const { vmid } = request;
    expect((await client.query({ vmid }, DEADLINE)).state).toBe('VM_STATE_RUNNING');
    expect((await client.list({ clientDomain: 'default' }, DEADLINE)).vms).toHaveLength(1);
    expect((await client.list({ clientDomain: 'other.org' }, DEADLINE)).vms).toHaveLength(0);
    const said = await all(client.exec({ vmid, script: 'echo hello\nexit 3\n' }, DEADLINE));
    expect(Buffer.concat(said.flatMap(({ output }) => (output ? [output] : []))).toString()).toBe('hello\n');
    expect(said.at(-1)?.ended).toEqual({ status: 3, truncated: false });
    expect(await client.collect({ vmid }, DEADLINE)).toEqual({ vmid, collected: true });
    await expect(client.query({ vmid }, DEADLINE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('tells how an action failed in the details of the status', async () => {
    const order = fakeOrder([{ name: 'broken', script: 'echo why\nexit 9\n' }]);
    const error = await all(client.produce(requestFor(order), DEADLINE)).catch(
      (thrown: VmplantsError) => thrown,
    );
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'ACTION_FAILED',
      actionFailure: { action: 'broken', status: 9, outputTail: 'why\n' },
    });
  });

  test('refuses what is not a VMID, an order that it reads differently, and a wrong request', async () => {
    const order = fakeOrder();
    for (const vmid of ['', '../escape', 'vm-SHOUT', `vm-${'a'.repeat(27)}`]) {
      await expect(all(client.produce(requestFor(order, vmid), DEADLINE))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        violations: [{ field: 'vmid' }],
      });
    }
    await expect(
      all(client.produce({ ...requestFor(order), orderDigest: 'x' }, DEADLINE)),
    ).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DIGEST_MISMATCH' });
    await expect(all(client.produce({ vmid: newVmid() }, DEADLINE))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(plant.list(undefined)).toEqual([]);
  });

  test('refuses commands that are too long, empty or for nobody', async () => {
    const request = requestFor(fakeOrder());
    await all(client.produce(request, DEADLINE));
    const { vmid } = request;
    for (const script of ['', 'x'.repeat(8_193), 'a\0b']) {
      await expect(all(client.exec({ vmid, script }, DEADLINE))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
    await expect(
      all(client.exec({ vmid, script: 'echo\n', timeoutSeconds: 4_000 }, DEADLINE)),
    ).rejects.toMatchObject({ violations: [{ field: 'timeout_seconds' }] });
    await expect(all(client.exec({ vmid: newVmid(), script: 'echo\n' }, DEADLINE))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('streams what exists, then every change, until the watcher leaves', async () => {
    const before = requestFor(fakeOrder());
    await all(client.produce(before, DEADLINE));
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of client.watch({}, { ...DEADLINE, signal: stop.signal })) {
        seen.push(event.changed ? `${event.changed.vmid} ${event.changed.state}` : (event.gone ?? 'listed'));
        if (event.listed === true) void client.collect({ vmid: before.vmid }, DEADLINE);
        if (event.gone === before.vmid) stop.abort();
      }
    })().catch(() => undefined);
    await watching;
    expect(seen[0]).toBe(`${before.vmid} VM_STATE_RUNNING`);
    expect(seen[1]).toBe('listed');
    expect(seen.at(-1)).toBe(before.vmid);
  });

  test('has no console where the line has none', async () => {
    const request = requestFor(fakeOrder());
    await all(client.produce(request, DEADLINE));
    async function* input() {
      yield { vmid: request.vmid };
    }
    await expect(all(client.console(input(), DEADLINE))).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});
