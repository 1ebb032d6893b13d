import { VmplantsError } from '../../model/errors.js';
import { bashCompletion } from './bash.js';
import type { CommandNode } from './commandTree.js';
import { fishCompletion } from './fish.js';
import { SHELL_NAMES } from './shellNames.js';
import { zshCompletion } from './zsh.js';

/**
 * The completion script of a program for a shell.
 * @throws VmplantsError INVALID_ARGUMENT for a shell that is not known
 */
export function completionScript(shell: string, tree: CommandNode): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(tree);
    case 'zsh':
      return zshCompletion(tree);
    case 'fish':
      return fishCompletion(tree);
    default:
      throw new VmplantsError(
        'INVALID_ARGUMENT',
        `expected one of ${SHELL_NAMES}; found ${JSON.stringify(shell)}`,
        { reason: 'USAGE' },
      );
  }
}
