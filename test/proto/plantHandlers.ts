import { VmplantsError } from '../../model/errors.js';
import type { VMPlantHandlers } from '../../proto/gen/vmplants/v1/VMPlant.js';
import { bidi, serverStream, unary } from '../../proto/handler.js';
import type { Logger } from '../../proto/logger.js';

/** Handlers that answer UNIMPLEMENTED, but for those that a test gives. */
export function plantHandlers(given: Partial<VMPlantHandlers>, logger: Logger): VMPlantHandlers {
  const refuse = (): never => {
    throw new VmplantsError('UNIMPLEMENTED', 'not part of this test');
  };
  return {
    Describe: unary(refuse, logger),
    Bid: unary(refuse, logger),
    Status: serverStream(refuse, logger),
    Reserve: unary(refuse, logger),
    Produce: serverStream(refuse, logger),
    Claim: unary(refuse, logger),
    Query: unary(refuse, logger),
    List: unary(refuse, logger),
    Collect: unary(refuse, logger),
    Watch: serverStream(refuse, logger),
    Images: unary(refuse, logger),
    Exec: serverStream(refuse, logger),
    Console: bidi(refuse, logger),
    Publish: serverStream(refuse, logger),
    UpdateImage: unary(refuse, logger),
    Learn: unary(refuse, logger),
    ...given,
  };
}
