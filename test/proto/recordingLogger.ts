import type { Logger } from '../../proto/logger.js';

interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps what is logged, for a test to look at. */
export interface RecordingLogger extends Logger {
  readonly records: readonly LogRecord[];
}

export function recordingLogger(): RecordingLogger {
  const records: LogRecord[] = [];
  const write = (level: LogRecord['level']) => (fields: object, message: string) => {
    records.push({ level, fields: { ...fields }, message });
  };
  return {
    records,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}
