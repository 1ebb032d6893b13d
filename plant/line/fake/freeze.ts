import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { FrozenMachine } from '../line.js';
import { FAKE_FILES } from './cloneRecord.js';
import { POWERED_OFF, type RunningMachine } from './running.js';

/** Freezes a fake machine: its state becomes the device state, its memory a hole of the right size. */
export async function freeze(machine: RunningMachine, environment: LineEnvironment): Promise<FrozenMachine> {
  const { spec, addedDisks } = machine.record;
  if (spec.purpose !== 'bake') {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${spec.vmid}: expected a machine made to be frozen, found one made to be used`,
      {
        reason: 'NOT_FREEZABLE',
      },
    );
  }
  const memory = await saveMemory(machine, environment, spec.directory);
  machine.end(POWERED_OFF);
  return {
    diskFile: FAKE_FILES.disk,
    addedDisks,
    memory,
  };
}

/** Writes the state of a fake machine's guest into the directory, and a memory of the right size. */
export async function saveMemory(
  machine: RunningMachine,
  environment: LineEnvironment,
  directory: string,
): Promise<FrozenMachine['memory']> {
  const { spec } = machine.record;
  await writeFile(join(directory, FAKE_FILES.deviceState), JSON.stringify(machine.guestState()), {
    mode: 0o600,
  });
  const memory = await open(join(directory, FAKE_FILES.memory), 'w', 0o600);
  await memory.truncate(spec.memoryMiB * 1024 * 1024).finally(() => memory.close());
  return {
    file: FAKE_FILES.memory,
    deviceStateFile: FAKE_FILES.deviceState,
    memoryMiB: spec.memoryMiB,
    vcpus: spec.vcpus,
    cpuModel: environment.cpuModel,
    accelerator: environment.accelerator,
    vmm: environment.vmm,
    network: spec.network,
  };
}
