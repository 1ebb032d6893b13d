/**
 * What is known of QEMU on this host. Data only: found once by `probe`, kept by the caller in a file, and given to
 * everything that builds a command line.
 */
export interface QemuHost {
  /** Absolute path of the emulator. */
  readonly binary: string;
  readonly version: QemuVersion;
  readonly accelerator: Accelerator;
  /** One sentence for people: why this accelerator. */
  readonly acceleratorReason: string;
  /** What the emulator itself said when hardware virtualisation failed; for a log. */
  readonly acceleratorDetail?: string;
  /**
   * CPU model as golden images record it. Under TCG it is the `-cpu` argument; under KVM it names the host's
   * processor, because `-cpu host` means another CPU on every host.
   */
  readonly cpuModel: string;
  /** What the answer depends on: when `fingerprint` of the host differs, probe again. */
  readonly fingerprint: string;
}

export type Accelerator = 'kvm' | 'tcg';

export interface QemuVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

/**
 * The CPU under emulation: the x86-64-v2 level, hardware random numbers and AES. A named list and not `max`, which
 * changes with each release, and whose five-level paging and fast-string promises cost time under TCG.
 */
export const TCG_CPU = 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+lahf-lm,+rdrand,+aes,+pclmulqdq';

/** As classads and golden images say it, for example `QEMU 7.2.22`. */
export function vmmName(version: QemuVersion): string {
  return `QEMU ${version.major}.${version.minor}.${version.micro}`;
}

/** The pinned machine type of this release, which every later release still has: `pc` would change under our feet. */
export function machineType(version: QemuVersion): string {
  return `pc-i440fx-${version.major}.${version.minor}`;
}

/** Whether the release is at least the given one. */
export function atLeast(version: QemuVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** Reads the first line of `qemu-system-x86_64 --version`; undefined when it is something else. */
export function parseVersion(text: string): QemuVersion | undefined {
  const found = /^QEMU emulator version (\d+)\.(\d+)\.(\d+)/.exec(text);
  if (found === null) return undefined;
  return { major: Number(found[1]), minor: Number(found[2]), micro: Number(found[3]) };
}
