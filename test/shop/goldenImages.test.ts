import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { PublishRequest, PublishRequest__Output } from '../../proto/gen/vmplants/v1/PublishRequest.js';
import { serverStream } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import type { PlantScript } from './scriptedPlant.js';
import { all, createdVm, gate, machine, openStage, rejection, SOON, type TestShop } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Images, Learn, Publish, UpdateImage } = contracts().shop;
const NOWHERE = `vm-${'a'.repeat(26)}`;

const publish = (shop: TestShop, request: PublishRequest, signal?: AbortSignal) =>
  shop.channel.serverStream(Publish, request, { ...SOON, ...(signal === undefined ? {} : { signal }) });

describe('publishing', () => {
  it('is done by the plant that has the VM, which reads a document as a machine', async () => {
    const plants = [await stage.plant({ name: 'a', cost: 5 }), await stage.plant({ name: 'b', cost: 1 })];
    const shop = await stage.shop(plants);
    const { vmid } = await createdVm(shop.create());
    const document = {
      format: 'yaml',
      content: Buffer.from('operatingSystem: { name: debian }\nactions: [{ name: only, script: "true" }]\n'),
    };
    const events = await all(publish(shop, { vmid, name: 'web', recipe: { document } }));
    expect(events.map(({ event }) => event)).toEqual(['progress', 'published']);
    expect(events[1]?.published).toMatchObject({
      image: { plant: 'b', name: 'web', origin: 'recipe' },
      leftOut: ['only'],
    });
    expect(plants.map(({ calls }) => calls.includes('Publish'))).toEqual([false, true]);
    const again = await all(publish(shop, { vmid, name: 'web', recipe: { machine } }));
    expect(again[1]?.published?.leftOut).toEqual(['install']);
  });

  it('hands on what was asked for, and takes the recipe for the default', async () => {
    const seen: PublishRequest__Output[] = [];
    const handlers: PlantScript['handlers'] = (logger) => ({
      Publish: serverStream(async function* (request) {
        seen.push(request);
        yield { published: {} };
      }, logger),
    });
    const shop = await stage.shop([await stage.plant({ name: 'a', handlers })]);
    const { vmid } = await createdVm(shop.create());
    await all(publish(shop, { vmid, name: 'x' }));
    const live = { memory: true, scrub: 'true\n', keep: ['user'] };
    await all(publish(shop, { vmid, name: 'y', shared: 'disk', pinned: true, live }));
    expect(seen).toMatchObject([
      { name: 'x', way: 'recipe', recipe: {}, shared: '', pinned: false },
      { name: 'y', way: 'live', live, shared: 'disk', pinned: true },
    ]);
  });

  it('ends on the plant when the client goes away', async () => {
    const ended = gate();
    const handlers: PlantScript['handlers'] = (logger) => ({
      Publish: serverStream(async function* (_request, { signal }) {
        yield { progress: { phase: 'boot' } };
        await once(signal, 'abort');
        ended.open();
      }, logger),
    });
    const shop = await stage.shop([await stage.plant({ name: 'a', handlers })]);
    const { vmid } = await createdVm(shop.create());
    for await (const event of publish(shop, { vmid, name: 'x' })) {
      expect(event.progress?.phase).toBe('boot');
      break;
    }
    await ended.opened;
  });

  it('brings the refusal of the plant, and says when the plant got lost', async () => {
    const going = gate();
    const handlers: PlantScript['handlers'] = (logger) => ({
      Publish: serverStream(async function* ({ name }) {
        if (name === 'taken')
          throw new VmplantsError('ALREADY_EXISTS', 'there is one', { reason: 'IMAGE_EXISTS' });
        yield { progress: { phase: 'boot' } };
        going.open();
        await new Promise(() => {});
      }, logger),
    });
    const plant = await stage.plant({ name: 'a', handlers });
    const shop = await stage.shop([plant]);
    const { vmid } = await createdVm(shop.create());
    expect(await rejection(all(publish(shop, { vmid, name: 'taken' })))).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'IMAGE_EXISTS',
    });
    const lost = rejection(all(publish(shop, { vmid, name: 'x' })));
    await going.opened;
    await plant.stop();
    expect(await lost).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANT_LOST' });
  });

  it('of no VM is NOT_FOUND', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    expect(await rejection(all(publish(shop, { vmid: NOWHERE, name: 'x' })))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'NO_SUCH_VM',
    });
  });

  it.each<[string, PublishRequest, readonly string[]]>([
    ['nothing', {}, ['vmid', 'name']],
    ['a path for a name', { vmid: NOWHERE, name: '../x' }, ['name']],
    ['a long name', { vmid: NOWHERE, name: 'x'.repeat(64) }, ['name']],
    ['no such sharing', { vmid: NOWHERE, name: 'x', shared: 'all' }, ['shared']],
    ['a long script', { vmid: NOWHERE, name: 'x', live: { scrub: 'x'.repeat(65_537) } }, ['live.scrub']],
    ['NUL', { vmid: NOWHERE, name: 'x', live: { scrub: 'a\0b' } }, ['live.scrub']],
    [
      'names that are none',
      { vmid: NOWHERE, name: 'x', live: { keep: ['ok', '-x', ''] } },
      ['live.keep[1]', 'live.keep[2]'],
    ],
    [
      'too many names',
      { vmid: NOWHERE, name: 'x', live: { keep: Array<string>(1001).fill('a') } },
      ['live.keep'],
    ],
    [
      'a wrong machine',
      { vmid: NOWHERE, name: 'x', recipe: { machine: { hardware: { vcpus: 99 } } } },
      ['recipe.machine.operating_system.name', 'recipe.machine.hardware.vcpus'],
    ],
    [
      'an unknown format',
      { vmid: NOWHERE, name: 'x', recipe: { document: { format: 'toml' } } },
      ['recipe.document.format'],
    ],
  ])('with %s is refused, and no plant hears of it', async (_what, request, fields) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const error = await rejection(all(publish(shop, request)));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.violations.map(({ field }) => field).sort()).toEqual([...fields].sort());
    expect(plant.calls).toEqual([]);
  });
});

