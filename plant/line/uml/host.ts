/**
 * What is known of User-Mode Linux on this host. Data only: found once by `probe` and given to everything that builds
 * a command line.
 */
export interface UmlHost {
  /** Absolute path of the kernel, links resolved. */
  readonly binary: string;
  /** `uname -r` of its guests. */
  readonly release: string;
  /** Absolute path of the client of the management console. */
  readonly mconsole: string;
  /** Absolute; where golden disks are kept in the form that it reads. */
  readonly expandedDirectory: string;
  /** Absolute; a file system in memory, which holds the machines' memory. */
  readonly memoryDirectory: string;
  /** Absolute; an ISO image with kernel modules for its guests. Undefined where the host has none for this kernel. */
  readonly modulesFile: string | undefined;
  /** Without it, machines run in a user namespace of their own, which is what lets others make network namespaces. */
  readonly asRoot: boolean;
}

/** As classads and golden images say it, for example `UML 6.1.176`. */
export function vmmName(release: string): string {
  return `UML ${release}`;
}

/** The programs of util-linux and coreutils that the line starts. */
export const PROGRAM = {
  unshare: '/usr/bin/unshare',
  nsenter: '/usr/bin/nsenter',
  mkfifo: '/usr/bin/mkfifo',
  shell: '/bin/sh',
} as const;
