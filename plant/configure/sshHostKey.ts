import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

/** An Ed25519 SSH host key, made on the host so that a clone never waits for its own generator. */
export interface SshHostKey {
  /** PEM text in OpenSSH's own format (`openssh-key-v1`), not encrypted. */
  readonly privateKey: string;
  /** One line, `ssh-ed25519 BASE64 COMMENT`, with its newline. */
  readonly publicKey: string;
  /** As ssh-keygen prints it: `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
  /** The same digest in lower-case hexadecimal, as the guest reads it back. */
  readonly digest: string;
}

const KEY_TYPE = 'ssh-ed25519';
const KEY_MAGIC = 'openssh-key-v1\0';
/** Everything of a PKCS #8 Ed25519 private key (RFC 8410) that comes before the 32 bytes themselves. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Without a cipher the private part is padded to blocks of 8 (OpenSSH, PROTOCOL.key). */
const BLOCK_BYTES = 8;
const LINE_CHARACTERS = 70;

/**
 * Makes a key out of 36 random bytes: 32 for the key, 4 for the check number of the file format.
 * @throws RangeError when there are not that many
 */
export function makeSshHostKey(random: Uint8Array, comment: string): SshHostKey {
  if (random.length !== 36) throw new RangeError(`expected 36 random bytes, found ${random.length}`);
  const secret = Buffer.from(random.subarray(0, 32));
  const check = Buffer.from(random.subarray(32));
  const point = publicPoint(secret);
  const blob = Buffer.concat([field(KEY_TYPE), field(point)]);
  const digest = createHash('sha256').update(blob).digest();
  const inner = Buffer.concat([
    check,
    check,
    field(KEY_TYPE),
    field(point),
    field(Buffer.concat([secret, point])),
    field(comment),
  ]);
  const file = Buffer.concat([
    Buffer.from(KEY_MAGIC, 'latin1'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(padded(inner)),
  ]);
  return {
    privateKey: pem(file),
    publicKey: `${KEY_TYPE} ${blob.toString('base64')} ${comment}\n`,
    fingerprint: `SHA256:${digest.toString('base64').replace(/=+$/, '')}`,
    digest: digest.toString('hex'),
  };
}

function publicPoint(secret: Buffer): Buffer {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return der.subarray(der.length - 32);
}

function field(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The padding is 1, 2, 3, ... */
function padded(bytes: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function pem(file: Buffer): string {
  const base64 = file.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE_CHARACTERS)
    lines.push(base64.slice(at, at + LINE_CHARACTERS));
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}
