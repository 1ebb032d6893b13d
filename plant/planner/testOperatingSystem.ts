import type { GoldenImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Failure } from './failure.js';

/**
 * Name, and version where the order insists on it, are the image's (VMPlants paper, section 3.2). Of the kernel the
 * line decides, see `usableLines`.
 */
export function testOperatingSystem(order: Order, image: GoldenImage): Failure | undefined {
  const wanted = order.operatingSystem;
  const found = image.operatingSystem;
  if (found.name !== wanted.name) {
    return {
      test: 'operating-system',
      describe: () => `its operating system is ${found.name}, the order asks for ${wanted.name}`,
    };
  }
  if (wanted.version !== undefined && found.version !== wanted.version) {
    return {
      test: 'operating-system',
      describe: () => `it holds ${found.name} ${found.version}, the order asks for version ${wanted.version}`,
    };
  }
  return undefined;
}
