import { existsSync, lstatSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import type { ProcessIdentity } from '../line.js';
import { isAlive } from '../process/processIdentity.js';
import { consoleSocket, MACHINE_NAME } from './cloneFiles.js';
import { PROGRAM, type UmlHost } from './host.js';
import { runTool } from './runTool.js';

const COMMAND_MILLISECONDS = 10_000;
/** What the kernel says of a block device that somebody in the guest holds open. */
const BUSY = /currently open/i;
/** From the console to the last driver the kernel takes a tenth of a second. */
const OLD_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 5;
const LAST_PAUSE_MILLISECONDS = 100;

/** The management console of a machine: the host's way to change its devices while it runs. */
export interface ManagementConsole {
  /**
   * Carries out a command and gives the answer. One that the guest keeps from being done, because it holds a device
   * open, is tried again until the signal is aborted.
   * @throws VmplantsError UNAVAILABLE when the console does not answer; FAILED_PRECONDITION when it refuses
   */
  command(words: string, signal: AbortSignal): Promise<string>;
  /** Resolves when the machine's kernel has come so far that it answers. */
  untilAnswers(signal: AbortSignal): Promise<void>;
  /** Resolves when it has answered for so long that the kernel must have all its drivers. */
  untilOld(signal: AbortSignal): Promise<void>;
}

/**
 * The console of the machine in the directory. `uml_mconsole` runs in the machine's network namespace, because the
 * answer goes to an abstract socket.
 */
export function openManagementConsole(
  directory: string,
  process: ProcessIdentity,
  host: UmlHost,
): ManagementConsole {
  /** For how long its socket has been seen. */
  let seenMilliseconds = 0;
  const ask = async (words: string, signal: AbortSignal): Promise<string> => {
    requireAlive(process);
    requireSocket(directory);
    const namespaces = host.asRoot ? ['--net'] : ['--user', '--preserve-credentials', '--net'];
    const args = ['--target', String(process.pid), ...namespaces, '--', host.mconsole, MACHINE_NAME, words];
    const options = { milliseconds: COMMAND_MILLISECONDS, directory, environment: { HOME: directory } };
    const { stdout, stderr, status } = await runTool(PROGRAM.nsenter, args, options, signal);
    if (stdout.startsWith('OK')) return stdout.slice(2).trim();
    if (stdout.startsWith('ERR')) throw refused(words, stdout.slice(3).trim());
    throw silent(new Error(`status ${status ?? 'none'}: ${stdout.slice(0, 200)} ${stderr.slice(0, 300)}`));
  };
  return {
    async command(words, signal) {
      for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LAST_PAUSE_MILLISECONDS)) {
        try {
          return await ask(words, signal);
        } catch (error) {
          if (!(error instanceof VmplantsError) || error.reason !== 'CONSOLE_REFUSED') throw error;
          if (!BUSY.test(error.message)) throw error;
        }
        await delay(pause);
        throwIfAborted(signal);
      }
    },
    async untilOld(signal) {
      while (seenMilliseconds < OLD_MILLISECONDS) {
        if (signal.aborted || !isAlive(process)) return;
        await delay(LAST_PAUSE_MILLISECONDS);
        if (existsSync(consoleSocket(directory))) seenMilliseconds += LAST_PAUSE_MILLISECONDS;
      }
    },
    async untilAnswers(signal) {
      for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LAST_PAUSE_MILLISECONDS)) {
        throwIfAborted(signal);
        requireAlive(process);
        try {
          await ask('version', signal);
          return;
        } catch (error) {
          if (!(error instanceof VmplantsError) || error.code !== 'UNAVAILABLE') throw error;
        }
        await delay(pause);
      }
    },
  };
}

function requireAlive(process: ProcessIdentity): void {
  if (isAlive(process)) return;
  throw new VmplantsError('UNAVAILABLE', 'the machine has ended', { reason: 'MACHINE_ENDED' });
}

/** A link put in its place would lead to somewhere else. */
function requireSocket(directory: string): void {
  const path = consoleSocket(directory);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() === true) return;
  if (found === undefined) throw silent(new Error('there is no socket'));
  throw new VmplantsError(
    'PERMISSION_DENIED',
    `${path}: expected the socket of the management console, found something else in its place`,
    {
      reason: 'SOCKET_REPLACED',
      hint: 'somebody else wrote to the directory of the clone; collect the VM and look into it',
    },
  );
}

function silent(cause: Error): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'the management console of the machine does not answer', {
    reason: 'CONSOLE_SILENT',
    cause,
  });
}

function refused(words: string, answer: string): VmplantsError {
  const [verb = ''] = words.split(' ');
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `the management console refuses to ${verb} a device: ${answer.slice(0, 200)}`,
    { reason: 'CONSOLE_REFUSED' },
  );
}
