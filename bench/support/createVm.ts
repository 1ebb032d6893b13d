import type { VmshopClient } from '../../shop/client.js';
import type { Finished } from './timeAlternately.js';
import { proofScript, proves, type WantedMachine } from './wantedMachine.js';

/**
 * The way of this project: a request to the shop, up to its answer with the classad. What cloud-init's modules do is
 * done by three actions; all belong to one VM, so no golden image can have performed them before.
 */
export async function createVm(
  client: VmshopClient,
  memoryMiB: number,
  machine: WantedMachine,
  signal: AbortSignal,
): Promise<Finished> {
  const vm = await client.create(request(memoryMiB, machine), { requestId: machine.hostname, signal });
  return {
    check: async () => {
      if (vm.rung !== 'warm') {
        throw new Error(`expected a clone with its memory, found one that was booted, from ${vm.image}`);
      }
      let said = '';
      const decoder = new TextDecoder();
      const { status } = await client.exec(vm.vmid, proofScript(machine), {
        signal,
        onOutput: (data) => {
          said += decoder.decode(data, { stream: true });
        },
      });
      if (status !== 0 || !proves(said, machine)) {
        throw new Error(`the VM is not what was asked for, exit status ${status}: ${said}`);
      }
    },
    undo: async () => {
      await client.collect(vm.vmid);
    },
  };
}

function request(memoryMiB: number, { hostname, user, sshKey }: WantedMachine): object {
  return {
    operatingSystem: { name: 'debian', version: '12' },
    hardware: { memory: memoryMiB },
    identity: { hostname, user, 'ssh-key': sshKey },
    actions: [
      {
        name: 'hostname',
        parameters: { hostname: { identity: 'hostname' } },
        // Both by the shell itself: under emulation every program that is started costs.
        script: [
          'set -eu',
          'printf \'%s\\n\' "$PARAM_hostname" >/etc/hostname',
          'printf \'%s\\n\' "$PARAM_hostname" >/proc/sys/kernel/hostname',
          '',
        ].join('\n'),
      },
      {
        name: 'account',
        after: ['hostname'],
        parameters: { user: { identity: 'user' } },
        script: 'useradd --create-home --shell /bin/bash "$PARAM_user"\n',
      },
      {
        name: 'authorized-key',
        after: ['account'],
        parameters: { user: { identity: 'user' }, key: { identity: 'ssh-key' } },
        script: [
          'set -eu',
          'umask 077',
          'home=/home/$PARAM_user',
          'mkdir "$home/.ssh"',
          'printf \'%s\\n\' "$PARAM_key" >"$home/.ssh/authorized_keys"',
          'chown -R "$PARAM_user:" "$home/.ssh"',
          '',
        ].join('\n'),
      },
    ],
  };
}
