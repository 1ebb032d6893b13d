import { VmplantsError } from '../model/errors.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import { serverStream } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import type { Plant } from './plant.js';

export function createStatusHandlers(_plant: Plant, logger: Logger): Pick<VMPlantHandlers, 'Status'> {
  return {
    Status: serverStream(() => {
      throw new VmplantsError('UNIMPLEMENTED', 'not yet');
    }, logger),
  };
}
