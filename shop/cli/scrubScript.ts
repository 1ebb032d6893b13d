import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliEnvironment } from '../../cli/environment.js';
import { VmplantsError } from '../../model/errors.js';

/** As the protocol's bound. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the script of `--scrub FILE`.
 * @throws VmplantsError INVALID_ARGUMENT for what cannot be read, is too long, empty or no text
 */
export async function readScrubScript(environment: CliEnvironment, file: string): Promise<string> {
  const bytes = await read(environment, file);
  if (bytes.length > MAX_BYTES) {
    throw wrong(file, `expected a script of at most ${MAX_BYTES} bytes, found ${bytes.length}`);
  }
  // An empty script would count as one, and silently lift the rule that identity actions have to be named.
  if (bytes.length === 0) throw wrong(file, 'expected a script, found an empty file');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw wrong(file, 'expected UTF-8 text', cause);
  }
}

async function read(environment: CliEnvironment, file: string): Promise<Uint8Array> {
  const { directory, signal } = environment;
  try {
    return await readFile(resolve(directory, file), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : code;
    throw wrong(file, why, cause);
  }
}

function wrong(file: string, why: string, cause?: unknown): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', `--scrub: ${JSON.stringify(file)}: ${why}`, {
    reason: 'USAGE',
    cause,
  });
}
