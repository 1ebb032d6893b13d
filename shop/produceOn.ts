import { setTimeout as sleep } from 'node:timers/promises';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { Progress } from '../model/progress.js';
import type { Vm } from '../model/vm.js';
import type { Plan as PlanMessage } from '../proto/gen/vmplants/v1/Plan.js';
import type { ProduceEvent__Output } from '../proto/gen/vmplants/v1/ProduceEvent.js';
import type { ProduceRequest } from '../proto/gen/vmplants/v1/ProduceRequest.js';
import { planFromMessage, planToMessage } from '../proto/mapping/plan.js';
import { progressFromMessage } from '../proto/mapping/progress.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { askUntilAnswered, isSilence } from './askUntilAnswered.js';
import { listenedTo } from './listenedTo.js';

export type Production =
  /** It runs; it is the client's once it was claimed. */
  | { readonly kind: 'produced'; readonly vm: Vm }
  /** The plant did not take the order, or gave it back: another may be asked. */
  | { readonly kind: 'not-taken'; readonly error: VmplantsError }
  /** The plant is silent. What it may still make is not claimed and goes by itself: another may be asked. */
  | { readonly kind: 'lost'; readonly error: VmplantsError };

export interface ProductionEvents {
  readonly plan: (plan: PlanMessage) => void;
  readonly progress: (progress: Progress) => void;
}

/** How long a production may take, and how long its plant may be silent. */
export interface ProductionWatch {
  readonly deadlineMilliseconds: number;
  /** See `ShopLimits`. */
  readonly silenceMilliseconds: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** How often a stream that broke is taken up again. */
const MAX_BREAKS = 10;
/** Between two of them. */
const PAUSE_MILLISECONDS = 100;

/**
 * Has a plant produce an order and follows it to its end. When the connection breaks the plant is asked what became of
 * it: it is followed on where it goes on, and `not-taken` where the plant knows nothing of it any more. A plant that
 * does not answer is `lost`, also one that is connected and silent. Rejects when the production failed as it would
 * elsewhere, above all in an action, and when all of its time is over.
 */
export async function produceOn(
  plant: PlantClient,
  request: ProduceRequest & { readonly vmid: string },
  watch: ProductionWatch,
  events: ProductionEvents,
): Promise<Production> {
  const { now, signal } = watch;
  const until = now() + watch.deadlineMilliseconds;
  // A stream that is taken up again tells everything from the beginning.
  let told = 0;
  for (let breaks = 0; ; breaks += 1) {
    let position = 0;
    const relayNew = (event: ProduceEvent__Output): Vm | undefined => {
      position += 1;
      if (event.vm === null || event.vm === undefined) {
        if (position <= told) return undefined;
        told = position;
      }
      return relay(event, events);
    };
    const silence = {
      milliseconds: watch.silenceMilliseconds,
      now,
      signal,
      ask: (options: { readonly timeoutMilliseconds: number; readonly signal: AbortSignal }) =>
        plant.query({ vmid: request.vmid }, options),
    };
    try {
      const options = { timeoutMilliseconds: Math.max(1, until - now()), signal };
      const stream = listenedTo((within) => plant.produce(request, { ...options, signal: within }), silence);
      for await (const event of stream) {
        const vm = relayNew(event);
        if (vm !== undefined) return { kind: 'produced', vm };
      }
      throw ended(plant, request.vmid);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = unexpectedOf(plant, thrown);
      if (isGivenBack(error)) return { kind: 'not-taken', error };
      if (!isSilence(error)) throw error;
      if (now() >= until) throw lost(plant, request.vmid, error);
      const state = await whatBecameOf(plant, request.vmid, watch);
      if (state === 'nothing') return { kind: 'not-taken', error };
      if (state === 'silent' || breaks >= MAX_BREAKS) {
        return { kind: 'lost', error: lost(plant, request.vmid, error) };
      }
      await sleep(PAUSE_MILLISECONDS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function relay(event: ProduceEvent__Output, events: ProductionEvents): Vm | undefined {
  if (event.plan) {
    const { plant, plan } = planFromMessage(event.plan);
    events.plan(planToMessage(plan, plant));
  }
  if (event.progress) events.progress(progressFromMessage(event.progress));
  return event.vm ? vmFromMessage(event.vm) : undefined;
}

/** The plant said itself that it makes nothing of the order, and not because of the order. */
function isGivenBack({ code, reason }: VmplantsError): boolean {
  if (code === 'RESOURCE_EXHAUSTED' || reason === 'NO_MATCHING_IMAGE') return true;
  return code === 'UNAVAILABLE' && reason !== undefined && reason !== 'NOT_CONNECTED';
}

async function whatBecameOf(
  plant: PlantClient,
  vmid: string,
  { silenceMilliseconds: milliseconds, now, signal }: ProductionWatch,
): Promise<'nothing' | 'something' | 'silent'> {
  try {
    await askUntilAnswered((options) => plant.query({ vmid }, options), { milliseconds, now, signal });
    return 'something';
  } catch (thrown) {
    signal.throwIfAborted();
    if (isSilence(thrown)) return 'silent';
    return asVmplantsError(thrown).code === 'NOT_FOUND' ? 'nothing' : 'something';
  }
}

function ended(plant: PlantClient, vmid: string): VmplantsError {
  return new VmplantsError(
    'DATA_LOSS',
    `plant ${plant.address} ended the production of ${vmid} without a VM`,
    {
      reason: 'MALFORMED_ANSWER',
    },
  );
}

/** A plant keeps the text of its unexpected errors to itself; the client should know at least where to look. */
function unexpectedOf(plant: PlantClient, thrown: unknown): VmplantsError {
  if (!(thrown instanceof VmplantsError)) {
    return new VmplantsError('INTERNAL', 'an unexpected error; the server log has its details', {
      cause: thrown,
    });
  }
  if (thrown.code !== 'INTERNAL') return thrown;
  return new VmplantsError(
    'INTERNAL',
    `plant ${plant.address} failed unexpectedly; the plant's log has the details`,
    {
      cause: thrown,
    },
  );
}

function lost(plant: PlantClient, vmid: string, error: VmplantsError): VmplantsError {
  return new VmplantsError(
    error.code,
    `plant ${plant.address} was lost while it had the order for ${vmid}: ${error.message}`,
    {
      reason: 'PLANT_LOST',
      hint: `repeat the call with the same request ID: what the plant still made of ${vmid} is taken over then, and otherwise goes by itself`,
      cause: error,
    },
  );
}
