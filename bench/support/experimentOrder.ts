/** What one machine of the experiment is asked to be. */
export interface ExperimentMachine {
  readonly hostname: string;
  readonly user: string;
  /** With the length of its prefix. */
  readonly address: string;
}

/** @param sequence from 1 to 65,000 */
export function experimentMachine(sequence: number): ExperimentMachine {
  return {
    hostname: `workspace-${sequence}`,
    user: `user${sequence}`,
    address: `10.20.${Math.floor(sequence / 250)}.${(sequence % 250) + 1}/16`,
  };
}

/** What `openssl passwd -5` makes of `workspace`. */
const ENCRYPTED = '$5$vmplants$zlZIb8VOAGG.VqEe9jOyUpSu.lHVtjNINViD3zuOkm0';

/**
 * A request for it. After cloning the paper's workspace "is configured with an IP address and an In-VIGO's user name
 * and encrypted password, and with a mount point for the user's distributed virtual file system" (section 3.2), and the
 * experiment's with "the VM's network interface and a user ID" (section 4.2): all of it, on every machine.
 */
export function experimentRequest(
  { hostname, user, address }: ExperimentMachine,
  memoryMiB: number,
  line: string,
): object {
  return {
    operatingSystem: { name: 'micro' },
    hardware: { memory: memoryMiB },
    line,
    network: 'host-only',
    clientDomain: 'invigo.example.org',
    identity: { hostname, user, address, password: ENCRYPTED },
    actions: [
      {
        name: 'user',
        parameters: { user: { identity: 'user' }, password: { identity: 'password' } },
        script: [
          'set -eu',
          'adduser -D "$PARAM_user"',
          'sed -i "s|^$PARAM_user:[^:]*|$PARAM_user:$PARAM_password|" /etc/shadow',
          '',
        ].join('\n'),
      },
      {
        name: 'address',
        parameters: { address: { identity: 'address' } },
        script: [
          'set -eu',
          'ip address add "$PARAM_address" dev eth0',
          'ip link set eth0 up',
          'echo "ADDRESS=$PARAM_address" >>"$VMPLANTS_ATTRIBUTES"',
          '',
        ].join('\n'),
      },
      {
        name: 'mount',
        after: ['user'],
        parameters: { user: { identity: 'user' } },
        script: [
          'set -eu',
          'mkdir "/home/$PARAM_user/files"',
          'mount -t tmpfs -o size=4m,nosuid,nodev files "/home/$PARAM_user/files"',
          '',
        ].join('\n'),
      },
    ],
  };
}

/** A script for `sh` that reads back from the guest what was configured. */
export function experimentProof({ user }: ExperimentMachine): string {
  return [
    `set -eu`,
    `grep -q " /home/${user}/files tmpfs" /proc/mounts`,
    `grep -qF '${user}:${ENCRYPTED}:' /etc/shadow`,
    `echo "$(uname -n) $(id -un ${user}) $(ip -4 -o address show dev eth0)"`,
    '',
  ].join('\n');
}

export function isProven(text: string, { hostname, user, address }: ExperimentMachine): boolean {
  return text.startsWith(`${hostname} ${user} `) && text.includes(` ${address} `);
}
