import type { Command } from 'commander';

/** A command as a shell's completion has to know it. */
export interface CommandNode {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
  /** What its arguments are, where the shell can offer any. */
  readonly argument: ArgumentKind;
}

export interface OptionNode {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** False for a switch. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly files: boolean;
}

export type ArgumentKind = 'none' | 'vmid' | 'context' | 'image' | 'golden-image' | 'shell' | 'file';

/** Names of arguments and of option values, as the help shows them, that stand for something to complete. */
const ARGUMENT_KINDS: Readonly<Record<string, ArgumentKind>> = {
  vmid: 'vmid',
  context: 'context',
  image: 'image',
  'golden-image': 'golden-image',
  shell: 'shell',
  directory: 'file',
};
const FILE_VALUES: ReadonlySet<string> = new Set(['FILE', 'DIR', 'ORDER']);

/** Reads the tree off the program, so that completion never lags behind the commands. */
export function commandTree(command: Command, inherited: readonly OptionNode[] = []): CommandNode {
  const own = command.options.filter((option) => !option.hidden).map(optionNode);
  // An option that the command has itself, such as `-o` with fewer choices, stands for the program's.
  const names = new Set(own.flatMap((option) => option.flags));
  const options = [...own, ...inherited.filter(({ flags }) => !flags.some((flag) => names.has(flag)))];
  const first = command.registeredArguments[0];
  return {
    name: command.name(),
    description: command.description(),
    options: [...options, HELP],
    commands: command.commands.map((child) => commandTree(child, options)),
    argument: first === undefined ? 'none' : (ARGUMENT_KINDS[first.name()] ?? 'none'),
  };
}

const HELP: OptionNode = {
  flags: ['-h', '--help'],
  description: 'show help',
  takesValue: false,
  choices: [],
  files: false,
};

function optionNode(option: Command['options'][number]): OptionNode {
  const value = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    files: FILE_VALUES.has(value),
  };
}
