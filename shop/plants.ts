import type { PlantsResponse } from '../proto/gen/vmplants/v1/PlantsResponse.js';
import {
  type PlantDescription,
  plantDescriptionFromMessage,
  plantDescriptionToMessage,
} from '../proto/mapping/plantDescription.js';
import type { PlantClient } from '../proto/plantClient.js';
import { askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';

/** Every plant that the shop knows, with its load, or with why it does not answer. */
export async function describePlants(parts: ShopParts, signal: AbortSignal): Promise<PlantsResponse> {
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    async (plant, call) => {
      const description = plantDescriptionFromMessage(await plant.describe({}, call));
      parts.names.set(plant.address, description.name);
      return description;
    },
  );
  const plants = answers.map((answer) =>
    answer.kind === 'answer'
      ? { ...answer.value, address: answer.plant.address }
      : silent(answer.plant, `${answer.error.code}: ${answer.error.message}`),
  );
  return { plants: plants.map(plantDescriptionToMessage) };
}

function silent(plant: PlantClient, error: string): PlantDescription {
  return {
    name: '',
    address: plant.address,
    vms: 0,
    maxVms: 0,
    usedMemoryMiB: 0,
    totalMemoryMiB: 0,
    prepared: 0,
    preparedMemoryMiB: 0,
    networksInUse: 0,
    networks: 0,
    images: 0,
    lines: [],
    version: '',
    error,
  };
}
