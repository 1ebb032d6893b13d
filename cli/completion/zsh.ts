import { commandPaths, listingCommand } from './candidates.js';
import type { CommandNode, OptionNode } from './commandTree.js';
import { SHELL_NAMES } from './shellNames.js';

/** Completion for zsh: a function for every command, called by the one above it. */
export function zshCompletion(tree: CommandNode): string {
  const functions = commandPaths(tree).map((path) => commandFunction(tree.name, path.words, path.node));
  return `#compdef ${tree.name}
# zsh completion for ${tree.name}; load it with: source <(${tree.name} completion zsh)
${functions.join('\n')}
if [[ "$funcstack[1]" == "_${tree.name}" ]]; then
  _${tree.name} "$@"
else
  compdef _${tree.name} ${tree.name}
fi
`;
}

function functionName(program: string, words: readonly string[]): string {
  return ['', program, ...words].join('_');
}

function commandFunction(program: string, words: readonly string[], node: CommandNode): string {
  const name = functionName(program, words);
  const options = node.options.map(optionSpecification);
  if (node.commands.length === 0) {
    return `${name}() {\n  _arguments -s${lines([...options, argumentSpecification(program, node)])}\n}`;
  }
  const described = node.commands.map((child) =>
    quote(`${child.name}:${child.description.replaceAll(':', '\\:')}`),
  );
  const cases = node.commands.map(
    (child) => `    ${child.name}) ${functionName(program, [...words, child.name])} ;;`,
  );
  return `${name}() {
  local line state
  _arguments -s -C${lines([...options, "'1: :->command'", "'*:: :->rest'"])}
  case $state in
    command) local -a commands=(${described.join(' ')}); _describe command commands ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`;
}

function lines(words: readonly string[]): string {
  return words.map((word) => ` \\\n    ${word}`).join('');
}

function optionSpecification(option: OptionNode): string {
  const description = `[${option.description.replace(/[[\]:]/g, '\\$&')}]`;
  const values = option.choices.length > 0 ? `(${option.choices.join(' ')})` : option.files ? '_files' : ' ';
  const value = option.takesValue ? `:value:${values}` : '';
  if (option.flags.length === 1) return `${option.flags[0] ?? ''}${quote(description + value)}`;
  return `'(${option.flags.join(' ')})'{${option.flags.join(',')}}${quote(description + value)}`;
}

function argumentSpecification(program: string, node: CommandNode): string {
  const listing = listingCommand(program, node.argument);
  if (node.argument === 'shell') return `'1:shell:(${SHELL_NAMES})'`;
  if (node.argument === 'file') return "'*:file:_files'";
  if (listing === undefined) return "'*: : '";
  return `'*:${node.argument}:($(${listing} 2>/dev/null))'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
