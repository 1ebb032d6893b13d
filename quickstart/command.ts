import { type ChildProcess, spawn } from 'node:child_process';
import { VmplantsError } from '../model/errors.js';

/** How the programs of this checkout are started. */
export interface Programs {
  readonly vmshop: string;
  readonly vmplant: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface CommandResult {
  readonly stdout: string;
  readonly seconds: number;
}

/** Where a command's output goes, line by line, as it comes. */
export type PrintLine = (line: string) => void;

/**
 * Runs one command line to its end, as a user would type it, and shows its error output (progress) as it comes.
 * Rejects when it does not end with status 0 or the signal fires, after the process has ended.
 */
export async function runCommand(
  script: string,
  args: readonly string[],
  options: { readonly programs: Programs; readonly print: PrintLine; readonly signal: AbortSignal },
): Promise<CommandResult> {
  const since = performance.now();
  const child = start(script, args, options.programs);
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
  const status = await ended(child);
  options.signal.removeEventListener('abort', interrupt);
  options.signal.throwIfAborted();
  if (status !== 0) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `the command ended with status ${status}: ${args.join(' ')}\n${tail}`,
    );
  }
  return { stdout, seconds: (performance.now() - since) / 1000 };
}

/** A program that serves until it is told to stop. */
export interface Server {
  readonly address: string;
  /** Asks with SIGTERM and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts a server and waits for the line that says where it serves. Its log is kept and shown when it fails. */
export async function startServer(
  script: string,
  args: readonly string[],
  options: { readonly programs: Programs; readonly signal: AbortSignal },
): Promise<Server> {
  const child = start(script, args, options.programs);
  const gone = ended(child);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-8000);
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let stdout = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const found = /serves on (\S+)\n/.exec(stdout)?.[1];
        if (found !== undefined) resolve(found);
      });
      gone.then(
        (status) =>
          reject(new VmplantsError('UNAVAILABLE', `${args.join(' ')} ended with status ${status}:\n${log}`)),
        reject,
      );
      options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
    });
    return { address, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function start(script: string, args: readonly string[], programs: Programs): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    env: programs.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Out of the terminal's reach: Ctrl-C is for this program, which then ends the others in order, and only once.
    detached: true,
  });
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 256));
  });
}
