import type { VmshopClient } from '../../shop/client.js';
import type { Finished } from './timeAlternately.js';
import { proofScript, proves, type WantedMachine } from './wantedMachine.js';

/**
 * The way of this project: a request to the shop, up to its answer with the classad. What cloud-init's modules do is
 * done by two actions, which belong to one VM, so that no golden image can have performed them before; the host name comes
 * with the identity that every clone is given.
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
        name: 'account',
        parameters: { user: { identity: 'user' } },
        script: 'useradd --create-home --shell /bin/bash "$PARAM_user"\n',
      },
      {
        name: 'authorized-key',
        after: ['account'],
        parameters: { user: { identity: 'user' }, key: { identity: 'ssh-key' } },
        script: [
          'set -eu',
          'home=/home/$PARAM_user',
          // Every program that is started costs under emulation: `install` does what mkdir, chmod and chown would.
          'install -d -m 0700 -o "$PARAM_user" -g "$PARAM_user" "$home/.ssh"',
          'umask 077',
          'printf \'%s\\n\' "$PARAM_key" >"$home/.ssh/authorized_keys"',
          'chown "$PARAM_user:" "$home/.ssh/authorized_keys"',
          '',
        ].join('\n'),
      },
    ],
  };
}
