import { type Command, Option } from 'commander';
import { probeFile } from './layout.js';
import { LINE_NAMES, type OpenLineOptions } from './openLine.js';

/** The options of commands that start virtual machines on this host. */
export interface LineFlags {
  readonly line: string;
  readonly qemu: string;
  readonly accelerator: 'auto' | 'tcg';
}

export function addLineFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--line <NAME>', 'production line; fake starts no virtual machines, for trying things')
        .choices([...LINE_NAMES])
        .default('qemu'),
    )
    .option('--qemu <FILE>', 'path of the emulator', '/usr/bin/qemu-system-x86_64')
    .addOption(
      new Option('--accelerator <NAME>', 'auto uses KVM where a probe shows that it works')
        .choices(['auto', 'tcg'])
        .default('auto'),
    );
}

export function lineOptions(
  flags: LineFlags,
  dataDirectory: string,
  temporaryDirectory: string,
): OpenLineOptions {
  return {
    line: flags.line,
    qemu: flags.qemu,
    accelerator: flags.accelerator,
    temporaryDirectory,
    probeFile: probeFile(dataDirectory),
  };
}
