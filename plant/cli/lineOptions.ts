import { type Command, Option } from 'commander';
import { VmplantsError } from '../../model/errors.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import { lineNames } from './lineFlags.js';
import type { LineName } from './openLine.js';

/** What a host would have to be, for planning without one. */
export interface LineOptions {
  /** At least one. */
  readonly line: readonly LineName[];
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
        'production lines of the host, the next three options describe its qemu line',
      )
        .argParser(lineNames)
        .default(['qemu'], 'qemu'),
    )
    .option('--accelerator <NAME>', 'plan for a host with this accelerator (kvm, tcg)')
    .option('--cpu-model <NAME>', 'plan for a host with this CPU model')
    .option('--vmm <TEXT>', "plan for a host with this monitor, for example 'QEMU 7.2.22'")
    .option('--uml-kernel <RELEASE>', 'kernel of the uml line, for orders that insist on one');
}

/**
 * The lines of the described host; undefined when none is described: then the memory of every image is taken to fit.
 * User-Mode Linux needs no description: it resumes nothing.
 * @throws VmplantsError INVALID_ARGUMENT when the host is described in part
 */
export function describedLines(options: LineOptions): readonly LineEnvironment[] | undefined {
  const { line: names, accelerator, cpuModel, vmm, umlKernel } = options;
  const described = [accelerator, cpuModel, vmm].filter((value) => value !== undefined).length;
  const onlyUml = names.every((name) => name === 'uml');
  if (described === 0 && !onlyUml) return undefined;
  return names.map((line): LineEnvironment => {
    if (line === 'uml') return umlDescribed(umlKernel);
    if (accelerator === undefined || cpuModel === undefined || vmm === undefined) {
      throw new VmplantsError(
        'INVALID_ARGUMENT',
        'expected --accelerator, --cpu-model and --vmm together: a frozen memory depends on all three',
        { reason: 'USAGE' },
      );
    }
    return { line, accelerator, cpuModel, vmm, resumes: true };
  });
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
