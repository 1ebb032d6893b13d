import type { ImagesResponse } from '../proto/gen/vmplants/v1/ImagesResponse.js';
import { askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';

/** The golden images of all plants that answer, of one client domain what it may use (empty: all), and the addresses of the plants that do not. */
export async function listImages(
  parts: ShopParts,
  clientDomain: string,
  signal: AbortSignal,
): Promise<ImagesResponse> {
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    async (plant, call) => (await plant.images({ clientDomain }, call)).images,
  );
  return {
    images: answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value : [])),
    unreachable: answers.flatMap((answer) => (answer.kind === 'error' ? [answer.plant.address] : [])),
  };
}
