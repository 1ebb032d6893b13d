/**
 * What servers write their records to; pino's loggers are of this shape. Fields first, then one fixed sentence.
 * Nothing that a client sent is put into the sentence, and no payload into the fields.
 */
export interface Logger {
  /** Records that only matter when something is looked for; left out where a log has no such level. */
  debug?(fields: object, message: string): void;
  /** Whether records of a level are written at all; absent where all that it has are. */
  isLevelEnabled?(level: string): boolean;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
