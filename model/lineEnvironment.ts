/**
 * What a production line on this host is, as far as a frozen memory depends on it. Facts, found once by a probe
 * and given to the planner as data.
 */
export interface LineEnvironment {
  /** Name of the technology, for example `qemu`. */
  readonly line: string;
  readonly accelerator: string;
  readonly cpuModel: string;
  /** Name and version of the monitor, for example `QEMU 7.2.22`. */
  readonly vmm: string;
  /** Whether it can resume a frozen memory at all. */
  readonly resumes: boolean;
  /** `uname -r` of its guests, where the line brings a kernel of its own: that of an image is not booted then. */
  readonly guestKernel?: string;
  /** Most processors that a machine of it has; absent where the line sets no limit. */
  readonly maxVcpus?: number;
  /** Least memory that its machines come up with, in MiB; absent where the line sets no limit. */
  readonly minMemoryMiB?: number;
}
