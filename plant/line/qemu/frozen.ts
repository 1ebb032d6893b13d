import type { FrozenMachine, SnapshotDevice } from '../line.js';
import { addedDiskFile, CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { type QemuHost, vmmName } from './host.js';

/** What a frozen machine of this record says of its memory. */
export function frozenMemory({ spec }: CloneRecord, host: QemuHost): FrozenMachine['memory'] {
  return {
    file: CLONE_FILES.memory,
    deviceStateFile: CLONE_FILES.deviceState,
    memoryMiB: spec.memoryMiB,
    vcpus: spec.vcpus,
    cpuModel: host.cpuModel,
    accelerator: host.accelerator,
    vmm: vmmName(host.version),
    network: spec.network,
  };
}

/** What a frozen machine of this record says of the disks that host actions added. */
export function frozenDisks(record: CloneRecord): FrozenMachine['addedDisks'] {
  return record.devices
    .filter((one) => one.kind !== 'iso')
    .flatMap((one, index) =>
      one.kind === 'disk' ? [{ action: one.action, file: addedDiskFile(index), sizeMiB: one.sizeMiB }] : [],
    );
}

/** What host actions added to the machine of this record, in order. */
export function addedDevices(record: CloneRecord): readonly SnapshotDevice[] {
  return record.devices.map((one) =>
    one.kind === 'iso'
      ? { kind: 'iso', action: one.action, isoFile: one.file }
      : { kind: one.kind, action: one.action },
  );
}
