import { makeSshHostKey, type SshHostKey } from './sshHostKey.js';

/**
 * What a clone takes on before anything else runs in it. Everything of it is in the frozen memory of its golden
 * image, the same for all siblings, so all of it is replaced.
 */
export interface FreshIdentity {
  readonly hostname: string;
  /** 32 hexadecimal digits, machine-id(5). */
  readonly machineId: string;
  /** UUID. */
  readonly bootId: string;
  /** UUID for the VM generation device. */
  readonly generationId: string;
  /** 64 bytes for the guest's random generator. */
  readonly seed: Uint8Array;
  /** One address for each interface of the machine. */
  readonly macs: readonly string[];
  readonly sshHostKey: SshHostKey;
}

/** That many random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

export const SEED_BYTES = 64;

/**
 * Decides a new identity; all of it comes from `random`.
 * @param interfaces how many addresses are needed
 * @param taken addresses that other VMs of this plant have: 24 random bits alone would meet among some thousands
 */
export function freshIdentity(
  hostname: string,
  interfaces: number,
  taken: ReadonlySet<string>,
  random: RandomBytes,
): FreshIdentity {
  return {
    hostname,
    // machine-id(5): formatted like a version 4 UUID without its dashes.
    machineId: uuid(random).replaceAll('-', ''),
    bootId: uuid(random),
    generationId: uuid(random),
    seed: random(SEED_BYTES),
    macs: newMacs(interfaces, taken, random),
    sshHostKey: makeSshHostKey(random(36), `root@${hostname}`),
  };
}

/** Locally administered addresses in QEMU's range (52:54:00), the last three bytes at random, none of them taken. */
export function newMacs(count: number, taken: ReadonlySet<string>, random: RandomBytes): readonly string[] {
  const macs = new Set<string>();
  while (macs.size < count) {
    const mac = ['52', '54', '00', ...hexadecimal(random(3))].join(':');
    if (!taken.has(mac)) macs.add(mac);
  }
  return [...macs];
}

/** A version 4 UUID (RFC 9562). */
export function uuid(random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function hexadecimal(bytes: Uint8Array): readonly string[] {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
}
