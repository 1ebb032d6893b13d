import { execFileSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../cli/completion/commandTree.js';
import { completionScript } from '../../cli/completion/completionScript.js';

function tool(): Command {
  const program = new Command('tool').description('a tool');
  program.addOption(new Option('-o, --output <FORMAT>', 'form').choices(['json', 'yaml']));
  program.command('create').description("create it's thing").requiredOption('-f, --file <FILE>', 'the file');
  program.command('get').description('get one').argument('<vmid>');
  program.command('pin').description('pin one').argument('<golden-image>');
  const context = program.command('context').description('contexts');
  context.command('use').description('use one').argument('<context>');
  context.command('list').description('list them');
  program.command('completion').description('scripts').argument('<shell>');
  return program;
}

const script = (shell: string): string => completionScript(shell, commandTree(tool()));

/** What bash offers after the given words, of which the last is being typed. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const program = `
tool() { [ "$1 $2" = "list -q" ] && printf 'vm-aaa\\nvm-bbb\\n'; [ "$1 $2" = "images -q" ] && printf 'web\\nmicro\\n'; [ "$1 $2" = "context list" ] && echo lab; return 0; }
${script('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tool; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['--norc', '-c', program, 'bash', 'tool', ...words], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return text.split('\n').filter((line) => line !== '');
}

describe('completion for bash', () => {
  it.each([
    ['commands', [''], ['create', 'get', 'pin', 'context', 'completion']],
    ['the command begun', ['con'], ['context']],
    ['commands below a command', ['context', ''], ['use', 'list']],
    ['VMIDs from the shop', ['get', 'vm-b'], ['vm-bbb']],
    ['images from the shop', ['pin', 'w'], ['web']],
    ['contexts from the file', ['context', 'use', ''], ['lab']],
    ['options of the command and of the program', ['create', '--'], ['--file', '--output', '--help']],
    ['choices of an option', ['get', '-o', ''], ['json', 'yaml']],
    ['shells', ['completion', 'b'], ['bash']],
    ['nothing after --', ['get', '--', ''], []],
  ])('offers %s', (_what, words, offers) => {
    expect(bashOffers(...words)).toEqual(offers);
  });

  it('offers files where a file is expected', () => {
    expect(bashOffers('create', '-f', '/etc/host')).toContain('/etc/hosts');
  });
});

describe('completion for the other shells', () => {
  it('names every command, option and dynamic list for zsh', () => {
    const text = script('zsh');
    expect(text).toMatch(/^#compdef tool\n/);
    expect(text).toContain("'(-o --output)'{-o,--output}'[form]:value:(json yaml)'");
    expect(text).toContain("'create:create it'\\''s thing'");
    expect(text).toContain('_tool_context_use() {');
    expect(text).toContain("'*:vmid:($(tool list -q --timeout 2s 2>/dev/null))'");
  });

  it('names every command, option and dynamic list for fish', () => {
    const text = script('fish');
    expect(text).toContain("-a create -d 'create it\\'s thing'");
    expect(text).toContain("-s o -l output -x -a 'json yaml' -d 'form'");
    expect(text).toContain(
      "'__fish_seen_subcommand_from context; and __fish_seen_subcommand_from use' -a '(tool context list -q 2>/dev/null)'",
    );
  });

  it('refuses a shell that it does not know', () => {
    expect(() => script('csh')).toThrow('expected one of bash zsh fish; found "csh"');
  });
});
