import { setMaxListeners } from 'node:events';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { VmplantsError } from '../../model/errors.js';
import { bidi, serverStream, unary } from '../../proto/handler.js';
import type { Logger } from '../../proto/logger.js';
import { plantDescriptionToMessage } from '../../proto/mapping/plantDescription.js';
import { plantService, type ServedService } from '../../proto/serve.js';
import type { Registry } from '../../registry/registry.js';
import { boundedClassadCache } from '../classadCache.js';
import { collectVm } from '../collect.js';
import { consoleOfVm } from '../console.js';
import { execInVm } from '../exec.js';
import { createFleet } from '../fleet/fleet.js';
import { boundedHints } from '../hints.js';
import { listImages } from '../images.js';
import { askLearning } from '../learn.js';
import { listVms } from '../list.js';
import { openPlantLinks } from '../plantLinks.js';
import { createPlantNames } from '../plantNames.js';
import { publishVm } from '../publish.js';
import { queryVm } from '../query.js';
import type { Random } from '../random.js';
import { DEFAULT_SHOP_LIMITS, type ShopLimits, type ShopParts } from '../shopParts.js';
import { updateImage } from '../updateImage.js';
import { bidForOthers } from './bid.js';
import type { BrokerIdentity } from './brokerId.js';
import { type BrokerParts, shopOf } from './brokerParts.js';
import { claimForOthers } from './claim.js';
import { describeBroker } from './describe.js';
import { linksThrough } from './linksThrough.js';
import type { Markup } from './markup.js';
import { createBrokerProductions } from './productions.js';
import { reserveForOthers } from './reserve.js';
import { createStandingOffers } from './standingOffers.js';
import { statusOfPlants } from './status.js';
import { watchPlants } from './watch.js';

export interface BrokerOptions {
  /** Where the plants, and further brokers, are. The broker does not close it. */
  readonly registry: Registry;
  readonly logger: Logger;
  /** Milliseconds of a clock that never jumps, for example `performance.now`. */
  readonly now: () => number;
  /** Breaks ties between bids. */
  readonly random: Random;
  /** See `brokerIdentity`. */
  readonly self: BrokerIdentity;
  readonly markup: Markup;
  /** Of this program. */
  readonly version: string;
  readonly limits?: Partial<ShopLimits>;
  /** For the connections to the plants; default none, plain text. */
  readonly plantCredentials?: ChannelCredentials;
}

export interface Broker {
  /** For `serve`: VMPlant, as a plant serves it. */
  readonly service: ServedService;
  /** Has everything behind it describe itself once, so that a loop of brokers is found, and said in the log. */
  lookForLoops(signal: AbortSignal): Promise<void>;
  /**
   * Waits so long for the productions in progress, leaves those that are not done to their plants, and closes the
   * connections. Stop the server first.
   */
  close(graceMilliseconds: number): Promise<void>;
}

/** Shorter than what a shop waits for a plant's bid. */
const BID_MILLISECONDS = 1_500;
/** A stream between brokers, or to a plant, is opened again after that. */
const STREAM_MILLISECONDS = 12 * 3600 * 1000;

/**
 * A VMBroker (VMPlants paper, section 3.1): it speaks the plant's service upward and is a shop downward, so that what is
 * behind it looks like one plant. Brokers nest. It keeps nothing that the plants do not have: it may be ended at any
 * time.
 */
