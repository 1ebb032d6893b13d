import { join } from 'node:path';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { ReportProgress } from '../../model/progress.js';
import { copySparse } from '../../warehouse/copySparse.js';
import { publish, type UnpublishedImage } from '../../warehouse/publish.js';
import { createStaging, discardStaging } from '../../warehouse/staging.js';
import { allocatedBytes } from '../../warehouse/usage.js';
import type { BakeParts } from './bakeParts.js';
import { describeFrozen, type FrozenSource } from './frozenImage.js';
import { moveFile } from './moveFile.js';

/** Publishes a frozen machine as a golden image. Rejects as `publish` does; nothing of it is left then. */
export async function publishFrozen(
  parts: BakeParts,
  source: FrozenSource,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<LocatedImage> {
  const began = parts.clock.monotonic();
  const { image, files } = describeFrozen(source);
  const staging = await createStaging(parts.warehouseDirectory);
  try {
    for (const { from, to, move } of files) {
      const what = `${source.name}/${to}`;
      if (move) await moveFile(from, join(staging, to), what, signal);
      else await copySparse(from, join(staging, to), what, signal);
    }
    await source.admit?.(image, (await allocatedBytes(staging)) + descriptorAllowance(image));
    const published = await publish({ warehouse: parts.warehouseDirectory, staging, image, signal });
    progress({
      phase: 'publish',
      message: `golden image ${source.name} is in the warehouse`,
      seconds: (parts.clock.monotonic() - began) / 1000,
    });
    return published;
  } finally {
    // Gone already when it was published.
    await discardStaging(parts.warehouseDirectory, staging);
  }
}

/** Bytes that publishing adds at most: the descriptor with its list of files, the policy and the stamp. */
function descriptorAllowance(image: UnpublishedImage): number {
  return 2 * JSON.stringify(image).length + 4 * 4096;
}
