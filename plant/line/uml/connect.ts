import { join } from 'node:path';
import { type OpenGuestChannel, openGuestChannel } from '../channel/guestChannel.js';
import type { Machine, MachineExit, ProcessIdentity } from '../line.js';
import { killProcess, untilEnded } from '../process/processIdentity.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import type { UmlHost } from './host.js';
import { createMachine } from './machine.js';
import { processInside } from './machineProcess.js';
import { openManagementConsole } from './mconsole.js';
import { openPipeSocket } from './pipe.js';
import { openSerialConsole } from './serialConsole.js';

export interface RunningParts {
  readonly record: CloneRecord;
  readonly host: UmlHost;
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly holdUntilHeard: boolean;
  release(): void;
}

/** Opens the pipes of a machine whose process is there. Nothing is open when it throws. */
export function connect(parts: RunningParts): Machine {
  const { record, host, process, release } = parts;
  const { directory } = record.spec;
  const guest = openGuest(directory, parts.holdUntilHeard);
  try {
    const serial = openSerialConsole(directory);
    const inside = processInside(process);
    const exited = parts.exited.then(async (exit) => {
      // Whoever killed the process outside has not waited for what is inside.
      if (inside !== undefined) await untilGone(inside);
      // A kernel that panics says why on the console.
      return { ...exit, message: `${exit.message}${serial.tail()}` };
    });
    const management = openManagementConsole(directory, process, host);
    return createMachine({ record, process, exited, management, guest, serial, release });
  } catch (error) {
    guest.close();
    throw error;
  }
}

async function untilGone(inside: ProcessIdentity): Promise<void> {
  killProcess(inside);
  await untilEnded(inside, new AbortController().signal);
}

function openGuest(directory: string, holdUntilHeard: boolean): OpenGuestChannel {
  const fromGuest = openPipeSocket(join(directory, CLONE_FILES.fromGuest), 'read');
  try {
    const toGuest = openPipeSocket(join(directory, CLONE_FILES.toGuest), 'write');
    // The plant before may have ended in the middle of a line.
    if (!holdUntilHeard) toGuest.write('\n');
    return openGuestChannel({ fromGuest, toGuest, holdUntilHeard });
  } catch (error) {
    fromGuest.destroy();
    throw error;
  }
}
