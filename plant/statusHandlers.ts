import type { PlantStatus } from '../proto/gen/vmplants/v1/PlantStatus.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import { serverStream } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import { plantStatusToMessage } from '../proto/mapping/plantStatus.js';
import type { Plant } from './plant.js';

/** What shops and brokers follow to decide whom to ask for a bid. */
export function createStatusHandlers(plant: Plant, logger: Logger): Pick<VMPlantHandlers, 'Status'> {
  return { Status: serverStream((_request, { signal }) => statusMessages(plant, signal), logger) };
}

async function* statusMessages(
  plant: Plant,
  signal: AbortSignal,
): AsyncGenerator<PlantStatus, void, undefined> {
  for await (const status of plant.status(signal)) yield plantStatusToMessage(status);
}
