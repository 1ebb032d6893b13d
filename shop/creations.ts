import type { VmplantsError } from '../model/errors.js';
import { asVmplantsError } from '../model/errors.js';
import type { CreateEvent } from '../proto/gen/vmplants/v1/CreateEvent.js';
import type { CreateRequest__Output } from '../proto/gen/vmplants/v1/CreateRequest.js';
import { boundedAdmission } from './admission.js';
import { type Creation, createVm, requestIdReused } from './create.js';
import { createEventLog, type EventLog } from './eventLog.js';
import { checkRequestId, readOrder } from './intake.js';
import type { ShopParts } from './shopParts.js';
import { VMID_RANDOM_BYTES, vmidFromRandom, vmidFromRequestId } from './vmid.js';

/** The creations that are in progress on this shop. */
export interface Creations {
  /**
   * Begins a creation, or joins the one in progress with the same request ID, and says what happens. It goes on when
   * the reader leaves; who repeats the call with the same request ID follows it from its beginning, here while it is
   * in progress and through the plant that has the VM on any shop.
   */
  follow(request: CreateRequest__Output, signal: AbortSignal): AsyncGenerator<CreateEvent, void, undefined>;
  /** Fulfilled when none is in progress any more. */
  idle(): Promise<void>;
}

interface InProgress {
  readonly orderDigest: string;
  readonly events: EventLog<CreateEvent>;
  readonly ended: Promise<void>;
}

export function createCreations(parts: ShopParts): Creations {
  const admission = boundedAdmission(parts.limits.creations, parts.limits.waitingCreations);
  const inProgress = new Map<string, InProgress>();

  const begin = (creation: Creation): InProgress => {
    const place = admission.enter();
    const events = createEventLog<CreateEvent>();
    const work = async (): Promise<void> => {
      try {
        await place.turn;
        parts.stopping.throwIfAborted();
        await createVm(parts, creation, events.push);
        parts.logger.info({ vmid: creation.vmid }, 'a VM was created');
        events.end();
      } catch (thrown) {
        logFailure(parts, creation, asVmplantsError(thrown));
        events.fail(thrown);
      } finally {
        inProgress.delete(creation.vmid);
        place.leave();
      }
    };
    const started: InProgress = { orderDigest: creation.order.digest, events, ended: work() };
    inProgress.set(creation.vmid, started);
    return started;
  };

  return {
    follow: (request, signal) => {
      const order = readOrder(request);
      const requestId = checkRequestId(request.requestId);
      const vmid =
        requestId === ''
          ? vmidFromRandom(parts.randomBytes(VMID_RANDOM_BYTES))
          : vmidFromRequestId(order.clientDomain, requestId);
      const running = inProgress.get(vmid);
      if (running !== undefined && running.orderDigest !== order.digest) throw requestIdReused(vmid);
      const { keepFailed } = request;
      const followed =
        running ?? begin({ vmid, order, keepFailed, repeatable: requestId !== '' && !request.firstUse });
      return followed.events.read(signal);
    },
    idle: async () => {
      while (inProgress.size > 0) await Promise.all([...inProgress.values()].map(({ ended }) => ended));
    },
  };
}

/** The client may be gone: what became of the creation has to be in the log. */
function logFailure(parts: ShopParts, creation: Creation, error: VmplantsError): void {
  const { vmid } = creation;
  const { code, reason } = error;
  parts.logger.info({ vmid, code, reason }, 'a creation failed');
}
