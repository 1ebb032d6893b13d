import type { NetworkKind } from '../../../model/goldenImage.js';
import type { Hardware, OperatingSystem } from '../../../model/hardware.js';

/** The machine that an order asks for, and for whom. Orders of different profiles are not learned from together. */
export interface MachineProfile {
  readonly hardware: Hardware;
  readonly operatingSystem: OperatingSystem;
  readonly network: NetworkKind;
  readonly line?: string;
  /** What is learned from a domain's orders belongs to that domain. */
  readonly clientDomain: string;
}

/**
 * What learning remembers of an order: its machine and the part of its DAG that can be in an image. Keys and names
 * only; scripts and files are elsewhere.
 */
export interface OrderShape {
  /** SHA-256 over profile, keys, ages and edges, names left out: orders of equal shape are learned from as one. */
  readonly digest: string;
  readonly profile: MachineProfile;
  /**
   * No identity actions, nor any that come after one, in the order of writing. Empty where the order names an opaque
   * action: no image that is baked serves it.
   */
  readonly actions: readonly ShapeAction[];
}

export interface ShapeAction {
  readonly name: string;
  readonly key: string;
  /** Places in `actions` of the direct predecessors. */
  readonly after: readonly number[];
  /** Seconds after which an image that performed it no longer serves; absent means never. */
  readonly maxAgeSeconds?: number;
}
