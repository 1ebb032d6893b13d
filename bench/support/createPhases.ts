import type { TimedCall } from './timedCalls.js';

/** Who a part of a creation's time belongs to. */
export type Share = 'middleware' | 'monitor' | 'guest';

/** A part of a creation, from the end of the one before it. */
export interface Phase {
  readonly name: string;
  readonly share: Share;
  /** The call whose beginning or end ends the phase. */
  readonly until: { readonly call: string; readonly at: 'began' | 'ended' };
}

/** In the order in which a creation goes through them; the last one ends with the answer. */
export const CREATE_PHASES: readonly Phase[] = [
  { name: 'request', share: 'middleware', until: { call: 'plant.bid', at: 'began' } },
  { name: 'auction', share: 'middleware', until: { call: 'plant.reserve', at: 'began' } },
  { name: 'hold', share: 'middleware', until: { call: 'plant.produce', at: 'began' } },
  { name: 'plan', share: 'middleware', until: { call: 'info.insert', at: 'began' } },
  { name: 'reserve', share: 'middleware', until: { call: 'info.insert', at: 'ended' } },
  { name: 'clone', share: 'middleware', until: { call: 'line.start', at: 'began' } },
  { name: 'start', share: 'monitor', until: { call: 'line.start', at: 'ended' } },
  { name: 'iso', share: 'middleware', until: { call: 'machine.deliver', at: 'began' } },
  { name: 'deliver', share: 'middleware', until: { call: 'machine.deliver', at: 'ended' } },
  { name: 'run', share: 'monitor', until: { call: 'machine.run', at: 'ended' } },
  { name: 'guest', share: 'guest', until: { call: 'guest.done', at: 'ended' } },
  { name: 'withdraw', share: 'middleware', until: { call: 'machine.withdraw', at: 'ended' } },
  { name: 'record', share: 'middleware', until: { call: 'plant.claim', at: 'began' } },
];

/** The phase after the last one of `CREATE_PHASES`. */
export const LAST_PHASE = { name: 'claim', share: 'middleware' } as const;

/**
 * Milliseconds of each phase of one creation. They add up to the whole of it.
 * @throws Error when a call that ends a phase is missing or out of turn: then the creation was not of the usual kind
 */
export function phasesOf(
  creation: { readonly began: number; readonly ended: number },
  calls: readonly TimedCall[],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let before = creation.began;
  for (const { name, until } of CREATE_PHASES) {
    const call = calls.find((one) => one.name === until.call);
    const at = call?.[until.at];
    if (at === undefined || at < before || at > creation.ended) {
      throw new Error(
        `phase ${name}: expected ${until.call} in its turn, found it at ${at}, after ${before}`,
      );
    }
    found.set(name, at - before);
    before = at;
  }
  return found.set(LAST_PHASE.name, creation.ended - before);
}
