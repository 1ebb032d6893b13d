import type { Command } from 'commander';
import { VmplantsError } from '../../model/errors.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';

/** What a host would have to be, for planning without one. */
export interface LineOptions {
  readonly line: string;
  readonly accelerator?: string;
  readonly cpuModel?: string;
  readonly vmm?: string;
}

export function addLineOptions(command: Command): Command {
  return command
    .option('--line <NAME>', 'production line that the three options below describe', 'qemu')
    .option('--accelerator <NAME>', 'plan for a host with this accelerator (kvm, tcg)')
    .option('--cpu-model <NAME>', 'plan for a host with this CPU model')
    .option('--vmm <TEXT>', "plan for a host with this monitor, for example 'QEMU 7.2.22'");
}

/**
 * The one line of the described host; undefined when none is described: then the memory of every image is taken to
 * fit.
 * @throws VmplantsError INVALID_ARGUMENT when the host is described in part
 */
export function describedLines(options: LineOptions): readonly LineEnvironment[] | undefined {
  const { line, accelerator, cpuModel, vmm } = options;
  if (accelerator === undefined && cpuModel === undefined && vmm === undefined) return undefined;
  if (accelerator === undefined || cpuModel === undefined || vmm === undefined) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      'expected --accelerator, --cpu-model and --vmm together: a frozen memory depends on all three',
      { reason: 'USAGE' },
    );
  }
  return [{ line, accelerator, cpuModel, vmm, resumes: true }];
}
