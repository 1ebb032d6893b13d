import type { CloneSpec } from '../../../../plant/line/line.js';

/** A clone that this line takes. */
export function umlSpec(changed: Partial<CloneSpec> = {}): CloneSpec {
  return {
    vmid: 'vm-1',
    directory: '/data/vms/vm-1',
    image: {
      directory: '/warehouse/base',
      descriptor: {
        format: 'vmplants-golden-image/1',
        name: 'base',
        created: '2026-01-01T00:00:00Z',
        operatingSystem: { name: 'micro', version: '1' },
        hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 128, diskMiB: 64 },
        performed: [],
        lines: ['qemu', 'uml'],
        disk: { file: 'disk.qcow2', format: 'qcow2' },
        boot: { kernel: 'vmlinuz', initrd: 'initrd', commandLine: 'root=/dev/vda', guestKernel: '6.1.0' },
        devices: [],
        bootSeconds: 1,
        files: [],
      },
    },
    rung: 'disk',
    vcpus: 1,
    memoryMiB: 128,
    network: 'host-only',
    macs: ['52:54:00:00:00:01'],
    generationId: '00000000-0000-4000-8000-000000000000',
    purpose: 'vm',
    ...changed,
  };
}
