import type { GoldenImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import type { VmRecord } from '../info/record.js';
import type { PreparePoint } from './prepared.js';

/** Names a point, so that points can be compared. */
export function pointKey({ image, line, vcpus, memoryMiB, network }: PreparePoint): string {
  return `${image} ${line} ${vcpus} ${memoryMiB} ${network}`;
}

/** The point itself, without what else an object of a wider type has. */
export function pointOf({ image, line, vcpus, memoryMiB, network }: PreparePoint): PreparePoint {
  return { image, line, vcpus, memoryMiB, network };
}

/** The point at which a machine would serve an order that is cloned from this image on this line. */
export function pointOfOrder(order: Order, image: string, line: string): PreparePoint {
  const { vcpus, memoryMiB } = order.hardware;
  return { image, line, vcpus, memoryMiB, network: order.network.kind };
}

/** The point that a VM was made at. */
export function pointOfVm({ vm, network }: VmRecord): PreparePoint {
  const { image, line, vcpus, memoryMiB } = vm;
  return { image, line, vcpus, memoryMiB, network: network === undefined ? 'none' : 'host-only' };
}

/** Whether a machine can be resumed at this point from the image's memory, on this host. As the planner's warm rung. */
export function canResume(
  point: PreparePoint,
  image: GoldenImage | undefined,
  lines: readonly LineEnvironment[],
): boolean {
  const memory = image?.memory;
  const here = lines.find(({ line }) => line === point.line);
  if (image === undefined || memory === undefined || here === undefined) return false;
  return (
    image.lines.includes(point.line) &&
    here.resumes &&
    memory.accelerator === here.accelerator &&
    memory.cpuModel === here.cpuModel &&
    memory.vmm === here.vmm &&
    memory.guestKernel === image.boot.guestKernel &&
    memory.memoryMiB === point.memoryMiB &&
    memory.vcpus === point.vcpus &&
    memory.network === point.network
  );
}
