import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LocatedImage } from '../../model/goldenImage.js';
import { bakeBase } from '../../plant/bake/bakeBase.js';
import type { ProductionLine } from '../../plant/line/line.js';
import { DEFAULT_DEADLINES } from '../../plant/parts.js';
import { makeMicroImage } from '../conformance/microImage.js';
import { NEVER, rememberingLog } from '../plant/produce/rig.js';

/** Makes the micro image with its memory, 128 MiB, and publishes it as `base` in the directory. */
export async function makeWarmMicro(shared: string, line: ProductionLine): Promise<LocatedImage> {
  const { descriptor, directory: assembled } = await makeMicroImage(join(shared, 'micro'));
  return await bakeBase(
    {
      line,
      warehouseDirectory: shared,
      scratchRoot: join(shared, '.s'),
      toolEnvironment: { PATH: process.env.PATH ?? '' },
      deadlines: DEFAULT_DEADLINES,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      random: (count) => randomBytes(count),
      log: rememberingLog(),
    },
    {
      name: 'base',
      assembled: {
        directory: assembled,
        diskFile: descriptor.disk.file,
        diskMiB: descriptor.hardware.diskMiB,
        kernelFile: descriptor.boot.kernel,
        initrdFile: descriptor.boot.initrd,
        kernelCommandLine: descriptor.boot.commandLine,
        guestKernel: descriptor.boot.guestKernel,
        operatingSystem: descriptor.operatingSystem,
      },
      hardware: { vcpus: 1, memoryMiB: 128 },
      network: 'host-only',
      images: [],
    },
    () => undefined,
    NEVER,
  );
}
