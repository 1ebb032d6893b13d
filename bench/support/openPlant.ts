import { randomBytes } from 'node:crypto';
import type { LocatedImage } from '../../model/goldenImage.js';
import { cloneRoot } from '../../plant/cli/layout.js';
import { type InformationSystem, openInformationSystem } from '../../plant/info/informationSystem.js';
import type { ProductionLine } from '../../plant/line/line.js';
import { DEFAULT_DEADLINES, DEFAULT_LIMITS, NO_CRASH } from '../../plant/parts.js';
import { DEFAULT_COST_MODELS } from '../../plant/planner/cost.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import type { PrepareLimits } from '../../plant/prepare/decidePrepared.js';

/**
 * A plant with one image, in this process.
 * @param data its data directory, absolute
 * @param aroundInfo puts something between the plant and its records
 */
export async function openPlant(
  line: ProductionLine,
  image: LocatedImage,
  data: string,
  prepare: PrepareLimits | undefined,
  aroundInfo: (info: InformationSystem) => InformationSystem = (info) => info,
): Promise<Plant> {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const silent = () => undefined;
  const log = { info: silent, warn: silent, error: silent };
  return await createPlant({
    name: 'bench',
    lines: [line],
    warehouse: {
      images: () => [image],
      get: (name) => (name === image.descriptor.name ? image : undefined),
      onChange: () => silent,
    },
    info: aroundInfo(openInformationSystem({ directory: data, clock, log })),
    cloneRoot: cloneRoot(data),
    limits: { ...DEFAULT_LIMITS, memoryMiB: 8192 },
    deadlines: DEFAULT_DEADLINES,
    clock,
    random: (count) => randomBytes(count),
    log,
    crashPoint: NO_CRASH,
    costModels: DEFAULT_COST_MODELS,
    ...(prepare === undefined ? {} : { prepare }),
  });
}
