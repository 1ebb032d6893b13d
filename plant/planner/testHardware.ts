import type { GoldenImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Failure } from './failure.js';

/**
 * The image's instruction set is the order's, and its disk is at least as large (VMPlants paper, section 3.2: "must
 * match the client machine specification in terms of memory, disk, the operating system"). Memory and processors
 * only bind a frozen memory: on the disk rung the machine is given what the order asks for, as far as the line can.
 */
export function testHardware(order: Order, image: GoldenImage): Failure | undefined {
  if (image.hardware.isa !== order.hardware.isa) {
    return {
      test: 'hardware',
      describe: () =>
        `its instruction set is ${image.hardware.isa}, the order asks for ${order.hardware.isa}`,
    };
  }
  if (image.hardware.diskMiB < order.hardware.diskMiB) {
    return {
      test: 'hardware',
      describe: () =>
        `its disk has ${image.hardware.diskMiB} MiB, the order asks for at least ${order.hardware.diskMiB} MiB`,
    };
  }
  return undefined;
}
