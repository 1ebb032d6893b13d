import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine, ProcessIdentity } from '../line.js';
import { untilAdoptedEnded } from '../process/monitorProcess.js';
import { isAlive } from '../process/processIdentity.js';
import { CLONE_FILES } from './cloneFiles.js';
import { readCloneRecord } from './cloneRecord.js';
import { connect } from './connect.js';
import type { UmlHost } from './host.js';
import { findMachine } from './machineProcess.js';

/** Takes over the machine that runs in the directory, as `ProductionLine.adopt` says. */
export async function adopt(
  directory: string,
  identity: ProcessIdentity | undefined,
  host: UmlHost,
): Promise<Machine | undefined> {
  const record = await readCloneRecord(directory);
  if (record === undefined) return undefined;
  const process = identity ?? findMachine(directory);
  if (process === undefined || !isAlive(process)) return undefined;
  const released = new AbortController();
  const exited = untilAdoptedEnded(process, directory, released.signal);
  const holdUntilHeard = existsSync(join(directory, CLONE_FILES.go));
  return connect({ record, host, process, exited, holdUntilHeard, release: () => released.abort() });
}
