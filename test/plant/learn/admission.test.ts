import { describe, expect, test } from 'vitest';
import type { GoldenImage } from '../../../model/goldenImage.js';
import { admission } from '../../../plant/learn/admission.js';
import type { KnownImage, LearningBudget, Protection } from '../../../plant/learn/decide/learning.js';

const IMAGE: GoldenImage = {
  format: 'vmplants-golden-image/1',
  name: 'new',
  created: '2026-01-01T00:00:00Z',
  operatingSystem: { name: 'fake', version: '1' },
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 32, diskMiB: 64 },
  performed: [],
  lines: ['fake'],
  disk: { file: 'disk', format: 'qcow2' },
  boot: { kernel: 'kernel', initrd: 'initrd', commandLine: '', guestKernel: '1' },
  devices: [],
  bootSeconds: 1,
  files: [],
  origin: 'learned',
};

function known(name: string, bytes: number, protectedBy: readonly Protection[] = []): KnownImage {
  return { image: { ...IMAGE, name }, bytes, protectedBy };
}

/** Images in a list instead of a directory; `stuck` cannot be evicted after all. */
function shelf(
  budget: LearningBudget,
  all: readonly KnownImage[],
  victims: readonly string[],
  stuck: readonly string[] = [],
) {
  let images = all;
  const evicted: string[] = [];
  const discarded: KnownImage[] = [];
  const admit = admission(
    {
      budget,
      survey: async () => ({
        images,
        damaged: [],
        used: { bytes: images.reduce((sum, { bytes }) => sum + bytes, 0), images: images.length },
      }),
      evict: async (name) => {
        if (stuck.includes(name)) return false;
        evicted.push(name);
        images = images.filter(({ image }) => image.name !== name);
        return true;
      },
      onDiscarded: (image) => discarded.push(image),
    },
    () => victims.map((image) => ({ image, reason: 'worth least' })),
  );
  return { admit, evicted, discarded };
}

describe('a new image', () => {
  test('that fits exactly comes in, and nothing goes', async () => {
    const { admit, evicted } = shelf({ bytes: 10, images: 2 }, [known('a', 6)], ['a']);
    await admit(IMAGE, 4);
    expect(evicted).toEqual([]);
  });

  test('that is larger than expected takes the room of what is worth less, and no more', async () => {
    const images = [known('a', 3), known('b', 3), known('c', 3)];
    const { admit, evicted, discarded } = shelf({ bytes: 10, images: 9 }, images, ['b', 'a', 'c']);
    await admit(IMAGE, 6);
    expect(evicted).toEqual(['b', 'a']);
    expect(discarded).toEqual([]);
  });

  test('counts as one image', async () => {
    const { admit, evicted } = shelf({ bytes: 100, images: 1 }, [known('a', 3)], ['a']);
    await admit(IMAGE, 1);
    expect(evicted).toEqual(['a']);
  });

  test('for which all that may go is not enough is discarded, nothing goes, and its size is known', async () => {
    const images = [known('a', 3), known('b', 5, ['vms']), known('c', 2)];
    const { admit, evicted, discarded } = shelf({ bytes: 10, images: 9 }, images, ['a', 'b']);
    await expect(admit(IMAGE, 4)).rejects.toMatchObject({ reason: 'OVER_BUDGET' });
    expect(evicted).toEqual([]);
    expect(discarded.map(({ image, bytes }) => [image.name, bytes])).toEqual([['new', 4]]);
  });

  test('takes the next when one cannot go after all', async () => {
    const images = [known('a', 5), known('b', 5)];
    const { admit, evicted } = shelf({ bytes: 10, images: 9 }, images, ['a', 'b'], ['a']);
    await admit(IMAGE, 5);
    expect(evicted).toEqual(['b']);
  });

  test.each<[who: string, made: KnownImage]>([
    ['people', { ...known('a', 5), image: { ...IMAGE, name: 'a', origin: 'recipe' } }],
    ['another plant', { ...known('a', 5), ofOther: true }],
  ])('never takes the room of what %s made', async (_who, made) => {
    const { admit, evicted } = shelf({ bytes: 5, images: 9 }, [made], ['a']);
    await expect(admit(IMAGE, 5)).rejects.toMatchObject({ reason: 'OVER_BUDGET' });
    expect(evicted).toEqual([]);
  });
});
