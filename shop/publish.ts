import { invalidArgument, VmplantsError } from '../model/errors.js';
import type { PublishEvent } from '../proto/gen/vmplants/v1/PublishEvent.js';
import type { PublishRequest, PublishRequest__Output } from '../proto/gen/vmplants/v1/PublishRequest.js';
import type {
  RecipePublication,
  RecipePublication__Output,
} from '../proto/gen/vmplants/v1/RecipePublication.js';
import { orderToMachineRequest } from '../proto/mapping/machineRequest.js';
import { publishRequestViolations } from '../proto/mapping/publishRequest.js';
import { readOrder } from './intake.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';

/**
 * Has the plant that holds a VM make a golden image of it, and relays what happens. Leaving the stream ends the
 * publication. Errors as in `locate`, and what the plant answers.
 */
export async function* publishVm(
  parts: ShopParts,
  request: PublishRequest__Output,
  signal: AbortSignal,
): AsyncGenerator<PublishEvent, void, undefined> {
  const violations = publishRequestViolations(request);
  if (violations.length > 0) throw invalidArgument(violations);
  const message = forPlant(request);
  const { plant } = await locate(parts.links, parts.hints, request.vmid, {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  try {
    yield* plant.publish(message, { timeoutMilliseconds: parts.limits.publishMilliseconds, signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw isLost(thrown) ? lost(plant.address, request.name, thrown) : thrown;
  }
}

/** What the plant is asked: a document becomes a machine. */
function forPlant({ vmid, name, shared, pinned, live, recipe }: PublishRequest__Output): PublishRequest {
  const common = { vmid, name, shared, pinned };
  return live == null ? { ...common, recipe: recipeForPlant(recipe) } : { ...common, live };
}

function recipeForPlant(recipe: RecipePublication__Output | null | undefined): RecipePublication {
  if (recipe?.machine == null && recipe?.document == null) return {};
  return { machine: orderToMachineRequest(readOrder(recipe, 'recipe.')) };
}

/** The plant did not say this: the connection to it broke. */
function isLost(thrown: unknown): thrown is VmplantsError {
  return thrown instanceof VmplantsError && thrown.code === 'UNAVAILABLE' && thrown.reason === undefined;
}

function lost(address: string, name: string, error: VmplantsError): VmplantsError {
  return new VmplantsError(
    'UNAVAILABLE',
    `plant ${address} was lost while it made ${name}: ${error.message}`,
    {
      reason: 'PLANT_LOST',
      hint: 'when the plant answers again, its images say whether it was done before',
      cause: error,
    },
  );
}
