import type { GoldenImage, MemoryState } from '../../model/goldenImage.js';
import { accessTo } from '../../model/imageAccess.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import type { Failure } from './failure.js';
import type { CompiledQuery } from './query.js';
import { formatProcessors, type UsableLine } from './testLine.js';

/** The rung on which an image is used, and the line that does it. */
export interface RungChoice {
  readonly kind: 'rung';
  readonly rung: Rung;
  readonly line: string;
  /** Whether a machine waits there, resumed or booted, and is handed out. */
  readonly prepared: boolean;
  /** Why not warm; absent when warm. */
  readonly rungReason?: string;
}

/**
 * Warm where the frozen memory fits exactly, else the disk (VMPlants paper, section 4.1: VMware resumes a checkpoint,
 * User-Mode Linux boots the same image). A machine that waits is better than any clone, a resumed one better than a
 * booted one. A rung that was excluded is passed over, and so is a memory that the order's client domain may not share.
 *
 * @param lines usable lines of the image, at least one, the preferred first
 */
export function chooseRung(
  query: CompiledQuery,
  image: GoldenImage,
  lines: readonly UsableLine[],
): RungChoice | { readonly kind: 'failure'; readonly failure: Failure } {
  const ready = query.ready.get(image.name) ?? [];
  const waits = (rung: Rung) => (usable: UsableLine) =>
    ready.some((point) => point.rung === rung && point.line === usable.line);
  const warm = fitWarm(query, image, lines);
  const disk = lines.filter(({ line }) => !isExcluded(query, image, 'disk', line));
  const [resumed] = warm.fitting;
  const resumedWaits = warm.fitting.find(waits('warm'));
  const bootedWaits = disk.find(waits('disk'));
  if (resumedWaits !== undefined) {
    return { kind: 'rung', rung: 'warm', line: resumedWaits.line, prepared: true };
  }
  if (resumed !== undefined && (bootedWaits === undefined || query.readySeconds === 0)) {
    return { kind: 'rung', rung: 'warm', line: resumed.line, prepared: false };
  }
  const rungReason = warm.failure?.describe() ?? 'a booted machine of it waits';
  const booted = bootedWaits ?? disk[0];
  if (booted !== undefined) {
    const { line } = booted;
    return { kind: 'rung', rung: 'disk', line, prepared: bootedWaits !== undefined, rungReason };
  }
  const describe = (): string =>
    `a clone of its disk has failed before, and it cannot be resumed: ${rungReason}`;
  return { kind: 'failure', failure: { test: warm.failure?.test ?? 'line', describe } };
}

/** Whether a clone of the image on this rung has failed: on the line where one is named, else wherever it was. */
function isExcluded(query: CompiledQuery, image: GoldenImage, rung: Rung, line?: string): boolean {
  const excluded = query.excluded.get(image.name);
  if (excluded === undefined) return false;
  return excluded.some((one) => one.rung === rung && (one.line === undefined || one.line === line));
}

function failedBefore(rung: Rung): Failure {
  return { test: 'line', describe: () => `a ${rung} clone of it has failed before` };
}

interface WarmFit {
  /** Lines on which the memory can be resumed, the preferred first. */
  readonly fitting: readonly UsableLine[];
  /** Where there is none: why. */
  readonly failure?: Failure;
}

/** The lines on which the memory can be resumed, or the reason of the first that cannot. */
function fitWarm(query: CompiledQuery, image: GoldenImage, lines: readonly UsableLine[]): WarmFit {
  const misfit = testSharedMemory(query, image);
  if (misfit !== undefined || image.memory === undefined) {
    return { fitting: [], ...(misfit === undefined ? {} : { failure: misfit }) };
  }
  const fitting: UsableLine[] = [];
  let first: Failure | undefined;
  for (const line of lines) {
    const failure = isExcluded(query, image, 'warm', line.line)
      ? failedBefore('warm')
      : testEnvironment(image.memory, line);
    if (failure === undefined) fitting.push(line);
    else first ??= failure;
  }
  return fitting.length > 0 || first === undefined ? { fitting } : { fitting, failure: first };
}

/** Why the memory does not serve the order, on whatever line. */
function testSharedMemory(query: CompiledQuery, image: GoldenImage): Failure | undefined {
  const { order } = query.order;
  if (isExcluded(query, image, 'warm')) return failedBefore('warm');
  if (image.memory === undefined) return { test: 'line', describe: () => 'it holds no frozen memory' };
  if (accessTo(image, order.clientDomain) !== 'memory') {
    return {
      test: 'line',
      describe: () => 'its memory belongs to another client domain and is not shared',
    };
  }
  return testMemory(order, image, image.memory);
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
        `it was frozen with ${formatProcessors(memory.vcpus)}, the order asks for ${order.hardware.vcpus}`,
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
