import { type FieldViolation, invalidArgument } from '../model/errors.js';
import { clientDomainSchema } from '../model/schema/names.js';
import type { ReserveRequest__Output } from '../proto/gen/vmplants/v1/ReserveRequest.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import { unary } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import type { Plant } from './plant.js';
import type { Place } from './reservations.js';

const MAX_HOLD_MILLISECONDS = 30_000;
/** As `Hardware.memory_mib` of a request. */
const MEMORY_MIB = { least: 32, most: 1_048_576 };
const VMID = /^vm-[a-z2-7]{26}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** Holding a place for a VM before it is produced, and taking the VM over afterwards. */
export function createPlaceHandlers(
  plant: Plant,
  logger: Logger,
): Pick<VMPlantHandlers, 'Reserve' | 'Claim'> {
  return {
    Reserve: unary(async (request) => {
      const place = placeFromMessage(request);
      if (request.holdMilliseconds === 0) {
        plant.release(place.vmid);
        return { holdsForMilliseconds: 0 };
      }
      plant.reserve(place, request.holdMilliseconds);
      return { holdsForMilliseconds: request.holdMilliseconds };
    }, logger),
    Claim: unary(async ({ vmid }) => vmToMessage(plant.claim(vmid)), logger),
  };
}

/** @throws VmplantsError INVALID_ARGUMENT at the fields */
function placeFromMessage(request: ReserveRequest__Output): Place {
  const { vmid, orderDigest, memoryMib, network, clientDomain, holdMilliseconds } = request;
  const violations: FieldViolation[] = [];
  const expect = (ok: boolean, field: string, description: string): void => {
    if (!ok) violations.push({ field, description: `expected ${description}` });
  };
  expect(VMID.test(vmid), 'vmid', '`vm-` and 26 characters a-z, 2-7');
  expect(DIGEST.test(orderDigest), 'order_digest', '64 hexadecimal digits');
  expect(
    memoryMib >= MEMORY_MIB.least && memoryMib <= MEMORY_MIB.most,
    'memory_mib',
    `${MEMORY_MIB.least} to ${MEMORY_MIB.most}, found ${memoryMib}`,
  );
  expect(network === 'host-only' || network === 'none', 'network', '`host-only` or `none`');
  expect(clientDomainSchema.safeParse(clientDomain).success, 'client_domain', 'a domain name');
  expect(
    holdMilliseconds <= MAX_HOLD_MILLISECONDS,
    'hold_milliseconds',
    `at most ${MAX_HOLD_MILLISECONDS}, found ${holdMilliseconds}`,
  );
  if (violations.length > 0) throw invalidArgument(violations);
  return {
    vmid,
    orderDigest,
    memoryMiB: memoryMib,
    network: { kind: network === 'none' ? 'none' : 'host-only' },
    clientDomain,
  };
}
