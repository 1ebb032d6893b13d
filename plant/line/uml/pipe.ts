import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { PIPES } from './cloneFiles.js';
import { PROGRAM } from './host.js';
import { runTool } from './runTool.js';

const MAKE_MILLISECONDS = 10_000;

/** Makes the clone's pipes. */
export async function makePipes(directory: string, signal: AbortSignal): Promise<void> {
  const paths = PIPES.map((name) => join(directory, name));
  const { status, stderr } = await runTool(
    PROGRAM.mkfifo,
    ['--mode=0600', '--', ...paths],
    { milliseconds: MAKE_MILLISECONDS },
    signal,
  );
  if (status === 0) return;
  throw new VmplantsError('INTERNAL', 'the pipes of the clone could not be made', {
    reason: 'PIPES_NOT_MADE',
    cause: new Error(stderr.slice(0, 500)),
  });
}

/**
 * Opens a pipe of a clone both ways: neither its reader nor its writer ever sees the other end closed, and what was
 * written stays in it while a plant is started again. Refuses a link, and anything that is not a pipe of ours. Gives a
 * descriptor, which the caller closes.
 * @param blocking as the launcher needs it
 */
export function openPipe(path: string, blocking: boolean): number {
  if (!isOurs(lstatSync(path))) throw replaced(path);
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | (blocking ? 0 : constants.O_NONBLOCK);
  const descriptor = openSync(path, flags);
  if (isOurs(fstatSync(descriptor))) return descriptor;
  closeSync(descriptor);
  throw replaced(path);
}

/** A pipe of a clone as a stream, which closes it when it is destroyed. */
export function openPipeSocket(path: string, side: 'read' | 'write'): Socket {
  return new Socket({ fd: openPipe(path, false), readable: side === 'read', writable: side === 'write' });
}

function isOurs(found: Stats): boolean {
  return found.isFIFO() && found.uid === process.getuid?.();
}

function replaced(path: string): VmplantsError {
  return new VmplantsError(
    'PERMISSION_DENIED',
    `${path}: expected a pipe of the clone, found something else in its place`,
    {
      reason: 'PIPE_REPLACED',
      hint: 'somebody else wrote to the directory of the clone; collect the VM and look into it',
    },
  );
}
