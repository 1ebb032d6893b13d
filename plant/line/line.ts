import type { GuestMessage, HostMessage } from '../../guest/protocol.js';
import type { LocatedImage, MemoryState, NetworkKind } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Rung } from '../../model/plan.js';
import type { Console } from '../console.js';

/**
 * A production line drives one virtualisation technology (VMPlants paper, sections 3.2 and 4.1).
 *
 * Nouns: a **golden image** is read-only and shared. A **clone** is the set of files in one directory of its own
 * that makes one VM out of a golden image, copy-on-write. A **machine** is a clone with a running monitor process.
 * The **guest channel** is the private port between the host and the daemon in the machine.
 *
 * Life of a clone: `clone` -> `start` (paused, channel connected) -> `deliver` -> `run` -> `stop` -> `discard`.
 * Every call obeys its signal and rejects with VmplantsError. `clone`, `stop` and `discard` may be repeated.
 */
export interface ProductionLine {
  /** Name of the technology, as golden images and orders say it. */
  readonly name: string;
  /** What this line can do on this host. A call that needs an undeclared capability rejects with UNIMPLEMENTED. */
  readonly capabilities: LineCapabilities;
  /** What a frozen memory of this line depends on, on this host. */
  readonly environment: LineEnvironment;

  /** Makes the files of a clone. Copies neither disk nor memory: takes the same time whatever their sizes. */
  clone(spec: CloneSpec, signal: AbortSignal): Promise<void>;
  /**
   * Starts the monitor with the machine paused: on the `warm` rung the frozen memory is loaded, on the `disk` rung
   * it is before its first instruction. The guest channel is connected before this returns.
   */
  start(spec: CloneSpec, signal: AbortSignal): Promise<Machine>;
  /**
   * Finds the machine that an earlier process of this plant left running in the directory; undefined when it does
   * not run any more. The identity says which process may be taken for it (never a pid alone); undefined when the
   * plant died before it could write it down, or on a line without processes: then the line finds it by itself.
   */
  adopt(
    directory: string,
    identity: ProcessIdentity | undefined,
    signal: AbortSignal,
  ): Promise<Machine | undefined>;
  /** Ends whatever still runs of the clone (by process identity) and removes its files. Repeatable. */
  discard(directory: string, identity: ProcessIdentity | undefined, signal: AbortSignal): Promise<void>;
}

export interface LineCapabilities {
  /** Resumes a frozen memory; without it every clone boots. */
  readonly resume: boolean;
  /** Freezes a baking machine into a memory that can be resumed. */
  readonly freeze: boolean;
  /** Copies the state of a machine that goes on running. */
  readonly snapshot: boolean;
  readonly attachIso: boolean;
  readonly addDisk: boolean;
  readonly addNetworkInterface: boolean;
  /** Whether real guest programs run: the fake line only understands the few forms that its file lists. */
  readonly runsPrograms: boolean;
  /** Its machines have `openConsole`. */
  readonly console: boolean;
  /** What QEMU calls isolation: true only under hardware virtualisation. */
  readonly isolates: boolean;
}

/** Everything that decides a clone. Data only, so that it can be written to the step log and read back. */
export interface CloneSpec {
  readonly vmid: string;
  /** Absolute; the clone's own. The line creates it with mode 0700. */
  readonly directory: string;
  readonly image: LocatedImage;
  readonly rung: Rung;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly network: NetworkKind;
  /** Addresses of the interfaces, first the one of the order's network, then those that the image's host actions added. */
  readonly macs: readonly string[];
  /** UUID for the VM generation device: changes with every clone. */
  readonly generationId: string;
  /**
   * `vm`: memory mapped privately from the golden file. `bake`: memory in a file of the clone's own, mapped shared,
   * so that it can be frozen into a golden image.
   */
  readonly purpose: 'vm' | 'bake';
}

/** Identifies a process beyond the reuse of its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/PID/stat). */
  readonly startTicks: number;
  /** Boot id of the host it was started under. */
  readonly bootId: string;
}

