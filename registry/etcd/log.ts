/** What this writes of its doings; a pino logger is one. Fields hold addresses, keys and reasons, no values. */
export interface RegistryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
