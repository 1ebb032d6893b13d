import type { PlantsResponse } from '../proto/gen/vmplants/v1/PlantsResponse.js';
import {
  type PlantDescription,
  plantDescriptionFromMessage,
  plantDescriptionToMessage,
} from '../proto/mapping/plantDescription.js';
import type { AbsentPlant, Registry } from '../registry/registry.js';
import { type Answer, askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';

/** Every plant that the shop knows, with its load, or with why it does not answer. */
export async function describePlants(
  parts: ShopParts,
  registry: Pick<Registry, 'warning'>,
  signal: AbortSignal,
): Promise<PlantsResponse> {
  const answers = await askDescriptions(parts, signal);
  return {
    plants: [...answers.map(descriptionOf), ...parts.links.absent().map(absentDescription)].map(
      plantDescriptionToMessage,
    ),
    warning: registry.warning() ?? '',
  };
}

/** How each plant describes itself, at the address that it was asked at, or why it does not. */
export function askDescriptions(
  parts: ShopParts,
  signal: AbortSignal,
): Promise<readonly Answer<PlantDescription>[]> {
  return askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    async (plant, call) => {
      const description = plantDescriptionFromMessage(await plant.describe({}, call));
      parts.names.set(plant.address, description.name);
      return { ...description, address: plant.address };
    },
  );
}

/** What a plant said of itself; of one that said nothing, why. */
export function descriptionOf(answer: Answer<PlantDescription>): PlantDescription {
  return answer.kind === 'answer'
    ? answer.value
    : silent(answer.plant, `${answer.error.code}: ${answer.error.message}`);
}

/** One that may have VMs and is not registered now. */
export function absentDescription(plant: AbsentPlant): PlantDescription {
  return silent(
    plant,
    `UNAVAILABLE: not registered now, and may have VMs; if it never comes back: ${plant.remedy}`,
  );
}

/** One that said nothing of itself, and why. */
export function silent(
  plant: { readonly address: string; readonly name?: string },
  error: string,
): PlantDescription {
  return {
    name: plant.name ?? '',
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
    reserved: 0,
    error,
  };
}
