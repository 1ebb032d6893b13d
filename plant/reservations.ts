import { VmplantsError } from '../model/errors.js';
import type { NetworkWish } from '../model/order.js';
import type { Clock } from './clock.js';

/** What a VM that is not there yet will take of the plant. */
export interface Place {
  readonly vmid: string;
  readonly orderDigest: string;
  readonly memoryMiB: number;
  readonly network: NetworkWish;
  readonly clientDomain: string;
}

/**
 * Places that are held for VMs which shops are about to have produced, so that no other shop wins the same last place
 * between bid and production. Only in memory: a reservation is worth seconds, and who lost one asks for another bid.
 */
export interface Reservations {
  /** Those that hold now, the one of this VMID left out. */
  readonly standing: (except?: string) => readonly Place[];
  /**
   * Holds the place from now on for so long; the same VMID renews it. Whether there is room is the caller's to find
   * out, in the same turn of the event loop.
   * @throws VmplantsError ALREADY_EXISTS when the VMID is held for another order
   */
  readonly hold: (place: Place, milliseconds: number) => void;
  /** Gives the place back, if one is held. */
  readonly release: (vmid: string) => void;
  /** Calls the listener when a place is taken or given back, not when its time runs out; the answer unsubscribes. */
  readonly onChange: (listener: () => void) => () => void;
}

/** On the monotonic clock. What has run out is dropped when somebody looks, so that a plant at rest has no timers. */
export function createReservations(clock: Pick<Clock, 'monotonic'>): Reservations {
  const held = new Map<string, { readonly place: Place; readonly until: number }>();
  const listeners = new Set<() => void>();

  const dropEnded = (): void => {
    const now = clock.monotonic();
    for (const [vmid, { until }] of held) if (until <= now) held.delete(vmid);
  };
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  return {
    standing: (except) => {
      dropEnded();
      return [...held.values()].flatMap(({ place }) => (place.vmid === except ? [] : [place]));
    },
    hold: (place, milliseconds) => {
      dropEnded();
      const before = held.get(place.vmid);
      if (before !== undefined && before.place.orderDigest !== place.orderDigest) {
        throw new VmplantsError('ALREADY_EXISTS', `a place is held for ${place.vmid} with another order`, {
          reason: 'OTHER_ORDER',
        });
      }
      held.set(place.vmid, { place, until: clock.monotonic() + milliseconds });
      tell();
    },
    release: (vmid) => {
      if (held.delete(vmid)) tell();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
