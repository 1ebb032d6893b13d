import { VmplantsError } from '../model/errors.js';
import type { UpdateImageRequest__Output } from '../proto/gen/vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse } from '../proto/gen/vmplants/v1/UpdateImageResponse.js';
import { type ImageChange, imageChangeFromMessage } from '../proto/mapping/imageChange.js';
import { type Answer, askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';
import { unreachableOf } from './unreachableOf.js';

/**
 * Changes what is decided about an image on every plant that has it. Repeatable. NOT_FOUND when every plant said that
 * it has none that the domain may decide about; UNAVAILABLE when none has and one did not answer; what a plant
 * refuses is thrown, also when another has done it.
 */
export async function updateImage(
  parts: ShopParts,
  request: UpdateImageRequest__Output,
  signal: AbortSignal,
): Promise<UpdateImageResponse> {
  const change = imageChangeFromMessage(request);
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    (plant, call) => plant.updateImage(change, call),
  );
  const refusal = answers.flatMap((answer) =>
    answer.kind === 'error' && isRefusal(answer.error) ? [answer.error] : [],
  )[0];
  if (refusal !== undefined) throw refusal;
  const images = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value.images : []));
  const unreachable = unreachableOf(answers, isSilence);
  if (images.length === 0) throw notFound(change, answers, unreachable);
  return { images, unreachable };
}

function isSilence({ code }: VmplantsError): boolean {
  return code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED';
}

function isRefusal(error: VmplantsError): boolean {
  return error.code !== 'NOT_FOUND' && !isSilence(error);
}

function notFound(
  { name, clientDomain }: ImageChange,
  answers: readonly Answer<unknown>[],
  unreachable: readonly string[],
): VmplantsError {
  if (unreachable.length > 0) {
    const which = unreachable.join(', ');
    const message =
      unreachable.length === answers.length
        ? `no plant answers (${which})`
        : `not every plant answers, and one that does not may have image ${name} (${which})`;
    return new VmplantsError('UNAVAILABLE', message, {
      reason: 'PLANT_UNREACHABLE',
      hint: 'try again when the plant answers',
    });
  }
  return new VmplantsError(
    'NOT_FOUND',
    `no plant has an image ${name} that domain ${clientDomain} may decide about`,
    { reason: 'IMAGE_NOT_FOUND', hint: 'list the images to see which there are and whose they are' },
  );
}
