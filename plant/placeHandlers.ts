import { VmplantsError } from '../model/errors.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import { unary } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import type { Plant } from './plant.js';

/** Holding a place for a VM before it is produced, and taking the VM over afterwards. */
export function createPlaceHandlers(
  _plant: Plant,
  logger: Logger,
): Pick<VMPlantHandlers, 'Reserve' | 'Claim'> {
  const notYet = async (): Promise<never> => {
    throw new VmplantsError('UNIMPLEMENTED', 'not yet');
  };
  return { Reserve: unary(notYet, logger), Claim: unary(notYet, logger) };
}
