import type { Dag } from './dag.js';

/**
 * Actions are the nodes of a configuration DAG (VMPlants paper, section 3.1). A guest action is a script that runs
 * inside the machine; a host action changes the virtual hardware from outside; an opaque action is in an image or nowhere.
 */
export type Action = GuestAction | HostAction | OpaqueAction;

/** A file that travels with an action on the ISO and lies in the script's working directory. */
export interface ActionFile {
  /** Relative path below the working directory; no `..`, no leading slash. */
  readonly path: string;
  /** Permission bits, for example 0o644. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** Lower-case hexadecimal SHA-256 of the content. */
  readonly digest: string;
}

/** A value of a parameter: given literally, or taken from the order's identity (one VM's own). */
export type ParameterValue =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'identity'; readonly name: string };

interface ActionCommon {
  /** The client's name of the action, unique in its order. Part of no key but an added disk's: its serial number. */
  readonly name: string;
  /**
   * SHA-256 over everything that decides the effect (kind, script, parameters, environment, file contents or the
   * host operation), hexadecimal. Two actions with equal keys do the same thing.
   */
  readonly key: string;
  /** True when the effect belongs to one VM: marked so by the client, or because a parameter comes from the identity. */
  readonly identity: boolean;
  /** Seconds after which an image that performed this action no longer matches it; absent means never. */
  readonly maxAgeSeconds?: number;
  readonly onError: ErrorHandling;
}

export interface GuestAction extends ActionCommon {
  readonly kind: 'guest';
  /** Runs as root, by its `#!` line or else by `sh`. Normalised: LF line ends, one newline at the end. */
  readonly script: string;
  readonly files: readonly ActionFile[];
  /** Reach the script as environment variables PARAM_<name>; sorted by name. */
  readonly parameters: readonly (readonly [name: string, value: ParameterValue])[];
  /** Environment variables of the script, literal; sorted by name. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly timeoutSeconds: number;
}

export interface HostAction extends ActionCommon {
  readonly kind: 'host';
  readonly operation: HostOperation;
}

/**
 * A change that was made by hand and published live (`vmshop publish --live`). It is named by the key that publishing
 * gave it and cannot be performed: only an image that brings it serves the order. Never an identity action, never after
 * one, never in a handler, and no other action of the order's DAG has its key. It is tried once and never expires.
 */
export interface OpaqueAction extends ActionCommon {
  readonly kind: 'opaque';
}

/** What a host action does to the virtual hardware (VMPlants paper, section 3.1: "setup of a virtual device"). */
export type HostOperation =
  /** An ISO 9660 image made of these files in the second CD-ROM drive; `label` is its volume label. */
  | { readonly kind: 'attach-iso'; readonly label: string; readonly files: readonly ActionFile[] }
  /** A new empty disk. The guest finds it by its serial number, which is the action's name cut to 20 characters. */
  | { readonly kind: 'add-disk'; readonly sizeMiB: number }
  /** Another network interface on the order's network. */
  | { readonly kind: 'add-network-interface' };

/** What happens at the implicit error node of an action (VMPlants paper, section 3.1). */
export interface ErrorHandling {
  /** How often the action is tried again before it counts as failed. */
  readonly retries: number;
  /** The client's error-handling sub-graph, run when the action failed; absent means none. */
  readonly handler?: Dag;
  readonly then: AfterError;
}

/**
 * What follows an action that failed, after its handler (a handler that fails itself always aborts):
 * `abort` ends the creation; `continue` goes on as if the action had ended well; `go-on-at` skips every
 * successor of the failed action except the named one and what follows it.
 */
export type AfterError =
  | { readonly kind: 'abort' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'go-on-at'; readonly action: string };
