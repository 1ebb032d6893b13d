import type { ImagesResponse } from '../proto/gen/vmplants/v1/ImagesResponse.js';
import { askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';
import { unreachableOf } from './unreachableOf.js';

/**
 * The golden images of all plants that answer, of one client domain what it may use (empty: all), and the addresses of
 * the plants that do not, behind brokers too. A plant that is reached in two ways has its images once.
 */
export async function listImages(
  parts: ShopParts,
  clientDomain: string,
  signal: AbortSignal,
): Promise<ImagesResponse> {
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    (plant, call) => plant.images({ clientDomain }, call),
  );
  const images = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value.images : []));
  return {
    images: [...new Map(images.map((image) => [`${image.plant} ${image.name}`, image])).values()],
    unreachable: unreachableOf(answers),
  };
}
