/** What both sides make: one and the same machine, by its own name each time. */
export interface WantedMachine {
  readonly hostname: string;
  readonly user: string;
  /** A line of an `authorized_keys` file. */
  readonly sshKey: string;
}

/** First word of the line by which a guest proves that it is what was asked for. */
const PROOF = 'configured-as-asked';

/** @param publicKey 32 bytes, an Ed25519 public key */
export function wantedMachine(hostname: string, publicKey: Uint8Array): WantedMachine {
  return {
    hostname,
    user: 'alice',
    sshKey: `ssh-ed25519 ${keyBlob(publicKey).toString('base64')} alice@bench`,
  };
}

/** A script for `sh` that reads back from the guest what was configured, and writes one line of it. */
export function proofScript({ user }: WantedMachine): string {
  return `echo "${PROOF} $(cat /etc/hostname) $(uname -n) $(id -un ${user}) $(cat /home/${user}/.ssh/authorized_keys)"`;
}

/** Whether the text holds the line that `proofScript` writes in a guest that is what was asked for. */
export function proves(text: string, { hostname, user, sshKey }: WantedMachine): boolean {
  return text.includes(`${PROOF} ${hostname} ${hostname} ${user} ${sshKey}`);
}

/** The key as SSH writes it (RFC 8709, section 4): two strings, each after its length. */
function keyBlob(publicKey: Uint8Array): Buffer {
  return Buffer.concat(
    [Buffer.from('ssh-ed25519'), publicKey].flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, Buffer.from(part)];
    }),
  );
}
