import type { OperatingSystem } from '../../model/hardware.js';

/** What a base disk is to be assembled from and where. */
export interface AssembleSpec {
  /** Absolute; must not exist yet. Its parent must: the work is done beside it and renamed at the end. */
  readonly directory: string;
  /** Absolute; downloads and compiled programs that a second assembling can use. Made when missing. */
  readonly cacheDirectory: string;
  /** Virtual size of the disk in MiB. */
  readonly diskMiB?: number;
  /**
   * Environment of the tools that are run (`PATH`, proxies). Nothing else of this process's environment is handed
   * on to them.
   */
  readonly environment: Readonly<Record<string, string>>;
}

export interface DebianSpec extends AssembleSpec {
  /** Names of Debian packages to install besides those of the base. */
  readonly extraPackages?: readonly string[];
  /** False makes a plain Debian guest without the daemon, for comparisons. Default true. */
  readonly withDaemon?: boolean;
}

/** A disk that boots, with the kernel and initial RAM disk it boots with. File names are relative to the directory. */
export interface AssembledDisk {
  readonly directory: string;
  /** Qcow2 without a backing file, holding one ext4 file system without a partition table. */
  readonly diskFile: string;
  readonly diskMiB: number;
  readonly kernelFile: string;
  readonly initrdFile: string;
  readonly kernelCommandLine: string;
  /** `uname -r` of the guest. */
  readonly guestKernel: string;
  readonly operatingSystem: OperatingSystem & { readonly version: string };
}

export const DISK_FILE = 'disk.qcow2';
export const KERNEL_FILE = 'vmlinuz';
export const INITRD_FILE = 'initrd';

/**
 * Measured under emulation, each word earns its place: `quiet` 0.25 s (a serial console is slow),
 * `cryptomgr.notests` 0.25 s, `rcu_expedited` shortens what waits for other processors (unmounting, an interface
 * going down), also in every clone later. `tsc=reliable` stops a watchdog that would wake every idle clone twice a
 * second. `net.ifnames=0` names interfaces the same in every guest.
 */
export const KERNEL_COMMAND_LINE =
  'console=ttyS0 root=/dev/vda quiet net.ifnames=0 cryptomgr.notests tsc=reliable rcupdate.rcu_expedited=1 random.trust_cpu=on';