describe('a decision about an image', () => {
  it('is made on every plant that has it', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' }), await stage.plant({ name: 'b' })]);
    const one = await shop.channel.unary(UpdateImage, { name: 'a-image', shared: 'disk' }, SOON);
    expect(one.images).toMatchObject([{ plant: 'a', shared: 'disk', owner: 'default' }]);
    const change = { name: 'everywhere', clientDomain: 'lab.example', pinned: true };
    const both = await shop.channel.unary(UpdateImage, change, SOON);
    expect(both.images.map(({ plant, shared, pinned, owner }) => [plant, shared, pinned, owner])).toEqual([
      ['a', 'unchanged', true, 'lab.example'],
      ['b', 'unchanged', true, 'lab.example'],
    ]);
  });

  it('says which plants it did not reach', async () => {
    const up = await stage.plant({ name: 'up' });
    const down = await stage.plant({ name: 'down' });
    await down.stop();
    const shop = await stage.shop([up, down]);
    const update = (name: string) => shop.channel.unary(UpdateImage, { name, pinned: true }, SOON);
    expect(await update('up-image')).toMatchObject({
      images: [{ plant: 'up' }],
      unreachable: [down.address],
    });
    const error = await rejection(update('nowhere'));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANT_UNREACHABLE' });
    expect(error.message).toContain(down.address);
    await up.stop();
    expect((await rejection(update('up-image'))).message).toContain('no plant answers');
  });

  it('is NOT_FOUND when every plant says so, and what a plant refuses is said', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    const update = (request: object) =>
      rejection(shop.channel.unary(UpdateImage, { pinned: true, ...request }, SOON));
    expect(await update({ name: 'nowhere' })).toMatchObject({ code: 'NOT_FOUND', reason: 'IMAGE_NOT_FOUND' });
    expect(await update({ name: 'a-image', clientDomain: 'not.mine' })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_OWNER',
    });
  });

  it.each<[string, object, string]>([
    ['nothing to change', { name: 'a-image' }, 'shared'],
    ['no such sharing', { name: 'a-image', shared: '' }, 'shared'],
    ['no name', { name: '', pinned: true }, 'name'],
    ['no domain', { name: 'a-image', pinned: true, clientDomain: 'A B' }, 'client_domain'],
  ])('with %s is refused, and no plant hears of it', async (_what, request, field) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const error = await rejection(shop.channel.unary(UpdateImage, request, SOON));
    expect(error.violations.map((violation) => violation.field)).toEqual([field]);
    expect(plant.calls).toEqual([]);
  });
});

describe('what the plants know of images', () => {
  it('is what they learned, and who did not say', async () => {
    const up = await stage.plant({ name: 'up' });
    const down = await stage.plant({ name: 'down' });
    await down.stop();
    const shop = await stage.shop([up, down]);
    const { reports, unreachable } = await shop.channel.unary(Learn, { dryRun: true }, SOON);
    expect(reports).toMatchObject([{ plant: 'up', enabled: true }]);
    expect(unreachable).toEqual([down.address]);
    expect((await shop.channel.unary(Learn, {}, SOON)).reports).toMatchObject([{ enabled: false }]);
  });

  it('is asked for one domain', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    const { images } = await shop.channel.unary(Images, { clientDomain: 'lab.example' }, SOON);
    expect(images).toMatchObject([{ name: 'a-image', owner: 'lab.example' }]);
  });
});
