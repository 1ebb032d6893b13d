import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { type FieldViolation, invalidArgument } from '../model/errors.js';
import { MAX_FILE_BYTES, MAX_HANDLER_DEPTH, MAX_TOTAL_BYTES } from '../model/schema/limits.js';
import { quote } from '../model/schema/text.js';
import { type FieldPath, fieldName } from '../model/schema/violations.js';

export interface InlineOptions {
  /** Directory of the request file: what sources are relative to. */
  readonly directory: string;
  /** Whether sources may lie outside of that directory's tree. */
  readonly allowOutside: boolean;
}

/**
 * Replaces `source` of every file of a request in the plain shape by the base64 of that local file, for command
 * lines only: a server reads no file that a client names. Where no mode is given, an executable file becomes 0755,
 * any other 0644. Answers a new value; parts that are not of the expected shape are left for createOrder to judge.
 * Throws INVALID_ARGUMENT at the field of a source that cannot be taken.
 */
export async function inlineSources(
  plain: unknown,
  options: InlineOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const inliner = new Inliner(await realpath(options.directory), options.allowOutside, signal);
  if (!isObject(plain)) return plain;
  const actions = await inliner.actions(plain.actions, ['actions'], 0);
  if (inliner.violations.length > 0) throw invalidArgument(inliner.violations);
  return { ...plain, ...(actions === undefined ? {} : { actions }) };
}

type PlainObject = Readonly<Record<string, unknown>>;

class Inliner {
  readonly violations: FieldViolation[] = [];
  readonly #directory: string;
  readonly #allowOutside: boolean;
  readonly #signal: AbortSignal;
  #totalBytes = 0;

  constructor(directory: string, allowOutside: boolean, signal: AbortSignal) {
    this.#directory = directory;
    this.#allowOutside = allowOutside;
    this.#signal = signal;
  }

  async actions(plain: unknown, path: FieldPath, depth: number): Promise<unknown> {
    if (depth > MAX_HANDLER_DEPTH) return plain;
    return mapList(plain, (action, index) => this.#action(action, [...path, index], depth));
  }

  async #action(action: PlainObject, path: FieldPath, depth: number): Promise<PlainObject> {
    const result: Record<string, unknown> = { ...action };
    if (action.files !== undefined) result.files = await this.#files(action.files, [...path, 'files']);
    if (isObject(action.host) && isObject(action.host.attachIso)) {
      const files = await this.#files(action.host.attachIso.files, [...path, 'host', 'attachIso', 'files']);
      result.host = { ...action.host, attachIso: { ...action.host.attachIso, files } };
    }
    if (isObject(action.onError) && isObject(action.onError.handler)) {
      const inner = [...path, 'onError', 'handler', 'actions'];
      const actions = await this.actions(action.onError.handler.actions, inner, depth + 1);
      result.onError = { ...action.onError, handler: { ...action.onError.handler, actions } };
    }
    return result;
  }

  async #files(plain: unknown, path: FieldPath): Promise<unknown> {
    return mapList(plain, async (file, index) => {
      if (typeof file.source !== 'string' || file.content !== undefined || file.base64 !== undefined)
        return file;
      try {
        const { source: _, ...rest } = file;
        return { ...(await this.#read(file.source)), ...rest };
      } catch (error) {
        this.#signal.throwIfAborted();
        const description =
          error instanceof SourceError
            ? error.message
            : `cannot read ${quote(file.source)}: ${codeOf(error)}`;
        this.violations.push({ field: fieldName([...path, index, 'source']), description });
        return file;
      }
    });
  }

  async #read(source: string): Promise<{ readonly mode: string; readonly base64: string }> {
    const handle = await this.#open(source);
    try {
      const { size, mode } = await handle.stat();
      if (size > MAX_FILE_BYTES) {
        throw new SourceError(
          `expected at most ${MAX_FILE_BYTES} bytes (16 MiB) in ${quote(source)}, found ${size}`,
        );
      }
      this.#totalBytes += size;
      if (this.#totalBytes > MAX_TOTAL_BYTES) {
        throw new SourceError(`expected at most ${MAX_TOTAL_BYTES} bytes (48 MiB) in all files together`);
      }
      const content = await handle.readFile({ signal: this.#signal });
      return { mode: (mode & 0o100) === 0 ? '0644' : '0755', base64: content.toString('base64') };
    } finally {
      await handle.close();
    }
  }

  /** Opens a regular file, after every symbolic link on the way to it has been resolved and its place judged. */
  async #open(source: string) {
    this.#signal.throwIfAborted();
    if (source.includes('\0')) throw new SourceError('expected the path of a file, found a NUL in it');
    const real = await realpath(resolve(this.#directory, source));
    if (!this.#allowOutside && !isInside(this.#directory, real)) {
      throw new SourceError(
        `${quote(source)} lies outside of the directory of the request file; allow that with --allow-outside`,
      );
    }
    // Not blocking: a named pipe would wait for its writer before it can be refused.
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (stats.isFile()) return handle;
    await handle.close();
    throw new SourceError(
      `expected a regular file, found ${stats.isDirectory() ? 'a directory' : 'something else'} at ${quote(source)}`,
    );
  }
}

class SourceError extends Error {}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

async function mapList(
  list: unknown,
  convert: (item: PlainObject, index: number) => Promise<unknown>,
): Promise<unknown> {
  if (!Array.isArray(list)) return list;
  const converted: unknown[] = [];
  for (const [index, item] of (list as readonly unknown[]).entries()) {
    converted.push(isObject(item) ? await convert(item, index) : item);
  }
  return converted;
}

function isObject(value: unknown): value is PlainObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';
}
