import { VmplantsError } from '../../model/errors.js';
import type { Order } from '../../model/order.js';
import type { Plan } from '../../model/plan.js';
import type { Progress } from '../../model/progress.js';
import type { Vm } from '../../model/vm.js';
import type { Machine } from '../line/line.js';
import type { LiveMachine } from '../machines.js';
import type { PlantParts } from '../parts.js';
import type { ImageIndex } from '../planner/imageIndex.js';
import { shownVm } from '../shownVm.js';
import { type AttemptFor, cloneDirectory, decideAttempt } from './attempt.js';
import { createEventLog, type EventLog } from './eventLog.js';
import { plannerQuery, planOrder } from './planOrder.js';
import { type Accepted, KeptFailed, produceVm } from './produceVm.js';
import { reasonOf } from './reasonOf.js';
import { createSlots, type Ticket } from './slots.js';
import type { Steps } from './steps.js';

/** What those who follow a production are told; the VM comes last. */
export type ProduceEvent =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'vm'; readonly vm: Vm };

export interface ProductionRequest {
  readonly vmid: string;
  readonly order: Order;
  /** Keep a VM whose configuration failed, in state `failed`. */
  readonly keepFailed: boolean;
}

/** A production that goes on, whoever follows it. */
export interface Production {
  readonly orderDigest: string;
  readonly events: EventLog<ProduceEvent>;
  /** Rolls it back, unless it is past the point of no return. Resolves when it is over. */
  readonly cancel: (reason: VmplantsError) => Promise<void>;
}

/** The productions that are going on, at most so many at the same time. */
export interface Productions {
  readonly get: (vmid: string) => Production | undefined;
  /**
   * Plans the order, reserves what it needs and begins, all before this returns.
   * @throws VmplantsError FAILED_PRECONDITION, NO_MATCHING_IMAGE; RESOURCE_EXHAUSTED when the plant is full or busy,
   * or HOST_SHORT when the record cannot be written.
   * Nothing was made then.
   */
  readonly begin: (request: ProductionRequest) => Production;
  /** Rolls all of them back and takes no more. */
  readonly close: (reason: VmplantsError) => Promise<void>;
}

export interface ProductionsOptions {
  readonly parts: PlantParts;
  readonly steps: Steps;
  readonly index: () => ImageIndex;
  /** Told of every machine whose VM now stays. */
  readonly onMachine: (machine: Machine, line: string) => LiveMachine;
}

export function openProductions(options: ProductionsOptions): Productions {
  const { parts, steps } = options;
  const slots = createSlots(parts.limits.productions, parts.limits.waitingProductions);
  const going = new Map<string, Production>();
  let closed: VmplantsError | undefined;

  const takenMacs = (): ReadonlySet<string> => new Set(parts.info.records().flatMap(({ macs }) => macs));

  const accept = (request: ProductionRequest): Accepted => {
    const began = parts.clock.monotonic();
    const { order, vmid } = request;
    const planned = planOrder(options.index(), plannerQuery(parts, order));
    if (planned === undefined) throw noMatchingImage();
    const wanted: AttemptFor = {
      vmid,
      hostname: order.identity.get('hostname') ?? vmid,
      order,
      purpose: 'vm',
      directory: cloneDirectory(parts.cloneRoot, vmid),
    };
    const attempt = decideAttempt(parts, wanted, planned, takenMacs());
    steps.reserve.doNow({ wanted, attempt });
    return { wanted, attempt, keepFailed: request.keepFailed, began };
  };

  const carryOut = async (
    accepted: Accepted,
    ticket: Ticket,
    events: EventLog<ProduceEvent>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { order } = accepted.wanted;
    try {
      const produced = await produceVm(
        accepted,
        {
          parts,
          steps,
          turn: ticket.turn,
          planAgain: (excluded) => planOrder(options.index(), plannerQuery(parts, order, excluded)),
          takenMacs,
          random: parts.random,
          onPlan: (plan) => events.push({ kind: 'plan', plan }),
          progress: (progress) => events.push({ kind: 'progress', progress }),
        },
        signal,
      );
      options.onMachine(produced.machine, produced.attempt.line.name);
      events.push({ kind: 'vm', vm: shownVm(produced.vm) });
      events.end();
    } catch (error) {
      if (error instanceof KeptFailed) options.onMachine(error.machine, error.attempt.line.name);
      events.fail(error instanceof KeptFailed ? error.cause : error);
    } finally {
      ticket.leave();
    }
  };

  return {
    get: (vmid) => going.get(vmid),
    begin: (request) => {
      if (closed !== undefined) throw closed;
      const ticket = slots.enter();
      let accepted: Accepted;
      try {
        accepted = accept(request);
      } catch (error) {
        ticket.leave();
        throw reasonOf(error);
      }
      const events = createEventLog<ProduceEvent>();
      const cancelled = new AbortController();
      const over = carryOut(accepted, ticket, events, cancelled.signal).finally(() => {
        going.delete(request.vmid);
      });
      const production: Production = {
        orderDigest: request.order.digest,
        events,
        cancel: (reason) => {
          cancelled.abort(reason);
          return over;
        },
      };
      going.set(request.vmid, production);
      return production;
    },
    close: async (reason) => {
      closed = reason;
      await Promise.all([...going.values()].map((production) => production.cancel(reason)));
    },
  };
}

function noMatchingImage(): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', 'no golden image of this plant matches the order', {
    reason: 'NO_MATCHING_IMAGE',
    hint: 'A plan (dry run) says why each image was rejected.',
  });
}
