import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TCG_CPU } from '../../../../plant/line/qemu/host.js';
import { kvmPayload, PAYLOAD_PORT, PAYLOAD_STATUS } from '../../../../plant/line/qemu/kvmPayload.js';
import { fingerprint, probe } from '../../../../plant/line/qemu/probe.js';

const BINARY = '/usr/bin/qemu-system-x86_64';
const signal = () => AbortSignal.timeout(30_000);

describe('probe', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vmp-probe-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('tells the version and emulates when it is asked to', async () => {
    const host = await probe({ binary: BINARY, temporaryDirectory: directory, accelerator: 'tcg' }, signal());
    expect(host).toMatchObject({ binary: BINARY, accelerator: 'tcg', cpuModel: TCG_CPU });
    expect(host.version.major).toBeGreaterThanOrEqual(7);
    expect(host.fingerprint).toBe(await fingerprint(BINARY, 'tcg'));
    expect(host.fingerprint).not.toBe(await fingerprint(BINARY, 'auto'));
  });

  it('finds out about KVM by trying it, gives a reason, and leaves no file', async () => {
    const host = await probe(
      { binary: BINARY, temporaryDirectory: directory, accelerator: 'auto' },
      signal(),
    );
    if (host.accelerator === 'kvm') expect(host.cpuModel).toMatch(/^host \S+/);
    else
      expect(host.acceleratorReason).toMatch(
        /^KVM does not work here: .*; (?:there is no \/dev\/kvm$|\/dev\/kvm is there, but)/,
      );
    expect(await readdir(directory)).toEqual([]);
  });

  it('runs a payload that says so when it has come through', async () => {
    const rom = join(directory, 'rom');
    await writeFile(rom, kvmPayload());
    expect(await payloadStatus(rom, BINARY)).toBe(PAYLOAD_STATUS);
  });

  it('is not deceived by a payload that never gets there', async () => {
    const rom = join(directory, 'rom');
    // The timer's interrupt is never let through: `sti` becomes `nop`.
    const payload = kvmPayload();
    const at = payload.lastIndexOf(Buffer.from('fbf4ebfd', 'hex'));
    payload.writeUInt8(0x90, at);
    await writeFile(rom, payload);
    expect(await payloadStatus(rom, BINARY)).toBeNull();
  });

  it('says what to install when there is no QEMU, and refuses what is none', async () => {
    const options = { temporaryDirectory: directory, accelerator: 'auto' } as const;
    await expect(probe({ ...options, binary: '/nowhere/qemu' }, signal())).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'QEMU_MISSING',
      hint: 'apt-get install qemu-system-x86',
    });
    await expect(probe({ ...options, binary: '/bin/true' }, signal())).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'QEMU_UNSUITABLE',
    });
  });

  it('ends with its signal', async () => {
    const options = { binary: BINARY, temporaryDirectory: directory, accelerator: 'auto' } as const;
    await expect(probe(options, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

/** Exit status under emulation, where the payload always can run; null when it had to be ended. */
function payloadStatus(rom: string, binary: string): Promise<number | null> {
  const args = [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg', '-m', '16', '-bios', rom],
    ...['-device', `isa-debug-exit,iobase=${PAYLOAD_PORT},iosize=1`],
  ];
  return new Promise((resolve) => {
    const child = execFile(binary, args, { timeout: 2000, killSignal: 'SIGKILL' }, () =>
      resolve(child.exitCode),
    );
  });
}
