/**
 * All that a fake guest is: what a frozen memory of it holds. Written as JSON into the device state of a frozen
 * machine, and read from there by its clones.
 */
export interface FakeGuestState {
  readonly format: 'vmplants-fake-guest/1';
  readonly guestKernel: string;
  /** The VM whose identity it has; absent before the first. */
  readonly vmid?: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly mac?: string;
  /** State of its random generator, hexadecimal. */
  readonly entropy: string;
  /** Nonces of what it has carried out. */
  readonly nonces: readonly string[];
}

/** A guest that has just booted, before anything has given it an identity. */
export function bootedGuest(guestKernel: string): FakeGuestState {
  return {
    format: 'vmplants-fake-guest/1',
    guestKernel,
    hostname: 'localhost',
    machineId: '0'.repeat(32),
    bootId: '00000000-0000-0000-0000-000000000000',
    entropy: '00',
    nonces: [],
  };
}

/** Reads a frozen state; undefined when it is not one. */
export function parseGuestState(text: string): FakeGuestState | undefined {
  try {
    const state = JSON.parse(text) as FakeGuestState;
    return state.format === 'vmplants-fake-guest/1' ? state : undefined;
  } catch {
    return undefined;
  }
}
