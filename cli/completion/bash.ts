import { commandPaths, listingCommand } from './candidates.js';
import type { CommandNode, OptionNode } from './commandTree.js';
import { SHELL_NAMES } from './shellNames.js';

/** Completion for bash 4 and later, without the bash-completion package. */
export function bashCompletion(tree: CommandNode): string {
  const paths = commandPaths(tree);
  const name = tree.name;
  const known = paths.filter((path) => path.words.length > 0).map((path) => pattern(path.words));
  return `# bash completion for ${name}; load it with: source <(${name} completion bash)
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$word" == "--" ]] && return
    case "\${path:+$path }$word" in
      ${known.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$previous" in
${valueCases(paths.flatMap((path) => path.node.options))}
  esac
  local words="" options=""
  case "$path" in
${paths.map((path) => commandCase(name, path.words, path.node)).join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY+=($(compgen -W "$words" -- "$current"))
  fi
}
complete -F _${name} ${name}
`;
}

function pattern(words: readonly string[]): string {
  return `"${words.join(' ')}"`;
}

function commandCase(program: string, words: readonly string[], node: CommandNode): string {
  const options = node.options.flatMap((option) => option.flags).join(' ');
  const lines = [`options="${options}"`];
  const listing = listingCommand(program, node.argument);
  if (node.commands.length > 0) lines.push(`words="${node.commands.map((child) => child.name).join(' ')}"`);
  else if (node.argument === 'shell') lines.push(`words="${SHELL_NAMES}"`);
  else if (node.argument === 'file') lines.push('COMPREPLY=($(compgen -f -- "$current"))');
  else if (listing !== undefined) {
    lines.push(`[[ "$current" == -* ]] || words="$(${listing} 2>/dev/null)"`);
  }
  return `    "${words.join(' ')}")\n${lines.map((line) => `      ${line}`).join('\n')} ;;`;
}

/** What follows an option that takes a value: its choices, files, or nothing that could be guessed. */
function valueCases(options: readonly OptionNode[]): string {
  const seen = new Set<string>();
  const cases: string[] = [];
  for (const option of options.filter((one) => one.takesValue)) {
    const flags = option.flags.filter((flag) => !seen.has(flag));
    for (const flag of flags) seen.add(flag);
    if (flags.length === 0) continue;
    const reply =
      option.choices.length > 0
        ? `COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$current")); `
        : option.files
          ? 'COMPREPLY=($(compgen -f -- "$current")); '
          : '';
    cases.push(`    ${flags.join('|')}) ${reply}return ;;`);
  }
  return cases.join('\n');
}
