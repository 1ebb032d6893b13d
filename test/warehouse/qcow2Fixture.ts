/** Parts of a qcow2 file that a test may set; the rest is what `qemu-img create` writes. */
export interface Qcow2Fixture {
  readonly virtualBytes?: number;
  readonly backing?: { readonly path: string; readonly format?: string };
  /** Header extensions after those that belong to the rest. */
  readonly extensions?: readonly (readonly [type: number, data: string])[];
}

const CLUSTER = 65536;

/** A whole empty qcow2 file of four clusters, made without qemu-img. */
export function qcow2File(fixture: Qcow2Fixture = {}): Buffer {
  const bytes = Buffer.alloc(4 * CLUSTER);
  bytes.writeUInt32BE(0x514649fb, 0);
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(16, 20);
  const virtualBytes = fixture.virtualBytes ?? 16 * 2 ** 20;
  bytes.writeBigUInt64BE(BigInt(virtualBytes), 24);
  bytes.writeUInt32BE(Math.max(1, Math.ceil(virtualBytes / (CLUSTER * 8192))), 36);
  bytes.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  bytes.writeBigUInt64BE(BigInt(CLUSTER), 48);
  bytes.writeUInt32BE(1, 56);
  bytes.writeUInt32BE(4, 96);
  bytes.writeUInt32BE(104, 100);
  let at = 104;
  const extension = (type: number, data: string) => {
    bytes.writeUInt32BE(type, at);
    bytes.writeUInt32BE(data.length, at + 4);
    bytes.write(data, at + 8, 'latin1');
    at += 8 + Math.ceil(data.length / 8) * 8;
  };
  if (fixture.backing?.format !== undefined) extension(0xe2792aca, fixture.backing.format);
  for (const [type, data] of fixture.extensions ?? []) extension(type, data);
  at += 8;
  if (fixture.backing !== undefined) {
    bytes.writeBigUInt64BE(BigInt(at), 8);
    bytes.writeUInt32BE(fixture.backing.path.length, 16);
    bytes.write(fixture.backing.path, at, 'latin1');
  }
  // Refcount table, refcount block, L1 table: enough for `qemu-img check` to find the file sound.
  bytes.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < 4; cluster++) bytes.writeUInt16BE(1, 2 * CLUSTER + 2 * cluster);
  return bytes;
}
