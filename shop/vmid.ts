import { createHash } from 'node:crypto';
import { invalidArgument } from '../model/errors.js';

/** Bytes of randomness that `vmidFromRandom` takes: 130 bits make 26 characters. */
export const VMID_RANDOM_BYTES = 17;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARACTERS = 26;
const VMID = /^vm-[a-z2-7]{26}$/;

/** A VMID that nobody has had before: `vm-` and 26 characters a-z, 2-7, of at least VMID_RANDOM_BYTES random bytes. */
export function vmidFromRandom(random: Uint8Array): string {
  if (random.length < VMID_RANDOM_BYTES) {
    throw new RangeError(`expected ${VMID_RANDOM_BYTES} random bytes, found ${random.length}`);
  }
  return vmidOf(random);
}

/**
 * The VMID of a request ID in a client domain. It is the same every time and on every shop, so a create that is
 * repeated finds the VM of the first one without any shop keeping a record of it.
 */
export function vmidFromRequestId(clientDomain: string, requestId: string): string {
  const hash = createHash('sha256');
  // The length keeps (`a`, `bc`) and (`ab`, `c`) apart.
  hash.update(`vmplants-vmid/1\n${Buffer.byteLength(clientDomain)}\n${clientDomain}${requestId}`);
  return vmidOf(hash.digest());
}

/** The text, if it is a VMID; else INVALID_ARGUMENT at the field. */
export function checkVmid(text: string, field = 'vmid'): string {
  if (VMID.test(text)) return text;
  const found = JSON.stringify(text.slice(0, 60));
  throw invalidArgument([
    { field, description: `expected a VMID ("vm-" and 26 characters a-z, 2-7), found ${found}` },
  ]);
}

function vmidOf(bytes: Uint8Array): string {
  let text = 'vm-';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < CHARACTERS + 3) {
      bits -= 5;
      text += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}
