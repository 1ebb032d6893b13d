import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, startCluster } from './cluster.js';
import { microRequest } from './requests.js';
import { type Server, startServer } from './server.js';

let cluster: Cluster;
let broker: Server;
let shop: Server;

const startBroker = (listen: string): Promise<Server> =>
  startServer(
    'vmshop',
    [
      ...['broker', '--name', 'site-a', '--markup', '10%', '--listen', listen],
      ...['--plants', cluster.plants.map((plant) => plant.address()).join(',')],
    ],
    {},
  );

beforeAll(async () => {
  cluster = await startCluster();
  broker = await startBroker('127.0.0.1:0');
  shop = await startServer('vmshop', ['serve', '--listen', '127.0.0.1:0', '--plants', broker.address], {});
});
afterAll(async () => {
  const problems = [...((await shop?.stop()) ?? []), ...((await broker?.stop()) ?? [])];
  await cluster?.close();
  expect(problems).toEqual([]);
});

it('a VM behind a broker is made, found by a new broker, used and ended, with the command line alone', async () => {
  const throughBroker = (args: readonly string[]): Promise<string> =>
    cluster.vmshopOutput(args, {
      variables: { VMSHOP_ADDRESS: shop.address },
      stdin: JSON.stringify(microRequest([{ name: 'greet', script: 'echo hello >/greeting\n' }])),
    });
  const { bids } = JSON.parse(await throughBroker(['bids', '-f', '-', '-o', 'json']));
  expect(bids).toMatchObject([{ plant: 'site-a/plant-1' }]);
  const names = (bids as { components: { name: string }[] }[])[0]?.components.map(({ name }) => name);
  expect(names?.at(-1)).toBe('markup site-a');

  const { vmid, plant, rung } = JSON.parse(await throughBroker(['create', '-f', '-', '-o', 'json']));
  expect([plant, rung]).toEqual(['plant-1', 'warm']);

  await broker.kill();
  broker = await startBroker(broker.address);
  await expect.poll(() => throughBroker(['list', '-q']).catch(String), { timeout: 30_000 }).toBe(`${vmid}\n`);
  expect(await throughBroker(['exec', vmid, '--', 'cat', '/greeting'])).toBe('hello\n');
  expect(await throughBroker(['destroy', vmid])).toBe(`${vmid}\n`);
  expect(await cluster.plants[0]?.clones()).toEqual([]);
});
