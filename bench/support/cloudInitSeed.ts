import { makeIso } from '../../guest/iso.js';
import { proofScript, type WantedMachine } from './wantedMachine.js';

/**
 * The seed of cloud-init's NoCloud data source, as an ISO image: what an operator would give it who wants this
 * machine soon. One host key, as the other side makes; nothing that needs a network, a locale to be compiled or a disk
 * to be grown. The network is left alone, and what is read back at the end proves the machine.
 * @param instanceId another one for each machine
 */
export function cloudInitSeed(machine: WantedMachine, instanceId: string): Buffer {
  // Cloud-config is YAML, of which JSON is a part.
  const userData = {
    hostname: machine.hostname,
    users: [
      {
        name: machine.user,
        shell: '/bin/bash',
        lock_passwd: true,
        ssh_authorized_keys: [machine.sshKey],
      },
    ],
    ssh_genkeytypes: ['ed25519'],
    ssh: { emit_keys_to_console: false },
    no_ssh_fingerprints: true,
    locale: 'false',
    apt: { preserve_sources_list: true },
    growpart: { mode: 'off' },
    resize_rootfs: false,
    runcmd: [proofScript(machine)],
  };
  const metaData = { 'instance-id': instanceId, 'local-hostname': machine.hostname };
  const networkConfig = { config: 'disabled' };
  return makeIso('CIDATA', [
    { path: 'meta-data', data: Buffer.from(JSON.stringify(metaData)) },
    { path: 'user-data', data: Buffer.from(`#cloud-config\n${JSON.stringify(userData)}\n`) },
    { path: 'network-config', data: Buffer.from(JSON.stringify(networkConfig)) },
  ]);
}
