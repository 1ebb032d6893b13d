import type { CallContext } from '../../proto/handler.js';
import type { Hints } from '../hints.js';
import type { ShopLimits, ShopParts } from '../shopParts.js';
import { type BrokerIdentity, passThrough } from './brokerId.js';
import { linksThrough } from './linksThrough.js';
import type { Markup } from './markup.js';
import type { StandingOffers } from './standingOffers.js';

/** What the calls of a broker are made from. */
export interface BrokerParts {
  /** Downward a broker is a shop. Its links are those of the process; a call asks through its own, see `shopOf`. */
  readonly shop: ShopParts;
  readonly self: BrokerIdentity;
  readonly markup: Markup;
  /** What was bid behind it, for those who come to take it. */
  readonly standing: StandingOffers;
  /** Where places are held for VMs that are to be made: VMID -> address of a plant. */
  readonly places: Hints;
  /** Addresses at which a loop was found and said. */
  readonly loops: Set<string>;
  /** Of this program. */
  readonly version: string;
}

/** The part of what is left to a caller that a broker gives its plants, so that it can still answer in time itself. */
const SHARE_OF_TIME = 0.85;

/**
 * The shop's side of a broker for one call: it names the brokers that the call came through, and waits for plants less
 * long than its caller waits for it.
 * @throws VmplantsError FAILED_PRECONDITION BROKER_LOOP, TOO_MANY_BROKERS
 */
export function shopOf(
  broker: BrokerParts,
  context: Pick<CallContext, 'brokers' | 'remainingMilliseconds'>,
): ShopParts {
  const { shop, self } = broker;
  return {
    ...shop,
    links: linksThrough(shop.links, passThrough(context.brokers, self)),
    limits: within(shop.limits, context.remainingMilliseconds),
  };
}

function within(limits: ShopLimits, remainingMilliseconds: number): ShopLimits {
  const most = Math.max(1, remainingMilliseconds * SHARE_OF_TIME);
  return {
    ...limits,
    bidMilliseconds: Math.min(limits.bidMilliseconds, most),
    askMilliseconds: Math.min(limits.askMilliseconds, most),
    reserveMilliseconds: Math.min(limits.reserveMilliseconds, most),
    collectMilliseconds: Math.min(limits.collectMilliseconds, most),
  };
}
