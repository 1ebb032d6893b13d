import type { Rung } from '../../model/plan.js';
import { malformed } from './malformed.js';

/** DATA_LOSS when the text is neither `warm` nor `disk`. */
export function rungFromText(text: string): Rung {
  if (text === 'warm' || text === 'disk') return text;
  throw malformed('a rung, expected warm or disk', text);
}
