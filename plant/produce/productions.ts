import { VmplantsError } from '../../model/errors.js';
import type { Order } from '../../model/order.js';
import type { Plan, Rung } from '../../model/plan.js';
import type { Progress } from '../../model/progress.js';
import type { Vm } from '../../model/vm.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import type { Machine } from '../line/line.js';
import type { LiveMachine } from '../machines.js';
import type { PlantParts } from '../parts.js';
import type { ImageIndex } from '../planner/imageIndex.js';
import type { ExcludedClone } from '../planner/query.js';
import type { Pool } from '../prepare/pool.js';
import { pointOfOrder } from '../prepare/preparePoint.js';
import { shownVm } from '../shownVm.js';
import { takenMacs } from '../takenMacs.js';
import type { Accepted } from './accepted.js';
import { type Attempt, type AttemptFor, cloneDirectory, readyAttempt } from './attempt.js';
import type { BootTimes } from './bootTimes.js';
import { createEventLog, type EventLog } from './eventLog.js';
import type { FailedRungs } from './failedRungs.js';
import { KeptFailed } from './keptFailed.js';
import { nextAttempt } from './nextAttempt.js';
import { type KnownOfImages, type Planned, plannerQuery, planOrder } from './planOrder.js';
import { type Produced, produceVm } from './produceVm.js';
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
  /** See `Vm.claimWithinSeconds`; 0 or absent: it stays without a claim. */
  readonly claimWithinSeconds?: number;
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
  /** Whether any goes on. */
  readonly busy: () => boolean;
  /** Names of the images that they clone: one that goes now would make one of them plan again. */
  readonly imagesInWork: () => ReadonlySet<string>;
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
  /** Machines that wait; undefined where none are prepared. */
  readonly pool: Pool | undefined;
  readonly failedRungs: FailedRungs;
  readonly bootTimes: BootTimes;
  /** Told of every machine whose VM now stays. */
  readonly onMachine: (machine: Machine, line: string, vmid: string) => LiveMachine;
  /** Told of every VM that was handed out. */
  readonly onProduced?: (order: ProducedOrder) => void;
  /** Told when a clone could not be brought to confirm its identity. */
  readonly onRungFailed?: (image: string, rung: Rung, reason: VmplantsError) => void;
  /** The first production has begun; the last one is over. */
  readonly onBusy?: () => void;
  readonly onIdle?: () => void;
}

/** An order whose VM was handed out, and how it was made. */
export interface ProducedOrder {
  readonly order: Order;
  readonly plan: Plan;
  readonly vm: Vm;
  readonly configuration: ConfigurationResult;
}

export function openProductions(options: ProductionsOptions): Productions {
  const { parts, steps, pool, failedRungs, bootTimes } = options;
  const slots = createSlots(parts.limits.productions, parts.limits.waitingProductions);
  const going = new Map<string, Production>();
  let closed: VmplantsError | undefined;

  const known = (excluded: readonly ExcludedClone[] = []): KnownOfImages => ({
    excluded: [...failedRungs.excluded(), ...excluded],
    bootSecondsOf: bootTimes.secondsOf,
  });
  const plan = (order: Order, excluded: readonly ExcludedClone[]): Planned | undefined =>
    planOrder(options.index(), plannerQuery(parts, order, known(excluded)));

  /** A machine that waits where the best plan finds one, else a clone. */
  const firstAttempt = (wanted: AttemptFor): Attempt | undefined => {
    const { order } = wanted;
    const query = plannerQuery(parts, order, known(), pool?.readyFor(order));
    const planned = planOrder(options.index(), query);
    if (planned === undefined) return undefined;
    const { image, rung, prepared } = planned.plan;
    const ready = prepared ? pool?.find(order, image, planned.line, rung) : undefined;
    const handed = ready === undefined ? undefined : readyAttempt(parts, wanted, planned, ready);
    if (handed !== undefined) return handed;
    const again = (excluded: readonly ExcludedClone[]): Planned | undefined =>
      excluded.length === 0 ? planned : plan(order, excluded);
    return nextAttempt(parts, wanted, again, [], takenMacs(parts.info));
  };

  const accept = (request: ProductionRequest): Accepted => {
    const began = parts.clock.monotonic();
    const { order, vmid, claimWithinSeconds = 0 } = request;
    const wanted: AttemptFor = {
      vmid,
      hostname: order.identity.get('hostname') ?? vmid,
      order,
      purpose: 'vm',
      directory: cloneDirectory(parts.cloneRoot, vmid),
    };
    const attempt = firstAttempt(wanted);
    if (attempt === undefined) throw noMatchingImage();
    steps.reserve.doNow({ wanted, attempt, claimWithinSeconds });
    if (attempt.ready !== undefined) pool?.handedOut(attempt.ready.record.id);
    const room = pool?.makeRoom() ?? Promise.resolve();
    return { wanted, attempt, keepFailed: request.keepFailed, began, room };
  };

  const carryOut = async (
    accepted: Accepted,
    ticket: Ticket,
    events: EventLog<ProduceEvent>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { order, vmid } = accepted.wanted;
    try {
      const produced = await produceVm(
        accepted,
        {
          parts,
          steps,
          turn: ticket.turn,
          planAgain: (excluded) => plan(order, excluded),
          takenMacs: () => takenMacs(parts.info),
          random: parts.random,
          onPlan: (plan) => events.push({ kind: 'plan', plan }),
          onRungFailed: (image, rung, reason) => {
            failedRungs.note(image.descriptor, rung);
            options.onRungFailed?.(image.descriptor.name, rung, reason);
          },
          progress: (progress) => events.push({ kind: 'progress', progress }),
        },
        signal,
      );
      options.onMachine(produced.machine, produced.attempt.line.name, produced.vm.vmid);
      noteBoot(produced);
      events.push({ kind: 'vm', vm: shownVm(produced.vm) });
      // Not while the clone is waited for: of a large order it takes a while to tell the kind.
      const { plan: done, line } = produced.attempt;
      pool?.note(order, pointOfOrder(order, done.image, line.name, done.rung));
      events.end();
      tellProduced(order, produced);
    } catch (error) {
      if (error instanceof KeptFailed) options.onMachine(error.machine, error.attempt.line.name, vmid);
      events.fail(error instanceof KeptFailed ? error.cause : error);
    } finally {
      ticket.leave();
    }
  };

  const noteBoot = ({ attempt, configuration }: Produced): void => {
    const { boot } = configuration.seconds;
    if (boot !== undefined) bootTimes.note(attempt.line.name, attempt.image.descriptor, boot);
  };

  const tellProduced = (order: Order, { vm, attempt, configuration }: Produced): void => {
    try {
      options.onProduced?.({ order, plan: attempt.plan, vm, configuration });
    } catch (error) {
      // The VM is the client's already.
      parts.log.error({ vmid: vm.vmid, err: error }, 'what a creation taught could not be noted');
    }
  };

  return {
    get: (vmid) => going.get(vmid),
    busy: () => going.size > 0,
    imagesInWork: () =>
      new Set(
        [...going.keys()].flatMap((vmid) => {
          const record = parts.info.get(vmid);
          return record === undefined ? [] : [record.vm.image];
        }),
      ),
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
        if (going.size === 0) options.onIdle?.();
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
      if (going.size === 1) options.onBusy?.();
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
