import { MOST_KEYS, type PlantQuote, type PlantStatus } from '../../model/plantStatus.js';
import type { PlantStatus__Output, PlantStatus as StatusMessage } from '../gen/vmplants/v1/PlantStatus.js';
import { malformed } from './malformed.js';

export function plantStatusToMessage(status: PlantStatus): StatusMessage {
  const { images } = status;
  return {
    name: status.name,
    broker: status.broker,
    quote: { ...status.quote },
    freeVms: status.freeVms,
    freeMemoryMib: status.freeMemoryMiB,
    freeNetworks: status.freeNetworks,
    domains: [...status.domains],
    images:
      images === undefined
        ? null
        : { operatingSystems: [...images.operatingSystems], keys: [...images.keys] },
    lines: [...status.lines],
  };
}

/** What is read of the lists of a status, whoever said it. */
export const MOST_DOMAINS = 4096;
export const MOST_OPERATING_SYSTEMS = 256;
export const MOST_LINES = 256;
const MOST_CHARACTERS = 256;

/** The status with no more in its lists than is read of one; texts that are none are left out. */
export function boundedStatus(message: PlantStatus__Output): PlantStatus__Output {
  const { domains, lines, images } = message;
  return {
    ...message,
    domains: bounded(domains, MOST_DOMAINS),
    lines: bounded(lines, MOST_LINES),
    images:
      images === null
        ? null
        : {
            operatingSystems: bounded(images.operatingSystems, MOST_OPERATING_SYSTEMS),
            keys: bounded(images.keys, MOST_KEYS),
          },
  };
}

function bounded(texts: readonly string[], most: number): string[] {
  return texts.slice(0, most).filter(({ length }) => length <= MOST_CHARACTERS);
}

/**
 * No more in its lists than is read of one. Who has no quote, as a broker that reaches nobody, has no room.
 * @throws VmplantsError DATA_LOSS when its quote is no price
 */
export function plantStatusFromMessage(status: PlantStatus__Output): PlantStatus {
  const message = boundedStatus(status);
  const { images } = message;
  const quote = message.quote ?? { cost: 0, networkCost: 0 };
  if (!isQuote(quote)) {
    throw malformed(
      'PlantStatus.quote: expected costs that are finite and not negative',
      JSON.stringify(quote),
    );
  }
  return {
    name: message.name,
    broker: message.broker,
    quote: { cost: quote.cost, networkCost: quote.networkCost },
    freeVms: message.quote === null ? 0 : message.freeVms,
    freeMemoryMiB: message.freeMemoryMib,
    freeNetworks: message.freeNetworks,
    domains: message.domains,
    ...(images === null ? {} : { images: { operatingSystems: images.operatingSystems, keys: images.keys } }),
    lines: message.lines,
  };
}

/** Whether both are prices: NaN would spoil every comparison, and a negative one undercut everybody. */
export function isQuote({ cost, networkCost }: PlantQuote): boolean {
  return isPrice(cost) && isPrice(networkCost);
}

function isPrice(cost: number): boolean {
  return Number.isFinite(cost) && cost >= 0;
}
