import type { Command } from 'commander';
import { commandTree } from './completion/commandTree.js';
import { completionScript } from './completion/completionScript.js';
import { SHELL_NAMES } from './completion/shellNames.js';
import type { CliEnvironment } from './environment.js';
import { write } from './terminal.js';

/** `completion bash|zsh|fish`: a script for the shell, made of the commands as they are. */
export function addCompletion(program: Command, environment: CliEnvironment): void {
  program
    .command('completion')
    .argument('<shell>', SHELL_NAMES.replaceAll(' ', ', '))
    .description('print the completion script of a shell')
    .action(async (shell: string) => {
      await write(environment.terminal.stdout, completionScript(shell, commandTree(program)));
    });
}
