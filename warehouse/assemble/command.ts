import { spawn } from 'node:child_process';
import { VmplantsError } from '../../model/errors.js';

/** One run of an external program. */
export interface Command {
  readonly tool: string;
  readonly arguments: readonly string[];
  /** Debian package that brings the tool, for the message when it is missing. */
  readonly debianPackage: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly workingDirectory?: string;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;
const ERROR_TAIL = 2000;
/** Time for a tool to undo what it did (mmdebstrap unmounts) before it is killed. */
const TERMINATION_GRACE_MS = 10_000;

/**
 * Runs the program and resolves with what it wrote to standard output. Never goes through a shell. Rejects with
 * FAILED_PRECONDITION when the tool is missing, CANCELLED, DEADLINE_EXCEEDED, or INTERNAL with the end of its
 * error output; always after the process is gone.
 */
export function runCommand(command: Command, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(stopped(command, false));
      return;
    }
    const child = spawn(command.tool, command.arguments, {
      env: command.environment,
      cwd: command.workingDirectory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    let outputBytes = 0;
    let errors = '';
    let ending: 'cancelled' | 'late' | 'too much output' | undefined;
    let killer: NodeJS.Timeout | undefined;

    const end = (why: typeof ending): void => {
      if (ending !== undefined) return;
      ending = why;
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), TERMINATION_GRACE_MS);
    };
    const onAbort = (): void => end('cancelled');
    const deadline = setTimeout(() => end('late'), command.timeoutMs);
    const settle = (outcome: () => void): void => {
      clearTimeout(deadline);
      clearTimeout(killer);
      signal.removeEventListener('abort', onAbort);
      outcome();
    };
    signal.addEventListener('abort', onAbort, { once: true });

    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes > OUTPUT_LIMIT) end('too much output');
      else output.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-ERROR_TAIL);
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ENOENT' ? missing(command) : failed(command, error.message))),
    );
    child.once('close', (status, killedBy) =>
      settle(() => {
        if (ending === 'cancelled' || ending === 'late') reject(stopped(command, ending === 'late'));
        else if (ending !== undefined) reject(failed(command, ending));
        else if (status === 0) resolve(Buffer.concat(output).toString('utf8'));
        else reject(failed(command, `${killedBy ?? `exit status ${status}`}: ${errors.trim()}`));
      }),
    );
  });
}

function missing(command: Command): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `the program ${command.tool} was not found on this host`, {
    reason: 'TOOL_MISSING',
    hint: `apt-get install ${command.debianPackage}`,
  });
}

function stopped(command: Command, late: boolean): VmplantsError {
  return late
    ? new VmplantsError(
        'DEADLINE_EXCEEDED',
        `${command.tool} did not finish within ${command.timeoutMs / 1000} s`,
      )
    : new VmplantsError('CANCELLED', `${command.tool} was cancelled`);
}

function failed(command: Command, why: string): VmplantsError {
  return new VmplantsError('INTERNAL', `${command.tool} failed: ${why}`, { reason: 'TOOL_FAILED' });
}
