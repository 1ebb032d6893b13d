/**
 * What the host and the guest daemon (`vmguestd.c`) say to each other: one line of ASCII per message on a
 * virtual serial port, and one manifest file per ISO. The port carries the doorbell, progress and results;
 * the ISO carries scripts and data. Every field is a token without spaces; free bytes travel as base64.
 *
 * This file is the host's side of the contract; the C file quotes it by section.
 */

/** Raised when either side would have to speak a language that the other does not know. */
export const PROTOCOL_VERSION = 1;

/** Name of the virtio-serial port that the daemon opens (`/dev/virtio-ports/NAME`). */
export const GUEST_PORT_NAME = 'org.vmplants.guest';

/** ISO 9660 volume label of a configuration ISO. The label is a hint: the manifest's digest is the proof. */
export const ISO_LABEL = 'VMPLANTS';

/** Name of the manifest in the root of the ISO. */
export const MANIFEST_NAME = 'manifest';

/** Output kept of one action, in bytes; what comes after is dropped and the action is marked truncated. */
export const OUTPUT_LIMIT_BYTES = 64 * 1024;

/** The daemon refuses (and drops) a longer line. */
export const LINE_LIMIT_BYTES = 16 * 1024;

// ---------------------------------------------------------------------------------------------------------
// Host -> guest
// ---------------------------------------------------------------------------------------------------------

/**
 * `hello` asks the daemon to answer `ready`. `configure` is the doorbell: mount the ISO, verify that the
 * SHA-256 of its manifest is `manifestDigest` (this line came over the VM's private port, so it proves the
 * ISO), and carry it out. `exec` runs one command outside of any order, `cancel` ends it early. `stop` asks for an
 * orderly shutdown.
 */
export type HostMessage =
  /** `hello` */
  | { readonly kind: 'hello' }
  /** `configure NONCE MANIFEST_SHA256_HEX EPOCH_MILLISECONDS` */
  | {
      readonly kind: 'configure';
      readonly nonce: string;
      readonly manifestDigest: string;
      readonly epochMilliseconds: number;
    }
  /** `exec NONCE TIMEOUT_SECONDS BASE64(script)`; answered by started/output/ended with index 0 and `done`. */
  | {
      readonly kind: 'exec';
      readonly nonce: string;
      readonly timeoutSeconds: number;
      readonly script: string;
    }
  /**
   * `cancel NONCE`: end the running command of that `exec` now, as at its timeout (SIGTERM to its process group, then
   * SIGKILL): `ended` with status -1 and `done` follow. Nothing is answered when no such command runs (any more), and
   * a configuration cannot be cancelled.
   */
  | { readonly kind: 'cancel'; readonly nonce: string }
  /** `quiesce NONCE`: sync file systems, drop the page cache of the medium; answered by `done`. Before a freeze. */
  | { readonly kind: 'quiesce'; readonly nonce: string }
  /** `stop` */
  | { readonly kind: 'stop' };

// ---------------------------------------------------------------------------------------------------------
// Guest -> host
// ---------------------------------------------------------------------------------------------------------

