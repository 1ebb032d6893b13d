/**
 * What the plant writes to its log. A pino logger is one. Fields hold names, numbers and reasons, never payloads:
 * no scripts, parameters, identities or guest output.
 */
export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}
