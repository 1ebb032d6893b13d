import { describe, expect, it } from 'vitest';
import type { GoldenImage } from '../../../../model/goldenImage.js';
import type { CloneSpec } from '../../../../plant/line/line.js';
import { monitorArguments } from '../../../../plant/line/qemu/argv.js';
import type { CloneRecord } from '../../../../plant/line/qemu/cloneRecord.js';
import { type QemuHost, TCG_CPU } from '../../../../plant/line/qemu/host.js';

const tcg: QemuHost = {
  binary: '/usr/bin/qemu-system-x86_64',
  version: { major: 7, minor: 2, micro: 22 },
  accelerator: 'tcg',
  acceleratorReason: 'there is no /dev/kvm',
  cpuModel: TCG_CPU,
  fingerprint: 'f',
};
const kvm: QemuHost = {
  ...tcg,
  version: { major: 9, minor: 1, micro: 0 },
  accelerator: 'kvm',
  cpuModel: 'host GenuineIntel-6-143-8-01234567',
};

const descriptor: GoldenImage = {
  format: 'vmplants-golden-image/1',
  name: 'debian-12',
  created: '2026-01-01T00:00:00Z',
  operatingSystem: { name: 'debian', version: '12' },
  hardware: { isa: 'x86_64', vcpus: 2, memoryMiB: 512, diskMiB: 8192 },
  performed: [],
  lines: ['qemu'],
  disk: { file: 'disk.qcow2', format: 'qcow2' },
  boot: { kernel: 'vmlinuz', initrd: 'initrd', commandLine: 'console=ttyS0 quiet', guestKernel: '6.1.0' },
  devices: [],
  bootSeconds: 15,
  files: [],
};

const spec: CloneSpec = {
  vmid: 'vm-7',
  directory: '/var/lib/vmplants/vms/vm-7',
  image: { descriptor, directory: '/var/lib/vmplants/warehouse/debian-12' },
  rung: 'warm',
  vcpus: 2,
  memoryMiB: 512,
  network: 'host-only',
  macs: ['52:54:00:00:00:01'],
  generationId: '9a2c1a1e-3c54-4c4e-8f0e-0d6f5b1f6a11',
  purpose: 'vm',
};

const warm: CloneRecord = {
  format: 'vmplants-qemu-clone/1',
  spec,
  rootDisk: ['/var/lib/vmplants/vms/vm-7/disk.qcow2', '/var/lib/vmplants/warehouse/debian-12/disk.qcow2'],
  memoryFile: '/var/lib/vmplants/warehouse/debian-12/memory',
  devices: [],
};

/** The value that follows each option, every time the option occurs. */
function values(args: readonly string[], option: string): readonly string[] {
  return args.filter((_value, index) => args[index - 1] === option);
}

