import { MOST_KEYS } from '../../model/plantStatus.js';
import type { ImageProfile } from '../../proto/gen/vmplants/v1/ImageProfile.js';
import type { PlantStatus__Output } from '../../proto/gen/vmplants/v1/PlantStatus.js';
import {
  isQuote,
  MOST_DOMAINS,
  MOST_LINES,
  MOST_OPERATING_SYSTEMS,
} from '../../proto/mapping/plantStatus.js';
import { type Markup, markedUpQuote } from './markup.js';

/** What several plants offer together. */
export interface MergedStatus {
  readonly quote: { readonly cost: number; readonly networkCost: number } | null;
  readonly freeVms: number;
  readonly freeMemoryMib: number;
  readonly freeNetworks: number;
  readonly domains: readonly string[];
  readonly lines: readonly string[];
  readonly images: Required<ImageProfile>;
}

/**
 * One status for all: of what counts for a single VM the most that one of them has, the quote of the cheapest that has
 * room (or of the cheapest, when none has), with the mark-up, and the images of all. A quote that is no price is none.
 */
export function mergeStatus(statuses: readonly PlantStatus__Output[], markup: Markup): MergedStatus {
  const roomy = statuses.filter(({ freeVms }) => freeVms > 0);
  const quotesOf = (those: readonly PlantStatus__Output[]) =>
    those
      .flatMap(({ quote }) => (quote === null || !isQuote(quote) ? [] : [markedUpQuote(quote, markup)]))
      // The mark-up may have made the highest cost infinite.
      .filter(isQuote);
  const quotes = [roomy, statuses].map(quotesOf).find(({ length }) => length > 0) ?? [];
  const cheapest = quotes.reduce<(typeof quotes)[number] | undefined>(
    (best, quote) => (best === undefined || quote.cost < best.cost ? quote : best),
    undefined,
  );
  const most = (of: (status: PlantStatus__Output) => number): number => Math.max(0, ...statuses.map(of));
  return {
    quote: cheapest ?? null,
    freeVms: most(({ freeVms }) => freeVms),
    freeMemoryMib: most(({ freeMemoryMib }) => freeMemoryMib),
    freeNetworks: most(({ freeNetworks }) => freeNetworks),
    domains: inTurn(
      statuses.map(({ domains }) => domains),
      MOST_DOMAINS,
    ),
    lines: inTurn(
      statuses.map(({ lines }) => lines),
      MOST_LINES,
    ).sort(),
    images: {
      operatingSystems: inTurn(
        statuses.map(({ images }) => images?.operatingSystems ?? []),
        MOST_OPERATING_SYSTEMS,
      ),
      keys: inTurn(
        statuses.map(({ images }) => images?.keys ?? []),
        MOST_KEYS,
      ),
    },
  };
}

/** The lists in one, each text once: the first of each list, then the second of each, as far as there is room. */
function inTurn(lists: readonly (readonly string[])[], most: number): string[] {
  const taken = new Set<string>();
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let position = 0; position < longest; position += 1) {
    for (const list of lists) {
      const text = list[position];
      if (text === undefined) continue;
      if (taken.size >= most) return [...taken];
      taken.add(text);
    }
  }
  return [...taken];
}
