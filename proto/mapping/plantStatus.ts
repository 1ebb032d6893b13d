import type { PlantStatus } from '../../model/plantStatus.js';
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

/** DATA_LOSS when it has no quote or one that is no price. */
export function plantStatusFromMessage(message: PlantStatus__Output): PlantStatus {
  const { quote, images } = message;
  if (quote === null || !isPrice(quote.cost) || !isPrice(quote.networkCost)) {
    throw malformed(
      'PlantStatus.quote: expected costs that are finite and not negative',
      JSON.stringify(quote),
    );
  }
  return {
    name: message.name,
    broker: message.broker,
    quote: { cost: quote.cost, networkCost: quote.networkCost },
    freeVms: message.freeVms,
    freeMemoryMiB: message.freeMemoryMib,
    freeNetworks: message.freeNetworks,
    domains: message.domains,
    ...(images === null ? {} : { images: { operatingSystems: images.operatingSystems, keys: images.keys } }),
    lines: message.lines,
  };
}

function isPrice(cost: number): boolean {
  return Number.isFinite(cost) && cost >= 0;
}
