import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { inlineSources } from '../request/inlineSources.js';
import { detectFormat, MAX_DOCUMENT_BYTES, readRequest } from '../request/readRequest.js';
import { named } from './aboutFile.js';
import type { CliEnvironment } from './environment.js';

/**
 * Reads the request of `-f FILE` (`-` is standard input) into the plain shape that every format has, with the
 * files that it names by `source` read in. Relative sources start at the file's directory, or at the current one
 * for standard input.
 * @throws VmplantsError INVALID_ARGUMENT naming the place, also for a file that cannot be read
 */
export async function readRequestFile(
  environment: CliEnvironment,
  file: string,
  options: { readonly allowOutside: boolean },
): Promise<unknown> {
  const path = resolve(environment.directory, file);
  const bytes =
    file === '-'
      ? await readStream(environment.terminal.stdin, environment.signal)
      : await readPath(path, file, environment.signal);
  const plain = await named(file, async () => readRequest(bytes, detectFormat(file, bytes)));
  const directory = file === '-' ? environment.directory : dirname(path);
  return named(file, () =>
    inlineSources(plain, { directory, allowOutside: options.allowOutside }, environment.signal),
  );
}

async function readPath(path: string, shown: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_DOCUMENT_BYTES) throw tooLarge(shown);
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VmplantsError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : code;
    throw wrongFile(`cannot read ${JSON.stringify(shown)}: ${why}`, error);
  }
}

async function readStream(
  stream: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Ctrl-C while a person types: the iterator waits for input, so the signal has to be raced.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done === true) return Buffer.concat(chunks);
    const part = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
    bytes += part.byteLength;
    if (bytes > MAX_DOCUMENT_BYTES) throw tooLarge('-');
    chunks.push(part);
  }
}

function tooLarge(shown: string): VmplantsError {
  return wrongFile(`expected at most ${MAX_DOCUMENT_BYTES} bytes in ${JSON.stringify(shown)}`);
}

function wrongFile(message: string, cause?: unknown): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', `-f: ${message}`, { reason: 'USAGE', cause });
}
