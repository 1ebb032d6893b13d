import type { ArgumentKind, CommandNode } from './commandTree.js';

/** A command of the tree with the words that lead to it. */
export interface CommandPath {
  /** `['context', 'use']`; empty for the program itself. */
  readonly words: readonly string[];
  readonly node: CommandNode;
}

/** Every command of the tree, parents before children. */
export function commandPaths(node: CommandNode, words: readonly string[] = []): readonly CommandPath[] {
  return [{ words, node }, ...node.commands.flatMap((child) => commandPaths(child, [...words, child.name]))];
}

/**
 * The command that lists what an argument may be, one a line; undefined where there is nothing to ask. The lists
 * are asked for when the key is pressed, with a short time limit: a shop that is away must not hold the shell up.
 */
export function listingCommand(program: string, kind: ArgumentKind): string | undefined {
  switch (kind) {
    case 'vmid':
      return `${program} list -q --timeout 2s`;
    case 'context':
      return `${program} context list -q`;
    case 'golden-image':
      return `${program} images -q --timeout 2s`;
    case 'image':
      return `${program} warehouse list -q`;
    default:
      return undefined;
  }
}