describe('the arguments of the monitor', () => {
  it('of a VM that resumes under emulation, as a whole', () => {
    expect(monitorArguments(warm, tcg)).toEqual([
      '-name',
      'guest=vm-7',
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-vga',
      'none',
      '-machine',
      'pc-i440fx-7.2,memory-backend=mem,dump-guest-core=off',
      '-accel',
      'tcg,thread=multi,tb-size=64',
      '-cpu',
      'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+lahf-lm,+rdrand,+aes,+pclmulqdq',
      '-smp',
      'cpus=2,sockets=1,cores=2,threads=1',
      '-m',
      'size=512M',
      '-object',
      '{"qom-type":"memory-backend-file","id":"mem","size":536870912,"mem-path":"/var/lib/vmplants/warehouse/debian-12/memory","share":false}',
      '-kernel',
      '/var/lib/vmplants/warehouse/debian-12/vmlinuz',
      '-initrd',
      '/var/lib/vmplants/warehouse/debian-12/initrd',
      '-append',
      'console=ttyS0 quiet',
      '-chardev',
      'socket,id=qmp,path=/var/lib/vmplants/vms/vm-7/qmp.sock,server=on,wait=off',
      '-mon',
      'chardev=qmp,mode=control',
      '-chardev',
      'socket,id=console,path=/var/lib/vmplants/vms/vm-7/console.sock,server=on,wait=off',
      '-serial',
      'chardev:console',
      '-blockdev',
      '{"node-name":"root","driver":"qcow2","discard":"unmap","cache":{"direct":false,"no-flush":true},"file":{"driver":"file","filename":"/var/lib/vmplants/vms/vm-7/disk.qcow2","discard":"unmap","cache":{"direct":false,"no-flush":true}},"backing":{"driver":"qcow2","read-only":true,"file":{"driver":"file","filename":"/var/lib/vmplants/warehouse/debian-12/disk.qcow2","read-only":true},"backing":null}}',
      '-device',
      '{"driver":"virtio-blk-pci","id":"root-disk","drive":"root","addr":"03.0"}',
      '-device',
      '{"driver":"virtio-scsi-pci","id":"scsi0","addr":"04.0"}',
      '-device',
      '{"driver":"scsi-cd","id":"cd0","bus":"scsi0.0","channel":0,"scsi-id":0,"lun":0,"serial":"vmplants-config","device_id":"vmplants-config"}',
      '-device',
      '{"driver":"scsi-cd","id":"cd1","bus":"scsi0.0","channel":0,"scsi-id":1,"lun":0,"serial":"vmplants-client","device_id":"vmplants-client"}',
      '-device',
      '{"driver":"virtio-serial-pci","id":"serial0","max_ports":2,"addr":"05.0"}',
      '-chardev',
      'socket,id=guest,path=/var/lib/vmplants/vms/vm-7/guest.sock,server=on,wait=off',
      '-device',
      '{"driver":"virtserialport","id":"guest-port","bus":"serial0.0","nr":1,"chardev":"guest","name":"org.vmplants.guest"}',
      '-object',
      '{"qom-type":"rng-builtin","id":"rng"}',
      '-device',
      '{"driver":"virtio-rng-pci","id":"random0","rng":"rng","addr":"06.0"}',
      '-device',
      '{"driver":"vmgenid","id":"generation0","guid":"9a2c1a1e-3c54-4c4e-8f0e-0d6f5b1f6a11"}',
      '-netdev',
      '{"type":"hubport","id":"net0","hubid":0}',
      '-device',
      '{"driver":"virtio-net-pci","id":"nic0","netdev":"net0","mac":"52:54:00:00:00:01","addr":"07.0","romfile":""}',
      '-sandbox',
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
      '-S',
      '-incoming',
      'defer',
    ]);
  });

  it('of a machine that boots to be frozen: its own shared memory, nothing to load', () => {
    const bake: CloneSpec = { ...spec, rung: 'disk', purpose: 'bake', network: 'none', macs: [] };
    const args = monitorArguments(
      { ...warm, spec: bake, memoryFile: '/var/lib/vmplants/vms/vm-7/memory' },
      tcg,
    );
    expect(values(args, '-object')[0]).toBe(
      '{"qom-type":"memory-backend-file","id":"mem","size":536870912,"mem-path":"/var/lib/vmplants/vms/vm-7/memory","share":true}',
    );
    expect(args).not.toContain('-incoming');
    expect(args).toContain('-S');
    expect(args).not.toContain('-netdev');
    expect(args.join(' ')).not.toContain('virtio-net');
  });

  it('of a VM that boots: memory of its own, in no file', () => {
    const args = monitorArguments({ ...warm, spec: { ...spec, rung: 'disk' }, memoryFile: undefined }, tcg);
    expect(values(args, '-object')[0]).toBe('{"qom-type":"memory-backend-ram","id":"mem","size":536870912}');
  });

  it('under KVM: the processor of the host, and a golden memory that cannot be written', () => {
    const args = monitorArguments(warm, kvm);
    expect(values(args, '-accel')).toEqual(['kvm']);
    expect(values(args, '-cpu')).toEqual(['host']);
    expect(values(args, '-machine')).toEqual(['pc-i440fx-9.1,memory-backend=mem,dump-guest-core=off']);
    expect(values(args, '-object')[0]).toBe(
      '{"qom-type":"memory-backend-file","id":"mem","size":536870912,"mem-path":"/var/lib/vmplants/warehouse/debian-12/memory","share":false,"readonly":true,"rom":"off"}',
    );
  });

  it('brings added devices back at the same places, in the order in which they were added', () => {
    const args = monitorArguments(
      {
        ...warm,
        spec: { ...spec, network: 'none', macs: ['52:54:00:00:00:02'] },
        devices: [
          {
            kind: 'disk',
            action: 'data',
            serial: 'data',
            sizeMiB: 8,
            chain: ['/c/added-0.qcow2', '/g/added-0.qcow2'],
          },
          { kind: 'iso', action: 'first', file: '/g/first.iso' },
          { kind: 'network-interface', action: 'nic', mac: '52:54:00:00:00:02' },
          { kind: 'iso', action: 'last', file: '/g/last.iso' },
          { kind: 'disk', action: 'more', serial: 'more', sizeMiB: 8, chain: ['/c/added-2.qcow2'] },
        ],
      },
      tcg,
    );
    expect(values(args, '-device').filter((one) => /added|cd1/.test(one))).toEqual([
      '{"driver":"scsi-cd","id":"cd1","bus":"scsi0.0","channel":0,"scsi-id":1,"lun":0,"serial":"vmplants-client","device_id":"vmplants-client","drive":"client-medium"}',
      '{"driver":"virtio-blk-pci","id":"added0","drive":"added0-node","serial":"data","addr":"10.0"}',
      '{"driver":"virtio-net-pci","id":"added1","netdev":"net2","mac":"52:54:00:00:00:02","addr":"11.0","romfile":""}',
      '{"driver":"virtio-blk-pci","id":"added2","drive":"added2-node","serial":"more","addr":"12.0"}',
    ]);
    expect(values(args, '-netdev')).toEqual(['{"type":"hubport","id":"net2","hubid":2}']);
    expect(
      values(args, '-blockdev').map((one) => (JSON.parse(one) as { 'node-name': string })['node-name']),
    ).toEqual(['root', 'client-medium', 'added0-node', 'added2-node']);
    expect(values(args, '-blockdev')[1]).toBe(
      '{"node-name":"client-medium","driver":"raw","read-only":true,"file":{"driver":"file","filename":"/g/last.iso","read-only":true}}',
    );
  });

  it('has no path that a comma, a quote or a space could make into an option', () => {
    const directory = '/data,server=off/a "b"/vm-7';
    const args = monitorArguments(
      { ...warm, spec: { ...spec, directory }, rootDisk: [`${directory}/disk.qcow2`, '/g/disk.qcow2'] },
      tcg,
    );
    expect(values(args, '-chardev')[0]).toBe(
      'socket,id=qmp,path=/data,,server=off/a "b"/vm-7/qmp.sock,server=on,wait=off',
    );
    expect(JSON.parse(values(args, '-blockdev')[0] ?? '')).toMatchObject({
      file: { filename: `${directory}/disk.qcow2` },
    });
  });

  it('listens on nothing but unix sockets', () => {
    const text = monitorArguments(warm, kvm).join(' ');
    expect(text).not.toMatch(/tcp:|telnet|host=|port=|vnc|spice|hostfwd/);
  });
});
