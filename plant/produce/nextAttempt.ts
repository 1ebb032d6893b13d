import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { PlantParts } from '../parts.js';
import type { ExcludedClone } from '../planner/query.js';
import { type Attempt, type AttemptFor, decideAttempt, IMAGE_GONE } from './attempt.js';
import type { Planned } from './planOrder.js';

/**
 * The best attempt that is left; undefined when no image matches any more. An image that has gone between its plan and
 * now, because it was evicted or removed, is passed over.
 */
export function nextAttempt(
  parts: Pick<PlantParts, 'warehouse' | 'lines' | 'random'>,
  wanted: AttemptFor,
  plan: (excluded: readonly ExcludedClone[]) => Planned | undefined,
  excluded: readonly ExcludedClone[],
  takenMacs: ReadonlySet<string>,
): Attempt | undefined {
  for (let without = excluded; ; ) {
    const planned = plan(without);
    if (planned === undefined) return undefined;
    const { image } = planned.plan;
    try {
      return decideAttempt(parts, wanted, planned, takenMacs);
    } catch (error) {
      const gone = error instanceof VmplantsError && error.reason === IMAGE_GONE;
      // One that was passed over and comes again would come for ever.
      const isPassedOver = without.some((one) => one.image === image && one.line === undefined);
      if (!gone || isPassedOver) throw error;
      without = [...without, ...bothRungs(image)];
    }
  }
}

/** No clone of the image at all, on no line. */
export function bothRungs(image: string): readonly ExcludedClone[] {
  return [
    { image, rung: 'warm' },
    { image, rung: 'disk' },
  ];
}

/** Whether the image has been taken away, so that a clone of it had to fail. */
export async function isGone(
  { warehouse }: Pick<PlantParts, 'warehouse'>,
  { descriptor, directory }: LocatedImage,
): Promise<boolean> {
  if (warehouse.get(descriptor.name)?.directory !== directory) return true;
  return await access(join(directory, descriptor.disk.file)).then(
    () => false,
    () => true,
  );
}
