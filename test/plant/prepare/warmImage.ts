import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage, LocatedImage } from '../../../model/goldenImage.js';
import { bootedGuest } from '../../../plant/line/fake/guestState.js';
import type { ImageSource } from '../../../plant/parts.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';

/** A golden image of the fake line with a frozen memory, for the orders of the rig: 256 MiB, host-only. */
export async function makeWarmImage(
  directory: string,
  change: Partial<GoldenImage> = {},
): Promise<LocatedImage> {
  const { descriptor } = await makeFakeImage(directory);
  await writeFile(join(directory, 'device-state'), JSON.stringify(bootedGuest('0-fake')));
  await writeFile(join(directory, 'memory'), '');
  return {
    directory,
    descriptor: {
      ...descriptor,
      memory: {
        file: 'memory',
        deviceStateFile: 'device-state',
        memoryMiB: 256,
        vcpus: 1,
        cpuModel: 'fake',
        accelerator: 'none',
        vmm: 'fake 1',
        network: 'host-only',
        guestKernel: '0-fake',
      },
      ...change,
    },
  };
}

/** A warehouse that the test changes. */
export function changingWarehouse(first: readonly LocatedImage[]): ImageSource & {
  readonly set: (images: readonly LocatedImage[]) => void;
} {
  let images = first;
  const listeners = new Set<() => void>();
  return {
    images: () => images,
    get: (name) => images.find(({ descriptor }) => descriptor.name === name),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      images = next;
      for (const listener of listeners) listener();
    },
  };
}
