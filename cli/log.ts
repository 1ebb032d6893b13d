import { type Logger, pino } from 'pino';
import type { Screen } from './terminal.js';

/** The log of a server: one JSON object a line, on stderr. */
export function createLog(screen: Screen, name: string, level: string): Logger {
  return pino({ name, level }, screen);
}
