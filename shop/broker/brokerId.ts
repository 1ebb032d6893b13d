import { VmplantsError } from '../../model/errors.js';

/** What brokers call themselves to each other: fixed as long as the process runs, and nobody else's. */
export interface BrokerIdentity {
  readonly name: string;
  readonly id: string;
}

/** Reason of the error for a call that has come through the broker before; what the plants' tables know a loop by. */
export const BROKER_LOOP = 'BROKER_LOOP';

const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/;
const SUFFIX_BYTES = 5;
/** With more brokers one after the other, what they add to each call is more than what the plants need for it. */
const MOST_BROKERS = 8;

/**
 * A name with a random suffix, so that two brokers of one name are not taken for a loop.
 * @throws VmplantsError INVALID_ARGUMENT when the name is none
 */
export function brokerIdentity(name: string, randomBytes: (count: number) => Uint8Array): BrokerIdentity {
  if (!NAME.test(name)) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `expected the name of a broker (1 to 63 of a-z, 0-9, dot and hyphen), found ${JSON.stringify(name.slice(0, 80))}`,
      { reason: 'USAGE' },
    );
  }
  return { name, id: `${name}-${Buffer.from(randomBytes(SUFFIX_BYTES)).toString('hex')}` };
}

/**
 * The brokers that a call names which this one passes on.
 * @throws VmplantsError FAILED_PRECONDITION BROKER_LOOP when it came through this broker before, TOO_MANY_BROKERS when
 * it came through too many
 */
export function passThrough(brokers: readonly string[], self: BrokerIdentity): readonly string[] {
  if (brokers.includes(self.id)) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `broker ${self.name} is asked for what it asks others for: ${[...brokers, self.id].join(' -> ')}`,
      {
        reason: BROKER_LOOP,
        hint: 'take one of these brokers out of the plants of the one before it',
      },
    );
  }
  if (brokers.length < MOST_BROKERS) return [...brokers, self.id];
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `more than ${MOST_BROKERS} brokers stand one behind the other: ${[...brokers, self.id].join(' -> ')}`,
    { reason: 'TOO_MANY_BROKERS', hint: 'put the plants behind fewer brokers' },
  );
}

/** Whether a broker refused a call because the call had come through it before. */
export function isLoop(thrown: unknown): thrown is VmplantsError {
  return thrown instanceof VmplantsError && thrown.reason === BROKER_LOOP;
}
