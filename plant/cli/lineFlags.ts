import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { probeFile } from './layout.js';
import { LINE_NAMES, type LineName, type OpenLineOptions } from './openLine.js';

/** The options of a command that starts virtual machines on one production line of this host. */
export interface LineFlags extends QemuFlags {
  readonly line: LineName;
}

/** The options of a command that starts them on several. */
export interface LinesFlags extends QemuFlags {
  /** The preferred first; at least one, none twice. */
  readonly line: readonly LineName[];
  readonly uml: string;
  readonly umlMconsole: string;
}

interface QemuFlags {
  readonly qemu: string;
  readonly accelerator: 'auto' | 'tcg';
}

export function addLineFlags(command: Command): Command {
  return addQemuFlags(
    command.addOption(
      new Option('--line <NAME>', 'production line; fake starts no virtual machines, for trying things')
        .choices([...LINE_NAMES])
        .default('qemu'),
    ),
  );
}

export function addLinesFlags(command: Command): Command {
  return addQemuFlags(
    command.addOption(
      new Option(
        '--line <LIST>',
        'production lines (qemu, uml), the preferred first; fake alone starts no virtual machines, for trying things',
      )
        .argParser(lineNames)
        .default(['qemu'], 'qemu'),
    ),
  )
    .option('--uml <FILE>', 'path of the User-Mode Linux kernel', '/usr/bin/linux.uml')
    .option('--uml-mconsole <FILE>', 'path of its management console client', '/usr/bin/uml_mconsole');
}

function addQemuFlags(command: Command): Command {
  return command
    .option('--qemu <FILE>', 'path of the emulator', '/usr/bin/qemu-system-x86_64')
    .addOption(
      new Option('--accelerator <NAME>', 'auto uses KVM where a probe shows that it works')
        .choices(['auto', 'tcg'])
        .default('auto'),
    );
}

/** `qemu,uml`: a list without repetition. `fake` stands alone: it would take orders from lines that make VMs. */
export function lineNames(text: string): readonly LineName[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.flatMap((name) => LINE_NAMES.find((one) => one === name) ?? []);
  const isGood = known.length === names.length && new Set(known).size === known.length;
  if (isGood && (known.length === 1 || !known.includes('fake'))) return known;
  throw new InvalidArgumentError('Expected qemu, uml or both with a comma between, or fake alone.');
}

/** What to open the line of a command with that takes one. */
export function lineOptions(
  flags: LineFlags,
  dataDirectory: string,
  temporaryDirectory: string,
): OpenLineOptions {
  return { ...qemuOptions(flags, dataDirectory, temporaryDirectory), line: flags.line };
}

/** What to open each line of a command with that takes several, in their order. */
export function linesOptions(
  flags: LinesFlags,
  dataDirectory: string,
  temporaryDirectory: string,
): readonly OpenLineOptions[] {
  const common = {
    ...qemuOptions(flags, dataDirectory, temporaryDirectory),
    uml: {
      binary: flags.uml,
      mconsole: flags.umlMconsole,
      // On the file system of the clones.
      expandedDirectory: join(dataDirectory, 'expanded'),
    },
  };
  return flags.line.map((line) => ({ ...common, line }));
}

function qemuOptions(
  { qemu, accelerator }: QemuFlags,
  dataDirectory: string,
  temporaryDirectory: string,
): Omit<OpenLineOptions, 'line'> {
  return { qemu, accelerator, temporaryDirectory, probeFile: probeFile(dataDirectory) };
}
