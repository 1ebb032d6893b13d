import type { GoldenImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import type { Failure } from './failure.js';
import type { CompiledQuery } from './query.js';

/** A production line that could make a machine of the image; without environment where it is but assumed, off-line. */
export interface UsableLine {
  readonly line: string;
  readonly environment: LineEnvironment | undefined;
}

/**
 * The lines that the image can be made on here as the order asks, in the image's order of preference. There has to be
 * one, and the one that the order insists on, if it does (VMPlants paper, section 3.2: the production line drives one
 * technology). A machine runs the image's kernel, unless the line brings its own.
 */
export function usableLines(query: CompiledQuery, image: GoldenImage): readonly UsableLine[] {
  const { order } = query.order;
  return linesHere(
    query,
    image,
    ({ environment }) =>
      hasKernel(order, image, environment) &&
      hasProcessors(order, environment) &&
      hasMemory(order, environment),
  );
}

/** Those of the image's lines that this host has and the order does not rule out by naming another. */
function linesHere(
  query: CompiledQuery,
  image: GoldenImage,
  serves: (usable: UsableLine) => boolean = () => true,
): readonly UsableLine[] {
  const wanted = query.order.order.line;
  const found: UsableLine[] = [];
  for (const line of image.lines) {
    if (wanted !== undefined && line !== wanted) continue;
    const environment = query.lines.find((candidate) => candidate.line === line);
    const { assumedLines } = query;
    const isHere = environment !== undefined || assumedLines === 'every' || assumedLines.includes(line);
    if (isHere && serves({ line, environment })) found.push({ line, environment });
  }
  return found;
}

/** Why there is no usable line; only to be asked when there is none. Of several reasons that of the preferred line. */
export function lineFailure(query: CompiledQuery, image: GoldenImage): Failure {
  const { order } = query.order;
  const [first] = linesHere(query, image);
  if (first !== undefined) {
    if (!hasKernel(order, image, first.environment)) return otherKernel(order, image, first);
    return hasProcessors(order, first.environment)
      ? tooLittleMemory(order, first)
      : tooManyProcessors(order, first);
  }
  const wanted = order.line;
  return {
    test: 'line',
    describe: () => {
      const made = image.lines.length === 0 ? 'no production line' : image.lines.join(', ');
      if (wanted !== undefined && !image.lines.includes(wanted)) {
        return `it is made for ${made}, the order asks for ${wanted}`;
      }
      const { assumedLines } = query;
      const assumed = assumedLines === 'every' ? [] : assumedLines;
      const here = [...assumed, ...query.lines.map((environment) => environment.line)].join(', ');
      return `it is made for ${made}, this host has ${here === '' ? 'no production line' : here}`;
    },
  };
}

function hasKernel(order: Order, image: GoldenImage, environment: LineEnvironment | undefined): boolean {
  const wanted = order.operatingSystem.kernel;
  return wanted === undefined || wanted === (environment?.guestKernel ?? image.boot.guestKernel);
}

function hasProcessors(order: Order, environment: LineEnvironment | undefined): boolean {
  const most = environment?.maxVcpus;
  return most === undefined || order.hardware.vcpus <= most;
}

function hasMemory(order: Order, environment: LineEnvironment | undefined): boolean {
  return order.hardware.memoryMiB >= (environment?.minMemoryMiB ?? 0);
}

function otherKernel(order: Order, image: GoldenImage, { line, environment }: UsableLine): Failure {
  const wanted = order.operatingSystem.kernel;
  return {
    test: 'operating-system',
    describe: () =>
      environment?.guestKernel === undefined
        ? `its guest kernel is ${image.boot.guestKernel}, the order asks for ${wanted}`
        : `the guest kernel of the ${line} line is ${environment.guestKernel}, the order asks for ${wanted}`,
  };
}

function tooManyProcessors(order: Order, { line, environment }: UsableLine): Failure {
  return {
    test: 'hardware',
    describe: () =>
      `a machine of the ${line} line has at most ${formatProcessors(environment?.maxVcpus ?? 0)}, the order asks for ${order.hardware.vcpus}`,
  };
}

export function formatProcessors(count: number): string {
  return count === 1 ? '1 processor' : `${count} processors`;
}

function tooLittleMemory(order: Order, { line, environment }: UsableLine): Failure {
  return {
    test: 'hardware',
    describe: () =>
      `a machine of the ${line} line needs ${environment?.minMemoryMiB} MiB of memory, the order asks for ${order.hardware.memoryMiB} MiB`,
  };
}