export interface Machine {
  readonly vmid: string;
  /** Undefined on a line without processes (fake). */
  readonly process: ProcessIdentity | undefined;
  readonly guest: GuestChannel;
  /** Resolves, never rejects, when the monitor has ended. */
  readonly exited: Promise<MachineExit>;
  /**
   * Opens the guest's console, which one at a time may use: the caller keeps others away. Undefined on a line without
   * consoles. Rejects with UNAVAILABLE when it cannot be reached.
   */
  readonly openConsole: ((signal: AbortSignal) => Promise<Console>) | undefined;
  /** Inserts the ISO into the configuration drive in place of what is there. The file must live until the next one. */
  deliver(isoFile: string, signal: AbortSignal): Promise<void>;
  /** Empties the configuration drive: what was delivered may hold secrets, and is nobody's to read any more. Repeatable. */
  withdraw(signal: AbortSignal): Promise<void>;
  /** Lets the paused machine run. */
  run(signal: AbortSignal): Promise<void>;
  /** Carries out a host action. Paths are absolute and made by the plant. */
  addDevice(device: NewDevice, signal: AbortSignal): Promise<void>;
  /** Asks the guest to shut down, waits for at most the grace, then kills. Resolves when the process is gone. */
  stop(graceMilliseconds: number, signal: AbortSignal): Promise<MachineExit>;
  /**
   * Only with purpose `bake`: freezes memory and device state into the clone's directory and ends the monitor, so
   * that disk and memory are one consistent state. The paths in the answer are relative to the clone's directory.
   */
  freeze(signal: AbortSignal): Promise<FrozenMachine>;
  /**
   * Copies the machine's disks, and on request its memory, as they are at one moment into a directory of the
   * caller's, which exists and is empty. The machine stands still for `pausedMilliseconds` and goes on; its files are
   * afterwards as few as before. The disk copy is a sibling over the image's base, never a longer chain, and its header
   * names the base as a warehouse wants it. Memory and device state are in the form that `freeze` gives; nothing is synced
   * to stable storage. After an error the machine runs on and the directory holds nothing of use. Rejects with
   * FAILED_PRECONDITION, NOT_RUNNING, when the machine does not run.
   */
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<MachineSnapshot>;
  /** True while the monitor answers within the signal. */
  responds(signal: AbortSignal): Promise<boolean>;
  /**
   * Lets go of the machine without touching it, as a plant does that ends in good order: the connections close, the
   * machine goes on, and `adopt` can take it. Repeatable; nothing else may be called afterwards.
   */
  release(): void;
}

export type NewDevice =
  | {
      readonly kind: 'disk';
      readonly action: string;
      readonly sizeMiB: number /** At most 20 characters, seen by the guest. */;
      readonly serial: string;
    }
  | { readonly kind: 'iso'; readonly action: string; readonly isoFile: string }
  | { readonly kind: 'network-interface'; readonly action: string; readonly mac: string };

export interface FrozenMachine {
  readonly diskFile: string;
  readonly memory: Omit<MemoryState, 'guestKernel'>;
  /** Files of disks that host actions added, by action. */
  readonly addedDisks: readonly {
    readonly action: string;
    readonly file: string;
    readonly sizeMiB: number;
  }[];
}

export interface SnapshotRequest {
  /** Absolute. Best on the file system of the clone. */
  readonly directory: string;
  readonly memory: boolean;
  /** Called as soon as the machine goes on: what follows is done beside it. */
  readonly onGoesOn?: () => void;
}

/** Like a frozen machine; paths are relative to the request's directory. */
export interface MachineSnapshot extends Omit<FrozenMachine, 'memory'> {
  /** Exactly where memory was asked for. */
  readonly memory?: FrozenMachine['memory'];
  /**
   * What host actions added to the machine, its image's first, in the order in which they were added: a machine that
   * resumes the memory needs them in this order. Disks are those of `addedDisks`; ISOs stay where they are.
   */
  readonly devices: readonly SnapshotDevice[];
  /** For how long the processors stood still; 0 where that was not needed. */
  readonly pausedMilliseconds: number;
}

export type SnapshotDevice =
  | { readonly kind: 'disk'; readonly action: string }
  /** The file's absolute path. */
  | { readonly kind: 'iso'; readonly action: string; readonly isoFile: string }
  | { readonly kind: 'network-interface'; readonly action: string };

export interface MachineExit {
  /** Exit status, or undefined after a signal or for an adopted process. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** The end of what the monitor wrote to its error output. */
  readonly message: string;
}

/** Messages to and from the daemon in the guest. Bad lines from the guest are dropped and counted. */
export interface GuestChannel {
  /** Queues the message. Rejects with UNAVAILABLE when the channel is closed. */
  send(message: HostMessage, signal: AbortSignal): Promise<void>;
  /** Calls the listener for every message from now on; the answer unsubscribes. */
  subscribe(listener: (message: GuestMessage) => void): () => void;
  /** How many lines were dropped because they were not of the protocol. */
  readonly dropped: number;
}
