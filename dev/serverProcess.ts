import { open, readFile } from 'node:fs/promises';
import { VmplantsError } from '../model/errors.js';
import { ended, startProgram } from './command.js';
import type { Programs } from './programs.js';

/** A program that serves until it is told to stop. */
export interface Server {
  readonly address: string;
  readonly pid: number;
  /** Resolves when it has ended, whoever ended it, with its exit status; 256 after a signal. */
  readonly ended: Promise<number>;
  /** Asks with SIGTERM, kills after a while, and waits until it has ended. Repeatable. */
  stop(): Promise<void>;
  /** At once, without waiting. Never another process that got its number. */
  kill(): void;
}

export interface ServerOptions {
  readonly programs: Programs;
  readonly signal: AbortSignal;
  /** File that its log is appended to. Default: the end of it is kept in memory, for the error. */
  readonly logFile?: string;
}

const START_MILLISECONDS = 120_000;
/** A plant lets running calls end for 5 s, and ends the machines that wait. */
const STOP_MILLISECONDS = 30_000;
const TAIL_CHARACTERS = 4000;

/**
 * Starts a server and waits for the line that says where it serves. Rejects, after it has ended, when it ends before
 * that (with the end of its log), when that takes too long, or when the signal fires.
 */
export async function startServer(
  script: string,
  args: readonly string[],
  options: ServerOptions,
): Promise<Server> {
  const { programs, signal, logFile } = options;
  signal.throwIfAborted();
  const log = logFile === undefined ? undefined : await open(logFile, 'a', 0o600);
  const child = startProgram(script, args, programs, log?.fd ?? 'pipe');
  const gone = ended(child);
  await log?.close();
  let kept = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    kept = `${kept}${text}`.slice(-TAIL_CHARACTERS);
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, STOP_MILLISECONDS);
    await gone.finally(() => clearTimeout(timer));
  };
  let timer: NodeJS.Timeout | undefined;
  const abandoned = new AbortController();
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let stdout = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout = `${stdout}${text}`.slice(-TAIL_CHARACTERS);
        const found = /serves on (\S+)\n/.exec(stdout)?.[1];
        if (found !== undefined) resolve(found);
      });
      gone.then(async (status) => {
        const tail = logFile === undefined ? kept : await logTail(logFile);
        reject(new VmplantsError('UNAVAILABLE', `${args.join(' ')} ended with status ${status}:\n${tail}`));
      }, reject);
      timer = setTimeout(
        () =>
          reject(
            new VmplantsError('DEADLINE_EXCEEDED', `${args.join(' ')}: it does not say where it serves`),
          ),
        START_MILLISECONDS,
      );
      const abort = (): void => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true, signal: abandoned.signal });
      if (signal.aborted) abort();
    });
    return { address, pid: child.pid ?? 0, ended: gone, stop, kill };
  } catch (thrown) {
    await stop();
    throw thrown;
  } finally {
    clearTimeout(timer);
    abandoned.abort();
  }
}

/** The end of a server's log, for people; empty where it cannot be read. */
export async function logTail(file: string, characters: number = TAIL_CHARACTERS): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(-characters);
}
