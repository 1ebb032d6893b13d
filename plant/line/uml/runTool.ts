import { execFile } from 'node:child_process';
import { asVmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';

export interface ToolOptions {
  readonly milliseconds: number;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ToolOutcome {
  /** Undefined when it was killed or could not be started. */
  readonly status: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  /** Or why it could not be started. */
  readonly stderr: string;
}

/** Runs a program of the host to its end or its deadline. Rejects only when the signal is aborted. */
export function runTool(
  program: string,
  args: readonly string[],
  options: ToolOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  throwIfAborted(signal);
  const { milliseconds, directory = '/', environment = {} } = options;
  const settings = {
    signal,
    cwd: directory,
    env: { ...environment, LC_ALL: 'C' },
    timeout: milliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (signal.aborted) return reject(asVmplantsError(signal.reason));
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      const said = stderr === '' && typeof error?.code === 'string' ? error.message : stderr;
      resolve({ status, timedOut: error?.killed === true, stdout, stderr: said });
    });
  });
}
