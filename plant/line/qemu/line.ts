import { call } from '../call.js';
import type { ProductionLine } from '../line.js';
import { adopt } from './adopt.js';
import { clone } from './clone.js';
import { discard } from './discard.js';
import { type QemuHost, vmmName } from './host.js';
import { start } from './start.js';

export interface QemuLineOptions {
  /** The answer of `probe`, fresh or kept. */
  readonly host: QemuHost;
}

/** The production line of full virtual machines: QEMU, with KVM where it works and emulation elsewhere. */
export function createQemuLine({ host }: QemuLineOptions): ProductionLine {
  return {
    name: 'qemu',
    capabilities: {
      resume: true,
      freeze: true,
      snapshot: true,
      attachIso: true,
      addDisk: true,
      addNetworkInterface: true,
      runsPrograms: true,
      console: true,
      isolates: host.accelerator === 'kvm',
    },
    environment: {
      line: 'qemu',
      accelerator: host.accelerator,
      cpuModel: host.cpuModel,
      vmm: vmmName(host.version),
      resumes: true,
    },
    clone: (spec, signal) =>
      call(`cloning ${spec.vmid}`, DEADLINES.clone, signal, (until) => clone(spec, host, until)),
    start: (spec, signal) =>
      call(`starting ${spec.vmid}`, DEADLINES.start, signal, (until) => start(spec, host, until)),
    adopt: (directory, identity, signal) =>
      call('adopting a machine', DEADLINES.adopt, signal, (until) => adopt(directory, identity, host, until)),
    discard: (directory, identity, signal) =>
      call('discarding a clone', DEADLINES.discard, signal, (until) =>
        discard(directory, identity, host, until),
      ),
  };
}

/** In milliseconds. A clone that is made to be frozen copies a memory, which may be some GiB on a slow disk. */
const DEADLINES = { clone: 600_000, start: 60_000, adopt: 10_000, discard: 30_000 };
