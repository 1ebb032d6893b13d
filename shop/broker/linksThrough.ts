import { VmplantsError } from '../../model/errors.js';
import type { PlantClient } from '../../proto/plantClient.js';
import type { PlantLinks } from '../plantLinks.js';
import { isLoop } from './brokerId.js';

/**
 * The same connections, for calls that came through these brokers. A broker among the plants that the call has been
 * through already holds nothing that is not found on the other ways: it has no VM, no image, and makes no bid.
 */
export function linksThrough(links: PlantLinks, brokers: readonly string[]): PlantLinks {
  return {
    ...links,
    all: () => links.all().map((plant) => withoutLoops(plant.through(brokers))),
    close: () => undefined,
  };
}

function withoutLoops(plant: PlantClient): PlantClient {
  return {
    ...plant,
    query: (request, call) => plant.query(request, call).catch(asNotFound),
    claim: (request, call) => plant.claim(request, call).catch(asNotFound),
    updateImage: (request, call) => plant.updateImage(request, call).catch(asNotFound),
    list: (request, call) => plant.list(request, call).catch(as({ vms: [], unreachable: [] })),
    images: (request, call) => plant.images(request, call).catch(as({ images: [], unreachable: [] })),
    learn: (request, call) => plant.learn(request, call).catch(as({ reports: [], unreachable: [] })),
    bid: (request, call) => plant.bid(request, call).catch(asNobody),
  };
}

function as<Answer>(nothing: Answer): (thrown: unknown) => Answer {
  return (thrown) => {
    if (isLoop(thrown)) return nothing;
    throw thrown;
  };
}

function asNotFound(thrown: unknown): never {
  if (!isLoop(thrown)) throw thrown;
  throw new VmplantsError('NOT_FOUND', thrown.message, { reason: 'BROKER_LOOP', cause: thrown });
}

/** FAILED_PRECONDITION would say that the order fits nowhere; this only says that nobody was asked. */
function asNobody(thrown: unknown): never {
  if (!isLoop(thrown)) throw thrown;
  throw new VmplantsError('UNAVAILABLE', thrown.message, { reason: 'BROKER_LOOP', cause: thrown });
}
