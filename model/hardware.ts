/** What a machine is made of, as asked for or as given (VMPlants paper, section 3.1: "hardware specifications"). */
export interface Hardware {
  /** Instruction set of the guest. */
  readonly isa: 'x86_64';
  readonly vcpus: number;
  /** Exactly this much, in MiB. */
  readonly memoryMiB: number;
  /** In an order: at least this much disk, in MiB (a copy-on-write disk costs only what is written). */
  readonly diskMiB: number;
}

/** Operating system of a machine. */
export interface OperatingSystem {
  /** For example `debian` or `micro`. */
  readonly name: string;
  /** For example `12`. In an order, absent means any version. */
  readonly version?: string;
  /** In an order: the guest kernel release (`uname -r`) that the client insists on; absent means any. */
  readonly kernel?: string;
}
