import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openChannel } from '../../proto/channel.js';
import { contracts } from '../../proto/load.js';
import { serve } from '../../proto/serve.js';
import { seededRandom } from '../../shop/random.js';
import { createShop } from '../../shop/server.js';
import { recordingLogger } from '../proto/recordingLogger.js';
import { type ChangingRegistry, changingRegistry } from './changingRegistry.js';
import type { ScriptedPlant } from './scriptedPlant.js';
import { all, gate, machine, openStage, SOON } from './testShop.js';

const stage = openStage();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await stage.clear();
});

/** The events of a creation by a shop with this registry. */
async function create(registry: ChangingRegistry) {
  const logger = recordingLogger();
  const shop = createShop({
    registry,
    logger,
    now: () => performance.now(),
    random: seededRandom(1),
    randomBytes,
    limits: { bidMilliseconds: 1_000, askMilliseconds: 1_000, silenceMilliseconds: 600 },
  });
  const server = await serve({ address: '127.0.0.1:0', services: [shop.service], logger });
  const channel = openChannel({ address: server.address });
  ends.push(async () => {
    channel.close();
    await server.stop(0);
    await shop.close(0);
  });
  return channel.serverStream(contracts().shop.Create, { machine }, SOON);
}

async function twoPlants(finish: Promise<unknown>): Promise<readonly [ScriptedPlant, ScriptedPlant]> {
  return [await stage.plant({ name: 'pa', cost: 1, finish }), await stage.plant({ name: 'pb', cost: 2 })];
}

describe('a plant that leaves the registry while it makes a VM', () => {
  it('is one that was lost when it does not answer either: another makes the VM', async () => {
    const { opened, open } = gate();
    ends.push(async () => open());
    const [pa, pb] = await twoPlants(opened);
    const registry = changingRegistry([pa, pb]);
    const winners: string[] = [];
    let plant: string | undefined;
    for await (const event of await create(registry)) {
      if (event.auction) winners.push(event.auction.winner);
      if (event.progress?.phase === 'clone' && winners.length === 1) {
        // It is down, and while it is still asked what became of the VM its lease is over.
        await pa.stop();
        registry.set([pb]);
      }
      plant = event.vm?.plant ?? plant;
    }
    expect([winners, plant]).toEqual([['pa', 'pb'], 'pb']);
  });

  it('goes on with it, and its VM is taken, when only the registry has lost it', async () => {
    const { opened, open } = gate();
    const [pa, pb] = await twoPlants(opened);
    const registry = changingRegistry([pa, pb]);
    const stream = await create(registry);
    for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => stream.next() }) }) {
      if (event.progress?.phase === 'clone') break;
    }
    registry.set([pb]);
    open();
    expect((await all(stream)).at(-1)?.vm?.plant).toBe('pa');
    expect(pb.calls).not.toContain('Produce');
  });
});
