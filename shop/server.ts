import { setMaxListeners } from 'node:events';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { VmplantsError } from '../model/errors.js';
import { bidi, serverStream, unary } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import { type ServedService, shopService } from '../proto/serve.js';
import type { Registry } from '../registry/registry.js';
import { boundedClassadCache } from './classadCache.js';
import { collectVm } from './collect.js';
import { consoleOfVm } from './console.js';
import { createCreations } from './creations.js';
import { bidsForVm, planVm } from './dryRun.js';
import { execInVm } from './exec.js';
import { createFleet } from './fleet/fleet.js';
import { boundedHints } from './hints.js';
import { listImages } from './images.js';
import { askLearning } from './learn.js';
import { listVms } from './list.js';
import { openPlantLinks } from './plantLinks.js';
import { createPlantNames } from './plantNames.js';
import { describePlants } from './plants.js';
import { publishVm } from './publish.js';
import { queryVm } from './query.js';
import type { Random } from './random.js';
import { DEFAULT_SHOP_LIMITS, type ShopLimits, type ShopParts } from './shopParts.js';
import { updateImage } from './updateImage.js';

export interface ShopOptions {
  /** Where the plants are. The shop does not close it. */
  readonly registry: Registry;
  readonly logger: Logger;
  /** Milliseconds of a clock that never jumps, for example `performance.now`. */
  readonly now: () => number;
  /** Breaks ties between bids; `seededRandom` for runs that can be repeated. */
  readonly random: Random;
  /** Makes VMIDs: `crypto.randomBytes`. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly limits?: Partial<ShopLimits>;
  /** For the connections to the plants; default none, plain text. */
  readonly plantCredentials?: ChannelCredentials;
}

export interface Shop {
  /** For `serve`. */
  readonly service: ServedService;
  /**
   * Waits so long for the creations in progress, leaves those that are not done to their plants (which finish them,
   * and keep what is then claimed by a repeated create), and closes the connections. Stop the server first.
   */
  close(graceMilliseconds: number): Promise<void>;
}

/**
 * A VMShop (VMPlants paper, section 3.1) made from its parts. It keeps nothing on disk and nothing that the plants do
 * not have: it may be ended at any time, and others may serve beside it.
 */
export function createShop(options: ShopOptions): Shop {
  const { logger } = options;
  const stopping = new AbortController();
  // Every call of every creation listens to it; they are bounded elsewhere.
  setMaxListeners(0, stopping.signal);
  const limits = { ...DEFAULT_SHOP_LIMITS, ...options.limits };
  const links = openPlantLinks(options.registry, options.plantCredentials);
  const names = createPlantNames();
  const { registry, random } = options;
  const parts: ShopParts = {
    links,
    hints: boundedHints(10_000),
    classads: boundedClassadCache(10_000, options.now),
    names,
    fleet: createFleet({ links, registry, names, policy: limits, random, logger }),
    logger,
    now: options.now,
    random,
    randomBytes: options.randomBytes,
    limits,
    stopping: stopping.signal,
  };
  const creations = createCreations(parts);
  const service = shopService({
    Create: serverStream((request, { signal }) => creations.follow(request, signal), logger),
    Query: unary((request, { signal }) => queryVm(parts, request, signal), logger),
    List: unary((request, { signal }) => listVms(parts, request, signal), logger),
    Collect: unary(({ vmid }, { signal }) => collectVm(parts, vmid, signal), logger),
    Plan: unary((request, { signal }) => planVm(parts, request, signal), logger),
    Bids: unary((request, { signal }) => bidsForVm(parts, request, signal), logger),
    Images: unary(({ clientDomain }, { signal }) => listImages(parts, clientDomain, signal), logger),
    Plants: unary(
      (_, { signal, remainingMilliseconds }) =>
        describePlants(answeringWithin(parts, remainingMilliseconds), options.registry, signal),
      logger,
    ),
    Exec: serverStream((request, { signal }) => execInVm(parts, request, signal), logger),
    Console: bidi((requests, { signal }) => consoleOfVm(parts, requests, signal), logger),
    Publish: serverStream((request, { signal }) => publishVm(parts, request, signal), logger),
    UpdateImage: unary((request, { signal }) => updateImage(parts, request, signal), logger),
    Learn: unary(({ dryRun }, { signal }) => askLearning(parts, dryRun, signal), logger),
  });
  return {
    service,
    close: async (graceMilliseconds) => {
      const timer = setTimeout(() => {
        stopping.abort(
          new VmplantsError('UNAVAILABLE', 'the shop is stopping; the plant goes on with what it has begun', {
            reason: 'SHOP_STOPPING',
            hint: 'repeat the call with the same request ID, on this shop or another, or the VM is removed again soon after it runs',
          }),
        );
      }, graceMilliseconds);
      await creations.idle();
      clearTimeout(timer);
      parts.fleet.close();
      parts.links.close();
    },
  };
}

/** Of what a client waits, so that it hears of a plant that is silent, and does not take the shop for silent. */
const SHARE_OF_TIME = 0.85;

function answeringWithin(parts: ShopParts, remainingMilliseconds: number): ShopParts {
  const askMilliseconds = Math.min(parts.limits.askMilliseconds, remainingMilliseconds * SHARE_OF_TIME);
  return { ...parts, limits: { ...parts.limits, askMilliseconds: Math.max(1, askMilliseconds) } };
}
