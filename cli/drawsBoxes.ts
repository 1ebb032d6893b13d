import type { CliEnvironment } from './environment.js';

/**
 * Whether stdout can show box-drawing characters: a terminal in a UTF-8 locale. A file or a pipe gets ASCII, which
 * every reader understands.
 */
export function drawsBoxes({ terminal, variables }: Pick<CliEnvironment, 'terminal' | 'variables'>): boolean {
  if (terminal.stdout.isTTY !== true) return false;
  // The first that is set and not empty decides (POSIX, locale variables).
  const locale = [variables.LC_ALL, variables.LC_CTYPE, variables.LANG].find((value) => value);
  return /utf-?8/i.test(locale ?? '');
}
