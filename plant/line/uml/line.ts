import { call } from '../call.js';
import type { Machine, ProcessIdentity, ProductionLine } from '../line.js';
import { adopt } from './adopt.js';
import { MAX_VCPUS, MIN_MEMORY_MIB } from './checkSpec.js';
import { clone, type PromisedMemory } from './clone.js';
import { readCloneRecord } from './cloneRecord.js';
import { discard } from './discard.js';
import type { Conversions } from './expandedDisk.js';
import { type UmlHost, vmmName } from './host.js';
import { start } from './start.js';

export interface UmlLineOptions {
  /** The answer of `probe`. */
  readonly host: UmlHost;
}

/**
 * The production line of User-Mode Linux (VMPlants paper, section 4.1): the guest's kernel is a program of the host.
 * Every clone boots, in a second or two, and its programs run at nearly the host's speed.
 */
export function createUmlLine({ host }: UmlLineOptions): ProductionLine {
  const conversions: Conversions = new Map();
  const promised: PromisedMemory = new Map();
  const untilEnded = (directory: string, machine: Machine): Machine => {
    void machine.exited.then(() => promised.delete(directory));
    return machine;
  };
  const take = async (
    directory: string,
    identity: ProcessIdentity | undefined,
  ): Promise<Machine | undefined> => {
    const machine = await adopt(directory, identity, host);
    if (machine === undefined) return undefined;
    promised.set(directory, (await readCloneRecord(directory))?.spec.memoryMiB ?? 0);
    return untilEnded(directory, machine);
  };
  return {
    name: 'uml',
    capabilities: {
      resume: false,
      freeze: false,
      snapshot: false,
      attachIso: host.modulesFile !== undefined,
      addDisk: true,
      addNetworkInterface: true,
      runsPrograms: true,
      console: true,
      isolates: false,
    },
    environment: {
      line: 'uml',
      accelerator: 'uml',
      cpuModel: 'host',
      vmm: vmmName(host.release),
      resumes: false,
      guestKernel: host.release,
      maxVcpus: MAX_VCPUS,
      minMemoryMiB: MIN_MEMORY_MIB,
    },
    clone: (spec, signal) =>
      call(`cloning ${spec.vmid}`, DEADLINES.clone, signal, (until) =>
        clone(spec, host, conversions, promised, until),
      ),
    start: (spec, signal) =>
      call(`starting ${spec.vmid}`, DEADLINES.start, signal, async (until) =>
        untilEnded(spec.directory, await start(spec, host, until)),
      ),
    adopt: (directory, identity, signal) =>
      call('adopting a machine', DEADLINES.adopt, signal, () => take(directory, identity)),
    discard: (directory, identity, signal) =>
      call('discarding a clone', DEADLINES.discard, signal, async (until) => {
        await discard(directory, identity, host, until);
        promised.delete(directory);
      }),
  };
}

/** In milliseconds. The first clone of an image waits until its disk is expanded, which may be some GiB. */
const DEADLINES = { clone: 1_800_000, start: 60_000, adopt: 10_000, discard: 30_000 };
