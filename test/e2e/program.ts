import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A program of the checkout that runs in a process of its own. */
export interface StartedProgram {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface ProgramOptions {
  /** Beyond PATH and a home directory that does not exist. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** How a program ended and what it wrote. */
export interface Run {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `vmshop` or `vmplant` as its users do. Whoever starts it has to see to its end. */
export function startProgram(
  name: 'vmshop' | 'vmplant',
  args: readonly string[],
  options: ProgramOptions = {},
): StartedProgram {
  const main = name === 'vmshop' ? 'shop/cli/main.ts' : 'plant/cli/main.ts';
  return startProcess(process.execPath, ['--import', 'tsx', `${ROOT}${main}`, ...args], options);
}

/** Starts any program, with an environment that holds only what is given. */
export function startProcess(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): StartedProgram {
  const child = spawn(file, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.variables },
    stdio: 'pipe',
  });
  const collect = (stream: NodeJS.ReadableStream): (() => string) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'lost'));
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return { child, stdout: collect(child.stdout), stderr: collect(child.stderr), ended };
}

/** Lets a program run to its end; kills it at the deadline. */
export async function toEnd(program: StartedProgram, deadlineMilliseconds = 180_000): Promise<Run> {
  const timer = setTimeout(() => program.child.kill('SIGKILL'), deadlineMilliseconds);
  try {
    const exitCode = await program.ended;
    return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
  } finally {
    clearTimeout(timer);
  }
}

/** Standard output of a program that has to end well. */
export async function outputOf(program: StartedProgram, deadlineMilliseconds?: number): Promise<string> {
  const run = await toEnd(program, deadlineMilliseconds);
  if (run.exitCode !== 0) {
    throw new Error(`${program.child.spawnargs.join(' ')} ended with ${run.exitCode}:\n${run.stderr}`);
  }
  return run.stdout;
}