export type GuestMessage =
  /** `ready PROTOCOL_VERSION GUEST_KERNEL_RELEASE`: sent at start-up, after `hello`, and after every reopening of the port. */
  | { readonly kind: 'ready'; readonly protocol: number; readonly guestKernel: string }
  /** `accepted NONCE`: the manifest is authentic; work begins. */
  | { readonly kind: 'accepted'; readonly nonce: string }
  /** `refused NONCE|- BASE64(reason)`: nothing of this ISO ran. The nonce is `-` for a line that holds none. */
  | { readonly kind: 'refused'; readonly nonce: string; readonly reason: string }
  /**
   * `renewed NONCE HOSTNAME MACHINE_ID BOOT_ID MAC|- SSH_HOST_KEY_SHA256|- RANDOM_HEX`: what the guest reads back
   * from itself after renewing its identity. MAC is that of the first interface, `-` without one; the key digest is
   * that of the public key's bytes, as in OpenSSH's fingerprint but hexadecimal, `-` where the guest has no /etc/ssh.
   * RANDOM_HEX is 16 bytes from the reseeded generator.
   */
  | {
      readonly kind: 'renewed';
      readonly nonce: string;
      readonly hostname: string;
      readonly machineId: string;
      readonly bootId: string;
      readonly mac: string | undefined;
      readonly sshHostKeyDigest: string | undefined;
      readonly random: string;
    }
  /** `started NONCE INDEX` */
  | { readonly kind: 'started'; readonly nonce: string; readonly index: number }
  /** `output NONCE INDEX BASE64`: standard output and error, interleaved as written, cut at OUTPUT_LIMIT_BYTES. */
  | { readonly kind: 'output'; readonly nonce: string; readonly index: number; readonly data: Uint8Array }
  /** `attribute NONCE INDEX NAME BASE64`: a line the script wrote to $VMPLANTS_ATTRIBUTES. Sent before `ended`. */
  | {
      readonly kind: 'attribute';
      readonly nonce: string;
      readonly index: number;
      readonly name: string;
      readonly value: string;
    }
  /**
   * `ended NONCE INDEX STATUS MILLISECONDS TRUNCATED`: STATUS is the exit status 0..255, 256+N for signal N, or
   * -1 for the daemon's own timeout or `cancel` (the whole process group was killed). TRUNCATED is 0 or 1.
   */
  | {
      readonly kind: 'ended';
      readonly nonce: string;
      readonly index: number;
      readonly status: number;
      readonly milliseconds: number;
      readonly truncated: boolean;
    }
  /**
   * `done NONCE`: the ISO is carried out as far as it goes (the daemon stops after the first action that did not
   * end with status 0), unmounted, and the tray is unlocked.
   */
  | { readonly kind: 'done'; readonly nonce: string };

// ---------------------------------------------------------------------------------------------------------
// The manifest: what is on an ISO
// ---------------------------------------------------------------------------------------------------------

/** One script to run, in the order listed. */
export interface ManifestAction {
  /** Position in this manifest, from 0; the index in the guest's messages. */
  readonly index: number;
  readonly timeoutSeconds: number;
  /** Directory on the ISO that holds `script`, `environment` and, where the action has files, `files/`. */
  readonly directory: string;
}

/** A file on the ISO that the daemon verifies before it uses anything. */
export interface ManifestFile {
  readonly path: string;
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
}

/**
 * The fresh identity that a clone takes on before any action runs. Absent from the ISOs that follow the first.
 * Manifest lines: `hostname`, `machine-id`, `boot-id`, `seed` (path of 64 random bytes on the ISO), `mac INDEX ADDRESS`
 * (one line per interface), `ssh-host-key` (path on the ISO of an OpenSSH Ed25519 private key; PATH.pub beside it).
 */
export interface ManifestIdentity {
  readonly hostname: string;
  /** 32 hexadecimal digits, as in machine-id(5). */
  readonly machineId: string;
  /** UUID shown as /proc/sys/kernel/random/boot_id from now on. */
  readonly bootId: string;
  readonly seedPath: string;
  readonly macs: readonly string[];
  readonly sshHostKeyPath: string | undefined;
}

/**
 * Text form, one item a line, in this order:
 *
 *     vmplants-manifest 1
 *     vm VMID
 *     nonce NONCE
 *     hostname H            (identity lines only where there is an identity)
 *     machine-id HEX32
 *     boot-id UUID
 *     seed PATH
 *     mac 0 aa:bb:cc:dd:ee:ff
 *     ssh-host-key PATH
 *     file SHA256HEX PATH   (every file on the ISO but the manifest)
 *     action INDEX TIMEOUT_SECONDS DIRECTORY
 *
 * PATH: at most 511 of `A-Z a-z 0-9 . _ + @ = , ~ -` and `/`, relative, without `.` and `..` parts. A DIRECTORY is in
 * the root and belongs to one action. The daemon copies all files into memory and verifies them before anything runs,
 * and then has no more to do with the drive; after `done` nothing of them is left.
 *
 * `DIRECTORY/environment` holds NUL-terminated NAME=value entries. A script runs as root in `sh` (or by its own
 * `#!` line), in a fresh working directory that `DIRECTORY/files/` was copied to, standard input from /dev/null,
 * with `VMPLANTS_ATTRIBUTES` naming the file it may write NAME=value lines to.
 */
export interface Manifest {
  readonly vmid: string;
  readonly nonce: string;
  readonly identity: ManifestIdentity | undefined;
  readonly files: readonly ManifestFile[];
  readonly actions: readonly ManifestAction[];
}
