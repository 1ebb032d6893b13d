import { VmplantsError } from '../../model/errors.js';
import type { CostModel } from '../planner/cost.js';
import { parseCostConfiguration } from '../planner/costConfiguration.js';

/**
 * Reads `--cost compute=4,network=50`. Undefined gives the paper's models (VMPlants paper, section 3.4).
 * @throws VmplantsError INVALID_ARGUMENT naming what is wrong
 */
export function parseCosts(text: string | undefined): readonly CostModel[] {
  if (text === undefined) return parseCostConfiguration(undefined);
  const items = text.split(',').map((item) => {
    const [, name, weight] = /^([a-z-]+)=(\d+(?:\.\d+)?)$/.exec(item.trim()) ?? [];
    if (name === undefined || weight === undefined) {
      throw new VmplantsError(
        'INVALID_ARGUMENT',
        `--cost: expected NAME=WEIGHT, for example compute=4,network=50; found ${JSON.stringify(item)}`,
        { reason: 'USAGE' },
      );
    }
    return { name, weight: Number(weight) };
  });
  return parseCostConfiguration(items, '--cost');
}
