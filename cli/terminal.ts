import type { Writable } from 'node:stream';

/** Where a program reads and writes: made by its main.ts from the process, by tests from buffers. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  /** Data only. */
  readonly stdout: Screen;
  /** Progress and errors. */
  readonly stderr: Screen;
  /** Whether colours may be used on stderr: it is a terminal and NO_COLOR is not set (https://no-color.org). */
  readonly colour: boolean;
}

/** `columns` and `rows` are there where it is a terminal that says how large it is. */
export type Screen = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Writes and waits until the stream has taken it, so that memory stays bounded and an exit loses nothing. */
export function write(screen: Screen, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    screen.write(data, (error) => (error == null ? resolve() : reject(error)));
  });
}
