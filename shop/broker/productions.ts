import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { CreateEvent } from '../../proto/gen/vmplants/v1/CreateEvent.js';
import type { ProduceEvent } from '../../proto/gen/vmplants/v1/ProduceEvent.js';
import type { ProduceRequest__Output } from '../../proto/gen/vmplants/v1/ProduceRequest.js';
import type { CallContext } from '../../proto/handler.js';
import { orderFromMachineRequest } from '../../proto/mapping/machineRequest.js';
import { vmToMessage } from '../../proto/mapping/vm.js';
import { boundedAdmission } from '../admission.js';
import { createEventLog, type EventLog } from '../eventLog.js';
import { AUCTION_PHASE } from '../produceWithFallbacks.js';
import { checkVmid } from '../vmid.js';
import { type BrokerParts, shopOf } from './brokerParts.js';
import { produceForOthers, type Wanted } from './produce.js';

/** The productions that go on behind a broker. */
export interface BrokerProductions {
  /**
   * Has an order produced where a place is held for it, or where its VM is, or else where an auction says, and turns to
   * the next offer when a plant is lost; or joins the production in progress under the VMID. It goes on when the reader
   * leaves.
   */
  follow(
    request: ProduceRequest__Output,
    context: CallContext,
  ): AsyncGenerator<ProduceEvent, void, undefined>;
  /** Whether one is in progress under the VMID. */
  has(vmid: string): boolean;
  /** Fulfilled when none is in progress any more. */
  idle(): Promise<void>;
}

interface InProgress {
  readonly orderDigest: string;
  readonly events: EventLog<ProduceEvent>;
  readonly ended: Promise<void>;
}

export function createBrokerProductions(broker: BrokerParts): BrokerProductions {
  const { shop, self } = broker;
  const admission = boundedAdmission(shop.limits.creations, shop.limits.waitingCreations);
  const inProgress = new Map<string, InProgress>();

  const begin = (wanted: Wanted, brokers: readonly string[]): InProgress => {
    // It outlives the call: what is left to the caller says nothing about the time that it has.
    const parts = shopOf(broker, { brokers, remainingMilliseconds: Number.POSITIVE_INFINITY });
    const place = admission.enter();
    const events = createEventLog<ProduceEvent>();
    const work = async (): Promise<void> => {
      try {
        await place.turn;
        parts.stopping.throwIfAborted();
        const { vm, plant } = await produceForOthers(broker, parts, wanted, (event) => {
          const upward = eventUpward(event, self.name);
          if (upward !== undefined) events.push(upward);
        });
        parts.hints.set(wanted.vmid, plant.address);
        events.push({ vm: vmToMessage(vm) });
        events.end();
      } catch (thrown) {
        const { code, reason } = asVmplantsError(thrown);
        shop.logger.info({ vmid: wanted.vmid, code, reason }, 'a production failed');
        events.fail(lostUpward(thrown));
      } finally {
        broker.places.forget(wanted.vmid);
        inProgress.delete(wanted.vmid);
        place.leave();
      }
    };
    const started: InProgress = { orderDigest: wanted.order.digest, events, ended: work() };
    inProgress.set(wanted.vmid, started);
    return started;
  };

  return {
    follow: (request, { brokers, signal }) => {
      const wanted = wantedBy(request);
      const running = inProgress.get(wanted.vmid);
      if (running !== undefined && running.orderDigest !== wanted.order.digest) {
        throw new VmplantsError('ALREADY_EXISTS', `${wanted.vmid} is being made for another order`, {
          reason: 'OTHER_ORDER',
        });
      }
      return (running ?? begin(wanted, brokers)).events.read(signal);
    },
    has: (vmid) => inProgress.has(vmid),
    idle: async () => {
      while (inProgress.size > 0) await Promise.all([...inProgress.values()].map(({ ended }) => ended));
    },
  };
}

/** @throws VmplantsError INVALID_ARGUMENT; FAILED_PRECONDITION DIGEST_MISMATCH */
function wantedBy(request: ProduceRequest__Output): Wanted {
  const vmid = checkVmid(request.vmid);
  const order = orderFromMachineRequest(request.machine);
  if (request.orderDigest !== '' && request.orderDigest !== order.digest) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      'the shop and the broker understand the request differently: their digests of the order differ',
      { reason: 'DIGEST_MISMATCH', hint: 'run the same version of shop and broker' },
    );
  }
  const { keepFailed, claimWithinSeconds } = request;
  return { vmid, order, keepFailed, claimWithinSeconds };
}

/** Of what a creation says, what is said of a production, under the broker's name. */
function eventUpward({ plan, progress }: CreateEvent, broker: string): ProduceEvent | undefined {
  if (plan) return { plan: { ...plan, plant: `${broker}/${plan.plant ?? ''}` } };
  if (!progress) return undefined;
  const ofPlant = progress.phase === AUCTION_PHASE;
  return { progress: ofPlant ? { ...progress, message: `${broker}/${progress.message ?? ''}` } : progress };
}

/** A plant behind it that stalls is not this broker stalling: who asked may turn to another at once. */
function lostUpward(thrown: unknown): unknown {
  if (!(thrown instanceof VmplantsError) || thrown.reason !== 'PLANT_LOST') return thrown;
  if (thrown.code === 'UNAVAILABLE') return thrown;
  const { message, reason, hint } = thrown;
  return new VmplantsError('UNAVAILABLE', message, {
    reason,
    ...(hint === undefined ? {} : { hint }),
    cause: thrown,
  });
}
