import type { Bid } from '../../model/bid.js';
import { VmplantsError } from '../../model/errors.js';
import type { Quote } from '../../proto/mapping/plantDescription.js';

/** What a broker adds to the cost of every VM: a part of it, or always the same. */
export type Markup =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'fixed'; readonly amount: number };

export const NO_MARKUP: Markup = { kind: 'fixed', amount: 0 };

/** Far above any sensible one, and far below what would make a cost infinite. */
const MOST = 1_000_000;
const WRITTEN = /^(\d+(?:\.\d+)?)\s*(%?)$/;

/**
 * `10%`: a tenth on top of every cost; `5`: 5 on top of every cost.
 * @throws VmplantsError INVALID_ARGUMENT when it is neither, negative, or above a million
 */
export function parseMarkup(text: string): Markup {
  const [, digits, percent] = WRITTEN.exec(text.trim()) ?? [];
  const amount = Number(digits);
  if (digits === undefined || amount > MOST) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `--markup: expected a number or a percentage from 0 to ${MOST}, as 5 or 10%, found ${JSON.stringify(text.slice(0, 40))}`,
      { reason: 'USAGE' },
    );
  }
  return percent === '%' ? { kind: 'percent', percent: amount } : { kind: 'fixed', amount };
}

/** What comes on top of the cost; not negative where the cost is not. */
export function markupOn(cost: number, markup: Markup): number {
  return markup.kind === 'percent' ? (cost * markup.percent) / 100 : markup.amount;
}

/** A bid from behind the broker as the broker makes it: under its name, with its mark-up as one more component. */
export function markedUp(bid: Bid, broker: string, markup: Markup): Bid {
  const plant = `${broker}/${bid.plant}`;
  const added = markupOn(bid.cost, markup);
  if (added === 0) return { ...bid, plant };
  const basis =
    markup.kind === 'percent'
      ? `${markup.percent} % of ${rounded(bid.cost)}`
      : `${markup.amount} for each VM`;
  return {
    ...bid,
    plant,
    cost: bid.cost + added,
    components: [...bid.components, { name: `markup ${broker}`, cost: added, basis }],
  };
}

/** What the broker would ask where somebody behind it asks this. A percentage is also of the network's cost. */
export function markedUpQuote({ cost, networkCost }: Quote, markup: Markup): Quote {
  return {
    cost: cost + markupOn(cost, markup),
    networkCost: networkCost + (markup.kind === 'percent' ? markupOn(networkCost, markup) : 0),
  };
}

function rounded(cost: number): number {
  return Math.round(cost * 100) / 100;
}
