import { type CommandPath, commandPaths, listingCommand } from './candidates.js';
import type { CommandNode, OptionNode } from './commandTree.js';
import { SHELL_NAMES } from './shellNames.js';

/** Completion for fish: one `complete` line for every command, option and argument. */
export function fishCompletion(tree: CommandNode): string {
  const program = tree.name;
  const lines = commandPaths(tree).flatMap((path) => pathLines(program, path));
  return `# fish completion for ${program}; load it with: ${program} completion fish | source
complete -c ${program} -f
${lines.join('\n')}
`;
}

function pathLines(program: string, { words, node }: CommandPath): readonly string[] {
  const start = `complete -c ${program} -n ${quote(condition(words, node))}`;
  const lines = node.commands.map((child) => `${start} -a ${child.name} -d ${quote(child.description)}`);
  // Every command lists its options whole, so the program's own are offered before a command only.
  for (const option of node.options) lines.push(`${start}${optionWords(option)}`);
  const listing = listingCommand(program, node.argument);
  if (node.argument === 'shell') lines.push(`${start} -a ${quote(SHELL_NAMES)}`);
  else if (node.argument === 'file') lines.push(`${start} -F`);
  else if (listing !== undefined) lines.push(`${start} -a ${quote(`(${listing} 2>/dev/null)`)}`);
  return lines;
}

/** True while the words so far are these, and none of the command's own subcommands. */
function condition(words: readonly string[], node: CommandNode): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = node.commands.map((child) => child.name).join(' ');
  const none = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`];
  return [...seen, ...none].join('; and ');
}

function optionWords(option: OptionNode): string {
  const flags = option.flags.map((flag) =>
    flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`,
  );
  const value = !option.takesValue
    ? ''
    : option.choices.length > 0
      ? ` -x -a ${quote(option.choices.join(' '))}`
      : option.files
        ? ' -r -F'
        : ' -x';
  return `${flags.join('')}${value} -d ${quote(option.description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
