import type { GoldenImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import type { VmRecord } from '../info/record.js';
import type { PreparePoint } from './prepared.js';

/** Names a point, so that points can be compared. */
export function pointKey({ image, line, rung, vcpus, memoryMiB, network }: PreparePoint): string {
  return `${image} ${line} ${rung} ${vcpus} ${memoryMiB} ${network}`;
}

/** The point itself, without what else an object of a wider type has. */
export function pointOf({ image, line, rung, vcpus, memoryMiB, network }: PreparePoint): PreparePoint {
  return { image, line, rung, vcpus, memoryMiB, network };
}

/** The point at which a machine would serve an order that is cloned from this image on this line and rung. */
export function pointOfOrder(order: Order, image: string, line: string, rung: Rung): PreparePoint {
  const { vcpus, memoryMiB } = order.hardware;
  return { image, line, rung, vcpus, memoryMiB, network: order.network.kind };
}

/** The point that a VM was made at. */
export function pointOfVm({ vm, network }: VmRecord): PreparePoint {
  const { image, line, rung, vcpus, memoryMiB } = vm;
  return { image, line, rung, vcpus, memoryMiB, network: network === undefined ? 'none' : 'host-only' };
}

/**
 * Whether a machine can be made of the image at this point, on this host. As the planner's rungs; what else an order may
 * insist on, like a kernel, it finds out by planning.
 */
export function canBeMade(
  point: PreparePoint,
  image: GoldenImage | undefined,
  lines: readonly LineEnvironment[],
): boolean {
  const here = lines.find(({ line }) => line === point.line);
  if (image === undefined || here === undefined || !image.lines.includes(point.line)) return false;
  if (here.maxVcpus !== undefined && point.vcpus > here.maxVcpus) return false;
  return point.rung === 'disk' || canResume(point, image, here);
}

function canResume(point: PreparePoint, { memory, boot }: GoldenImage, here: LineEnvironment): boolean {
  return (
    memory !== undefined &&
    here.resumes &&
    memory.accelerator === here.accelerator &&
    memory.cpuModel === here.cpuModel &&
    memory.vmm === here.vmm &&
    memory.guestKernel === boot.guestKernel &&
    memory.memoryMiB === point.memoryMiB &&
    memory.vcpus === point.vcpus &&
    memory.network === point.network
  );
}
