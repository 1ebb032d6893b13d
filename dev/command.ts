import { type ChildProcess, spawn } from 'node:child_process';
import { VmplantsError } from '../model/errors.js';
import type { Programs } from './programs.js';

export interface CommandResult {
  /** Exit status. */
  readonly status: number;
  readonly stdout: string;
  readonly seconds: number;
}

/** Where a command's output goes, line by line, as it comes. */
export type PrintLine = (line: string) => void;

export interface CommandOptions {
  readonly programs: Programs;
  /** Takes the error output. */
  readonly print: PrintLine;
  readonly signal: AbortSignal;
  /** Exit statuses that are answers. Default: 0 alone. */
  readonly answers?: readonly number[];
}

/**
 * Runs one command line to its end, as a user would type it, and shows its error output (progress) as it comes.
 * Rejects when it ends with another status than it may or the signal fires, after the process has ended.
 */
export async function runCommand(
  script: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const since = performance.now();
  const child = startProgram(script, args, options.programs, 'pipe');
  let stdout = '';
  let tail = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = `${tail}${text}`.slice(-4000);
    for (const line of text.split('\n')) if (line.trim() !== '') options.print(line);
  });
  const interrupt = (): void => {
    child.kill('SIGINT');
  };
  options.signal.addEventListener('abort', interrupt, { once: true });
  if (options.signal.aborted) interrupt();
  const status = await ended(child);
  options.signal.removeEventListener('abort', interrupt);
  options.signal.throwIfAborted();
  if (!(options.answers ?? [0]).includes(status)) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `the command ended with status ${status}: ${args.join(' ')}\n${tail}`,
    );
  }
  return { status, stdout, seconds: (performance.now() - since) / 1000 };
}

/** Starts a program of the checkout; its error output goes to a pipe, or to the open file of that number. */
export function startProgram(
  script: string,
  args: readonly string[],
  programs: Programs,
  errorOutput: 'pipe' | number,
): ChildProcess {
  return spawn(process.execPath, [...(programs.nodeArguments ?? []), script, ...args], {
    env: programs.environment,
    stdio: ['ignore', 'pipe', errorOutput],
    // Out of the terminal's reach: Ctrl-C is for this program, which then ends the others in order, and only once.
    detached: true,
  });
}

/** Resolves with the exit status, 256 after a signal. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 256));
  });
}
