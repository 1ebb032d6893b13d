import { Readable, Writable } from 'node:stream';
import type { CliEnvironment } from '../../cli/environment.js';
import type { Screen } from '../../cli/terminal.js';

/** A screen that keeps what is written to it. */
export interface KeptScreen {
  readonly screen: Screen;
  readonly text: () => string;
}

export function keptScreen(
  options: { readonly isTTY?: boolean; readonly columns?: number } = {},
): KeptScreen {
  const chunks: Buffer[] = [];
  const screen = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { screen: Object.assign(screen, options), text: () => Buffer.concat(chunks).toString() };
}

export interface FakeEnvironment {
  readonly environment: CliEnvironment;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly interrupt: AbortController;
}

export interface FakeOptions {
  readonly stdin?: string;
  readonly stdoutIsTerminal?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly userId?: number;
}

/** 2026-11-20T10:00:00Z. */
export const NOW = Date.UTC(2026, 10, 20, 10);

/** An environment of which nothing is the real process's. */
export function fakeEnvironment(args: readonly string[], options: FakeOptions = {}): FakeEnvironment {
  const stdout = keptScreen(options.stdoutIsTerminal === true ? { isTTY: true, columns: 80 } : {});
  const stderr = keptScreen();
  const interrupt = new AbortController();
  return {
    environment: {
      terminal: {
        stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
        stdout: stdout.screen,
        stderr: stderr.screen,
        colour: false,
      },
      arguments: args,
      variables: options.variables ?? {},
      directory: options.directory ?? '/',
      homeDirectory: '/nonexistent/home',
      userId: options.userId ?? 1000,
      now: () => NOW,
      monotonic: () => 0,
      randomBytes: (count) => new Uint8Array(count).fill(7),
      newRequestId: () => 'request-from-the-test',
      signal: interrupt.signal,
    },
    stdout: stdout.text,
    stderr: stderr.text,
    interrupt,
  };
}
