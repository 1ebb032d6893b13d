import { VmplantsError } from '../model/errors.js';
import type { Progress } from '../model/progress.js';
import type { Vm } from '../model/vm.js';
import type { CallOptions } from '../proto/channel.js';
import type { Plan as PlanMessage } from '../proto/gen/vmplants/v1/Plan.js';
import type { ProduceEvent__Output } from '../proto/gen/vmplants/v1/ProduceEvent.js';
import type { ProduceRequest } from '../proto/gen/vmplants/v1/ProduceRequest.js';
import { planFromMessage, planToMessage } from '../proto/mapping/plan.js';
import { progressFromMessage } from '../proto/mapping/progress.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';

export type Production =
  | { readonly kind: 'produced'; readonly vm: Vm }
  /** The plant did not take the order, or gave it back with nothing made: another may be asked. */
  | { readonly kind: 'not-taken'; readonly error: VmplantsError };

export interface ProductionEvents {
  readonly plan: (plan: PlanMessage) => void;
  readonly progress: (progress: Progress) => void;
}

/**
 * Has a plant produce an order and follows it to its end. Rejects when the production failed, and with UNAVAILABLE
 * when the plant got lost and may hold the VM: then no other plant must be asked, or there might be two.
 */
export async function produceOn(
  plant: PlantClient,
  request: ProduceRequest & { readonly vmid: string },
  options: CallOptions,
  askOptions: CallOptions,
  events: ProductionEvents,
): Promise<Production> {
  try {
    // Without a connection nothing was sent, so nothing can have been made.
    await plant.connect(askOptions);
  } catch (thrown) {
    return notTakenUnlessStopped(thrown, options);
  }
  let configuring = false;
  try {
    for await (const event of plant.produce(request, options)) {
      const vm = relay(event, events);
      if (vm !== undefined) return { kind: 'produced', vm };
      // From here on actions may have had effects outside of the VM: they are not run a second time elsewhere.
      if (event.progress?.phase === 'configure') configuring = true;
    }
  } catch (thrown) {
    const error = unexpectedOf(plant, thrown);
    options.signal?.throwIfAborted();
    if (!configuring && (await nothingMade(plant, request.vmid, error, askOptions))) {
      return { kind: 'not-taken', error };
    }
    throw isSilence(error) ? lost(plant, request.vmid, error) : error;
  }
  throw new VmplantsError(
    'DATA_LOSS',
    `plant ${plant.address} ended the production of ${request.vmid} without a VM`,
    {
      reason: 'MALFORMED_ANSWER',
    },
  );
}

function relay(event: ProduceEvent__Output, events: ProductionEvents): Vm | undefined {
  if (event.plan) {
    const { plant, plan } = planFromMessage(event.plan);
    events.plan(planToMessage(plan, plant));
  }
  if (event.progress) events.progress(progressFromMessage(event.progress));
  return event.vm ? vmFromMessage(event.vm) : undefined;
}

/** Whether the error means that the plant holds nothing under this VMID. */
async function nothingMade(
  plant: PlantClient,
  vmid: string,
  error: VmplantsError,
  options: CallOptions,
): Promise<boolean> {
  if (error.code === 'RESOURCE_EXHAUSTED' || error.reason === 'NO_MATCHING_IMAGE') return true;
  if (error.code !== 'UNAVAILABLE') return false;
  // The plant refused, or the connection broke with the request on its way: only the plant knows which.
  try {
    await plant.query({ vmid }, options);
    return false;
  } catch (thrown) {
    return thrown instanceof VmplantsError && thrown.code === 'NOT_FOUND';
  }
}

function notTakenUnlessStopped(thrown: unknown, options: CallOptions): Production {
  options.signal?.throwIfAborted();
  if (thrown instanceof VmplantsError) return { kind: 'not-taken', error: thrown };
  throw thrown;
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

/** The plant did not say this: the connection to it broke, or it said nothing for too long. */
function isSilence(error: VmplantsError): boolean {
  return (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED') && error.reason === undefined;
}

function lost(plant: PlantClient, vmid: string, error: VmplantsError): VmplantsError {
  return new VmplantsError(
    error.code,
    `plant ${plant.address} was lost while it had the order for ${vmid}: ${error.message}`,
    {
      reason: 'PLANT_LOST',
      hint: `the VM may still be made: query ${vmid}, or repeat the call with the same request ID`,
      cause: error,
    },
  );
}
