import { afterEach, describe, expect, it } from 'vitest';
import { unary } from '../../proto/handler.js';
import type { PlantClient } from '../../proto/plantClient.js';
import { openPlantLinks, type PlantLinks } from '../../shop/plantLinks.js';
import { until } from '../registry/etcd/until.js';
import { changingRegistry } from './changingRegistry.js';
import { gate, openStage, rejection, SOON } from './testShop.js';

const stage = openStage();
let links: PlantLinks | undefined;
afterEach(async () => {
  links?.close();
  await stage.clear();
});

async function isClosed(client: PlantClient): Promise<boolean> {
  return (await rejection(client.query({ vmid: 'none' }, SOON))).reason === 'NOT_CONNECTED';
}

describe('the connection to a plant that left', () => {
  it('is kept until its calls have ended, and closed then; of one that nobody uses at once', async () => {
    const { opened, open } = gate();
    const plants = await Promise.all(
      ['busy', 'idle', 'stays'].map((name) =>
        stage.plant({
          name,
          handlers: (logger) => ({
            Describe: unary(async () => {
              if (name === 'busy') await opened;
              return { name };
            }, logger),
          }),
        }),
      ),
    );
    const registry = changingRegistry(plants);
    links = openPlantLinks(registry, undefined, 1);
    const [busy, idle, stays] = links.all();
    if (busy === undefined || idle === undefined || stays === undefined) return expect.unreachable();
    const described = busy.describe({}, SOON);
    registry.set(plants.slice(2));
    expect(links.all()).toEqual([stays]);
    // Asking it puts its end off by the time that a link may be unused, which is the shortest here.
    await until('the idle one is closed', () => isClosed(idle));
    expect([await isClosed(busy), await isClosed(stays)]).toEqual([false, false]);
    open();
    expect((await described).name).toBe('busy');
    await until('the busy one is closed', () => isClosed(busy));
    expect(await isClosed(stays)).toBe(false);
  });

  it('is used again when the plant is back, and a new one when it was closed meanwhile', async () => {
    const plants = [await stage.plant({ name: 'a' }), await stage.plant({ name: 'b' })];
    const registry = changingRegistry(plants);
    links = openPlantLinks(registry, undefined);
    const before = links.all();
    registry.set(plants.slice(1));
    expect(links.all()).toEqual(before.slice(1));
    registry.set(plants);
    expect(new Set(links.all())).toEqual(new Set(before));
    links.close();

    links = openPlantLinks(registry, undefined, 1);
    const [first] = links.all();
    if (first === undefined) return expect.unreachable();
    registry.set([]);
    links.all();
    await until('it is closed', () => isClosed(first));
    registry.set(plants);
    const [again] = links.all();
    expect(again).not.toBe(first);
    if (again !== undefined) expect(await isClosed(again)).toBe(false);
  });
});
