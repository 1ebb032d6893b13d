import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { ImageSource } from '../../../plant/parts.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';
import { createRig, fakeOrder, produce } from './rig.js';

// Fault 24: between the plan and the clone, a bit of the image flips.

async function twoImages(): Promise<readonly LocatedImage[]> {
  const directory = await mkdtemp(join(tmpdir(), 'plant-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const names = ['first', 'second'];
  return await Promise.all(
    names.map(async (name) => {
      const { descriptor, ...rest } = await makeFakeImage(join(directory, name));
      return { ...rest, descriptor: { ...descriptor, name } };
    }),
  );
}

/** Says of the images with these names, when they are about to be cloned, that they are damaged. */
function damaged(images: readonly LocatedImage[], names: readonly string[]): ImageSource {
  return {
    images: () => images,
    get: (name) => images.find(({ descriptor }) => descriptor.name === name),
    onChange: () => () => undefined,
    confirm: async ({ descriptor }) => !names.includes(descriptor.name),
  };
}

test('the next best image is cloned; of the damaged one there is no clone', async () => {
  const images = await twoImages();
  const rig = await createRig({ images });
  onTestFinished(rig.remove);
  const { plant } = await rig.open({ warehouse: damaged(images, ['first']) });
  onTestFinished(plant.close);
  const { vm, events } = await produce(plant, fakeOrder());
  const planned = events.flatMap((event) => (event.kind === 'plan' ? [event.plan.image] : []));
  expect([vm.image, planned]).toEqual(['second', ['first', 'second']]);
});

test('where every image is damaged the creation fails, says so, and leaves nothing', async () => {
  const images = await twoImages();
  const rig = await createRig({ images });
  onTestFinished(rig.remove);
  const { plant } = await rig.open({ warehouse: damaged(images, ['first', 'second']) });
  onTestFinished(plant.close);
  await expect(produce(plant, fakeOrder())).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'NO_MATCHING_IMAGE',
    message: expect.stringMatching(/first: .*damaged.*second: .*damaged/),
  });
  expect([plant.list(undefined), await rig.clones()]).toEqual([[], []]);
});
