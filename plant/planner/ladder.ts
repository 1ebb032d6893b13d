import type { GoldenImage, MemoryState } from '../../model/goldenImage.js';
import { accessTo } from '../../model/imageAccess.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import type { Failure } from './failure.js';
import type { CompiledQuery } from './query.js';
import type { UsableLine } from './testLine.js';

/** The rung on which an image is cloned, and the line that does it. */
export interface RungChoice {
  readonly kind: 'rung';
  readonly rung: Rung;
  readonly line: string;
  /** Why not warm; absent when warm. */
  readonly rungReason?: string;
}

/**
 * Warm where the frozen memory fits exactly, else the disk (VMPlants paper, section 4.1: VMware resumes a checkpoint,
 * User-Mode Linux boots the same image). A rung that was excluded is passed over, and so is a memory that the order's
 * client domain may not share.
 *
 * @param lines usable lines of the image, at least one, the preferred first
 */
export function chooseRung(
  query: CompiledQuery,
  image: GoldenImage,
  lines: readonly UsableLine[],
): RungChoice | { readonly kind: 'failure'; readonly failure: Failure } {
  const excluded = query.excluded.get(image.name);
  const warm =
    excluded?.has('warm') === true ? failedBefore('warm') : fitWarm(query.order.order, image, lines);
  if ('line' in warm) return { kind: 'rung', rung: 'warm', line: warm.line };
  if (excluded?.has('disk') === true) {
    return {
      kind: 'failure',
      failure: {
        test: warm.test,
        describe: () => `a clone of its disk has failed before, and it cannot be resumed: ${warm.describe()}`,
      },
    };
  }
  return { kind: 'rung', rung: 'disk', line: lines[0]?.line ?? '', rungReason: warm.describe() };
}

function failedBefore(rung: Rung): Failure {
  return { test: 'line', describe: () => `a ${rung} clone of it has failed before` };
}

/** The first line on which the memory can be resumed, or the reason of the first that cannot. */
function fitWarm(order: Order, image: GoldenImage, lines: readonly UsableLine[]): UsableLine | Failure {
  const memory = image.memory;
  if (memory === undefined) return { test: 'line', describe: () => 'it holds no frozen memory' };
  if (accessTo(image, order.clientDomain) !== 'memory') {
    return {
      test: 'line',
      describe: () => 'its memory belongs to another client domain and is not shared',
    };
  }
  const misfit = testMemory(order, image, memory);
  if (misfit !== undefined) return misfit;
  let first: Failure | undefined;
  for (const line of lines) {
    const failure = testEnvironment(memory, line);
    if (failure === undefined) return line;
    first ??= failure;
  }
  return first ?? { test: 'line', describe: () => 'no production line can resume it' };
}

/** A frozen memory has one size, one number of processors, one kernel and its network interface or none. */
function testMemory(order: Order, image: GoldenImage, memory: MemoryState): Failure | undefined {
  if (memory.memoryMiB !== order.hardware.memoryMiB) {
    return {
      test: 'hardware',
      describe: () =>
        `its frozen memory has ${memory.memoryMiB} MiB, the order asks for exactly ${order.hardware.memoryMiB} MiB`,
    };
  }
  if (memory.vcpus !== order.hardware.vcpus) {
    return {
      test: 'hardware',
      describe: () =>
        `it was frozen with ${memory.vcpus} processors, the order asks for ${order.hardware.vcpus}`,
    };
  }
  if (memory.network !== order.network.kind) {
    return {
      test: 'network',
      describe: () =>
        `it was frozen with network ${memory.network}, the order asks for ${order.network.kind}`,
    };
  }
  if (memory.guestKernel !== image.boot.guestKernel) {
    return {
      test: 'operating-system',
      describe: () =>
        `its frozen guest kernel is ${memory.guestKernel}, its boot files are of ${image.boot.guestKernel}`,
    };
  }
  return undefined;
}

function testEnvironment(memory: MemoryState, usable: UsableLine): Failure | undefined {
  const here = usable.environment;
  if (here === undefined) return undefined;
  if (!here.resumes)
    return { test: 'line', describe: () => `the ${usable.line} line here cannot resume a memory` };
  const facts: readonly (readonly [what: string, frozen: string, found: string])[] = [
    ['accelerator', memory.accelerator, here.accelerator],
    ['processor model', memory.cpuModel, here.cpuModel],
    ['monitor', memory.vmm, here.vmm],
  ];
  for (const [what, frozen, found] of facts) {
    if (frozen !== found) {
      return {
        test: 'line',
        describe: () => `it was frozen under ${what} ${frozen}, the ${usable.line} line has ${found}`,
      };
    }
  }
  return undefined;
}
