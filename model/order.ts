import type { Dag } from './dag.js';
import type { Hardware, OperatingSystem } from './hardware.js';

/**
 * A validated creation request. Made only by `createOrder` (request validation), so whoever holds an Order need
 * not check it again. It knows nothing of the format that the request was written in.
 */
export interface Order {
  readonly hardware: Hardware;
  readonly operatingSystem: OperatingSystem;
  readonly network: NetworkWish;
  readonly dag: Dag;
  /** The VM's own parameters by name, for example `hostname`, `user`, `ssh-key`. `hostname` always has a value once a VMID is known. */
  readonly identity: ReadonlyMap<string, string>;
  /** Owner of networks; two domains never share a host-only network. */
  readonly clientDomain: string;
  /** The production line that the client insists on; absent means any. */
  readonly line?: string;
  /** SHA-256 (hex) over the whole order in canonical form; equal digests mean the same order. */
  readonly digest: string;
}

/** `host-only`: one interface on the client domain's host-only network of the plant. `none`: no interface. */
export interface NetworkWish {
  readonly kind: 'host-only' | 'none';
}
