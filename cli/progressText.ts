import type { Progress } from '../model/progress.js';
import { formatSeconds } from './amounts.js';
import { escapeLine } from './escape.js';

/** One step as a line of text: `configure install: running (2.1 s)`. */
export function progressText(progress: Progress): string {
  const subject = progress.action === undefined ? progress.phase : `${progress.phase} ${progress.action}`;
  const took = progress.seconds === undefined ? '' : ` (${formatSeconds(progress.seconds)})`;
  return escapeLine(`${subject}: ${progress.message}${took}`);
}
