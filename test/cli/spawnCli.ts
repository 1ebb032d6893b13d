import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SpawnedCli {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface SpawnOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** More arguments for node itself. */
  readonly nodeArguments?: readonly string[];
}

/** Runs a program as its users do: a process of its own, with an environment that holds only what is given. */
export function spawnCli(main: string, args: readonly string[], options: SpawnOptions = {}): SpawnedCli {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', ...(options.nodeArguments ?? []), `${ROOT}${main}`, ...args],
    {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.variables },
      stdio: 'pipe',
    },
  );
  const collect = (stream: NodeJS.ReadableStream): (() => string) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'lost'));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stdin.end(options.stdin ?? '');
  return { child, stdout: collect(child.stdout), stderr: collect(child.stderr), ended };
}
