import { VmplantsError } from '../model/errors.js';
import type { ProductionLine } from './line/line.js';
import type { ImageSource } from './parts.js';
import { IMAGE_GONE } from './produce/attempt.js';
import { untilAborted } from './untilAborted.js';

/**
 * A line that clones an image only when it is, at that moment, as it was verified: a bit that flipped just before is in
 * no clone. Another image is planned then, as for one that has gone.
 */
export function confirmingLine(line: ProductionLine, images: Pick<ImageSource, 'confirm'>): ProductionLine {
  return {
    ...line,
    clone: async (spec, signal) => {
      const isGood = await untilAborted(images.confirm?.(spec.image) ?? Promise.resolve(true), signal);
      if (!isGood) {
        const { name } = spec.image.descriptor;
        throw new VmplantsError('UNAVAILABLE', `golden image ${name} is not as it was verified any more`, {
          reason: IMAGE_GONE,
          hint: 'Try again: another image may serve.',
        });
      }
      await line.clone(spec, signal);
    },
  };
}
