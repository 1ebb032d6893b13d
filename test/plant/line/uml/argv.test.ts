import { describe, expect, it } from 'vitest';
import { machineArguments } from '../../../../plant/line/uml/argv.js';
import { type CloneRecord, newCloneRecord } from '../../../../plant/line/uml/cloneRecord.js';
import type { UmlHost } from '../../../../plant/line/uml/host.js';
import { umlSpec } from './umlSpec.js';

const HOST: UmlHost = {
  binary: '/usr/bin/linux.uml',
  release: '6.1.176',
  mconsole: '/usr/bin/uml_mconsole',
  expandedDirectory: '/data/expanded',
  memoryDirectory: '/dev/shm',
  modulesFile: '/data/expanded/modules.iso',
  asRoot: true,
};

function record(changed: Partial<CloneRecord> = {}): CloneRecord {
  return {
    ...newCloneRecord({ spec: umlSpec(), baseDisk: '/data/expanded/base@1.raw', devices: [] }),
    ...changed,
  };
}

describe('machineArguments', () => {
  it('starts a paused machine in namespaces of its own', () => {
    expect(machineArguments(record(), HOST)).toEqual([
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      '--',
      '/bin/sh',
      '-c',
      'read -r devices <&7 && "$@" "$devices" 7<&-; exit $?',
      'launch',
      '/usr/bin/linux.uml',
      'mem=128M',
      'umid=vm',
      'uml_dir=/data/vms/vm-1/.uml/',
      'ubda=/data/vms/vm-1/disk.cow,/data/expanded/base@1.raw',
      'root=/dev/ubda',
      'rootfstype=ext4',
      'rw',
      'eth0=tuntap,tap0,52:54:00:00:00:01',
      'ubdprd=/data/expanded/modules.iso',
      'ssl0=fd:5,fd:6',
      'ssl1=fd:3,fd:4',
      'ssl=null',
      'con=null',
      'console=ttyS0',
      'hostfs=/dev/null',
      'noreboot',
      'quiet',
      'net.ifnames=0',
      'cryptomgr.notests',
      'pty.legacy_count=0',
      'random.trust_cpu=on',
    ]);
  });

  it('makes a user namespace too where it is not root', () => {
    expect(machineArguments(record(), { ...HOST, asRoot: false }).slice(0, 3)).toEqual([
      '--user',
      '--map-root-user',
      '--net',
    ]);
  });

  it('has no interface without a network, and no modules where the host has none', () => {
    const args = machineArguments(record({ spec: umlSpec({ network: 'none', macs: [] }) }), {
      ...HOST,
      modulesFile: undefined,
    });
    expect(args.filter((one) => /^(eth|ubdp)/.test(one))).toEqual([]);
  });

  it('gives what host actions added its place in order, and only a disk with another below it to be written', () => {
    const devices = [
      { kind: 'network-interface', action: 'nic', mac: '52:54:00:00:00:02' },
      { kind: 'iso', action: 'old', file: '/data/old.iso' },
      { kind: 'disk', action: 'a', serial: 'a', sizeMiB: 8, cow: '/c/added-0.cow', base: '/c/added-0.base' },
      { kind: 'iso', action: 'cd', file: '/data/cd.iso' },
      { kind: 'disk', action: 'b', serial: 'b', sizeMiB: 8, cow: '/c/added-1.cow', base: '/c/added-1.base' },
    ] as const;
    const args = machineArguments(record({ devices }), HOST);
    expect(args.filter((one) => /^(eth|ubd[b-o])/.test(one))).toEqual([
      'eth0=tuntap,tap0,52:54:00:00:00:01',
      'eth1=tuntap,tap1,52:54:00:00:00:02',
      'ubdd=/c/added-0.cow,/c/added-0.base,a',
      'ubde=/c/added-1.cow,/c/added-1.base,b',
      'ubdcrd=/data/cd.iso',
    ]);
  });
});
