import { type Command, Option } from 'commander';
import { VmplantsError } from '../../model/errors.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { PlannerQuery } from '../planner/query.js';
import { lineNames } from './lineFlags.js';
import type { LineName } from './openLine.js';

/** What a host would have to be, for planning without one. */
export interface LineOptions {
  /** At least one; absent: not said. */
  readonly line?: readonly LineName[];
  readonly accelerator?: string;
  readonly cpuModel?: string;
  readonly vmm?: string;
  readonly umlKernel?: string;
}

export function addLineOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--line <LIST>',
        'plan for a host with these production lines alone; the next three options describe its qemu line',
      ).argParser(lineNames),
    )
    .option('--accelerator <NAME>', 'plan for a host with this accelerator (kvm, tcg)')
    .option('--cpu-model <NAME>', 'plan for a host with this CPU model')
    .option('--vmm <TEXT>', "plan for a host with this monitor, for example 'QEMU 7.2.22'")
    .option('--uml-kernel <RELEASE>', 'kernel of the uml line, for orders that insist on one');
}

/**
 * The lines of the described host. Where none is named, nor qemu described, every line is taken to be there. A line
 * that is not described is taken to fit the memory of every image, but User-Mode Linux: it resumes nothing anywhere.
 * @throws VmplantsError INVALID_ARGUMENT when the host is described in part
 */
export function describedLines(options: LineOptions): Pick<PlannerQuery, 'lines' | 'assumedLines'> {
  const { line, accelerator, cpuModel, vmm, umlKernel } = options;
  const uml = umlDescribed(umlKernel);
  const described = [accelerator, cpuModel, vmm].some((value) => value !== undefined);
  if (line === undefined && !described) return { lines: [uml], assumedLines: 'every' };
  const names = line ?? ['qemu'];
  const others = names.filter((name) => name !== 'uml');
  const lines = names.includes('uml') ? [uml] : [];
  if (!described || others.length === 0) return { lines, assumedLines: others };
  if (accelerator === undefined || cpuModel === undefined || vmm === undefined) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      'expected --accelerator, --cpu-model and --vmm together: a frozen memory depends on all three',
      { reason: 'USAGE' },
    );
  }
  return {
    lines: [
      ...others.map((name): LineEnvironment => ({ line: name, accelerator, cpuModel, vmm, resumes: true })),
      ...lines,
    ],
  };
}

/** A kernel that is not named matches none that an order insists on. */
function umlDescribed(guestKernel = 'not known (--uml-kernel)'): LineEnvironment {
  return {
    line: 'uml',
    accelerator: 'uml',
    cpuModel: 'host',
    vmm: 'UML',
    resumes: false,
    guestKernel,
    maxVcpus: 1,
    minMemoryMiB: 64,
  };
}
