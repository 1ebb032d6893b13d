import type { Progress } from '../model/progress.js';
import { formatSeconds } from './amounts.js';
import { escapeLine } from './escape.js';

/** One step as a line of text: `configure install: running (2.1 s)`. */
export function progressText(progress: Progress): string {
  const subject = progress.action === undefined ? progress.phase : `${progress.phase} ${progress.action}`;
  const took = progress.seconds === undefined ? '' : ` (${formatSeconds(progress.seconds)})`;
  return escapeLine(`${subject}: ${progress.message}${took}`);
}

/** Cuts a line to the columns of a terminal, so that rewriting it never leaves a wrapped rest behind. */
export function cutToWidth(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}