export function createBroker(options: BrokerOptions): Broker {
  const { registry, logger, self, markup, random } = options;
  const stopping = new AbortController();
  // Every call of every production listens to it; they are bounded elsewhere.
  setMaxListeners(0, stopping.signal);
  const limits = { ...DEFAULT_SHOP_LIMITS, bidMilliseconds: BID_MILLISECONDS, ...options.limits };
  const links = openPlantLinks(registry, options.plantCredentials);
  const names = createPlantNames();
  const shop: ShopParts = {
    links,
    hints: boundedHints(10_000),
    classads: boundedClassadCache(10_000, options.now),
    names,
    fleet: createFleet({
      links: linksThrough(links, [self.id]),
      registry,
      names,
      policy: limits,
      random,
      logger,
    }),
    logger,
    now: options.now,
    random,
    // VMIDs come from the shops.
    randomBytes: () => {
      throw new VmplantsError('INTERNAL', 'a broker gives no VMIDs');
    },
    limits,
    stopping: stopping.signal,
  };
  const broker: BrokerParts = {
    shop,
    self,
    markup,
    standing: createStandingOffers(options.now),
    places: boundedHints(10_000),
    loops: new Set(),
    version: options.version,
  };
  const productions = createBrokerProductions(broker);
  const service = plantService({
    Describe: unary(async (_, call) => plantDescriptionToMessage(await describeBroker(broker, call)), logger),
    Bid: unary((request, call) => bidForOthers(broker, request, call), logger),
    Status: serverStream(
      (_, call) => statusOfPlants(shopOf(broker, call).links, registry, statusOptions(broker), call.signal),
      logger,
    ),
    Reserve: unary((request, call) => reserveForOthers(broker, request, call), logger),
    Produce: serverStream((request, call) => productions.follow(request, call), logger),
    Claim: unary(({ vmid }, call) => claimForOthers(broker, vmid, call), logger),
    Query: unary((request, call) => {
      // Who follows a production asks so whether anybody is there: the plant may be silent, this broker is not. The one
      // that is thought to have the VM is asked, and then all others.
      const share = productions.has(request.vmid) ? 0.5 : 1;
      const { brokers, remainingMilliseconds, signal } = call;
      const parts = shopOf(broker, { brokers, remainingMilliseconds: remainingMilliseconds * share });
      return queryVm(parts, request, signal);
    }, logger),
    List: unary((request, call) => listVms(shopOf(broker, call), request, call.signal), logger),
    Collect: unary(({ vmid }, call) => collectVm(shopOf(broker, call), vmid, call.signal), logger),
    Watch: serverStream(
      (_, call) => watchPlants(shopOf(broker, call).links, registry, watchOptions(shop), call.signal),
      logger,
    ),
    Images: unary(
      ({ clientDomain }, call) => listImages(shopOf(broker, call), clientDomain, call.signal),
      logger,
    ),
    Exec: serverStream((request, call) => execInVm(shopOf(broker, call), request, call.signal), logger),
    Console: bidi((requests, call) => consoleOfVm(shopOf(broker, call), requests, call.signal), logger),
    Publish: serverStream((request, call) => publishVm(shopOf(broker, call), request, call.signal), logger),
    UpdateImage: unary((request, call) => updateImage(shopOf(broker, call), request, call.signal), logger),
    Learn: unary(({ dryRun }, call) => askLearning(shopOf(broker, call), dryRun, call.signal), logger),
  });
  return {
    service,
    lookForLoops: async (signal) => {
      await describeBroker(broker, { brokers: [], remainingMilliseconds: Number.POSITIVE_INFINITY, signal });
    },
    close: async (graceMilliseconds) => {
      const timer = setTimeout(() => {
        stopping.abort(
          new VmplantsError(
            'UNAVAILABLE',
            'the broker is stopping; the plant goes on with what it has begun',
            {
              reason: 'BROKER_STOPPING',
            },
          ),
        );
      }, graceMilliseconds);
      await productions.idle();
      clearTimeout(timer);
      shop.fleet.close();
      shop.links.close();
    },
  };
}

function statusOptions({ self, markup, shop }: BrokerParts) {
  return {
    name: self.name,
    markup,
    firstMilliseconds: shop.limits.askMilliseconds,
    streamMilliseconds: STREAM_MILLISECONDS,
  };
}

function watchOptions({ limits }: ShopParts) {
  return { listMilliseconds: limits.askMilliseconds, streamMilliseconds: STREAM_MILLISECONDS };
}
