import type { ChannelCredentials } from '@grpc/grpc-js';
import type { Bid } from '../../model/bid.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import type { Plan } from '../../model/plan.js';
import type { Vm } from '../../model/vm.js';
import type { ImageSummary, QuarantinedImage } from '../../proto/mapping/image.js';
import type { LearningSummary } from '../../proto/mapping/learning.js';
import type { PlantDescription } from '../../proto/mapping/plantDescription.js';
import type { PublishedImage } from '../../proto/mapping/published.js';
import type { Refusal } from '../../proto/mapping/refusal.js';
import type { CreateEvent } from './createEvent.js';
import type { ExecResult } from './execute.js';
import type { Publication, PublishEvent } from './publication.js';
import type { VmRequest } from './requestMessage.js';

/** Where the shop is and how long its answers may take. */
export interface VmshopClientOptions {
  /** `host:port`, `[IPv6 address]:port` or `unix:PATH`. */
  readonly address: string;
  /** TLS; default none, plain text. */
  readonly credentials?: ChannelCredentials;
  /** Deadline of calls that only ask, unless the call says otherwise. Default 30 s. */
  readonly timeoutMilliseconds?: number;
  /** Deadline of `create`, `collect` (default 10 minutes) and `publish` (default 30 minutes). */
  readonly workTimeoutMilliseconds?: number;
}

/**
 * For every call: its own deadline, and a signal that ends the waiting. What the shop does meanwhile goes on, but for a
 * publication and a command, which end with it.
 */
export interface CallOptions {
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  /**
   * At most 128 characters. Repeating a create with the same ID and request gives the same VM, never a second one;
   * without one, every call creates a VM of its own. Choose one whenever a call may be repeated.
   */
  readonly requestId?: string;
  /** Keep a VM whose configuration failed, in state `failed`, for inspection; it has to be collected. */
  readonly keepFailed?: boolean;
  /**
   * The request ID was made up for this very call, so the shop need not ask every plant whether it has the VM: one
   * that does not answer then holds nothing up. Never set it when repeating a create.
   */
  readonly firstUse?: boolean;
}

export interface PlantsOptions extends CallOptions {
  /** Takes why the list may be out of date, in one sentence for people; not called while it is current. */
  readonly onWarning?: (warning: string) => void;
}

export interface AskOptions extends CallOptions {
  /**
   * The shop may answer with what a plant said at most so long ago, without asking the plant: `Vm.ageMilliseconds` then
   * says how long ago, and the classad's `CachedSeconds`. Default 0: plants are asked.
   */
  readonly maxAgeMilliseconds?: number;
}

export interface ExecOptions extends CallOptions {
  /** How long the command itself may take, 1 to 3600 s. Default 60. */
  readonly commandTimeoutSeconds?: number;
  /** Standard output and error as they come; the next part waits until this one is taken. */
  readonly onOutput?: (data: Uint8Array) => Promise<void> | void;
}

export interface VmListing {
  /** Oldest first. */
  readonly vms: readonly Vm[];
  /** Plants that could not be asked: what they hold is missing. */
  readonly unreachable: readonly string[];
}

export interface ImageListing {
  readonly images: readonly ImageSummary[];
  /** What should be an image and cannot be used. */
  readonly quarantined: readonly QuarantinedImage[];
  readonly unreachable: readonly string[];
}

export interface PublishOptions extends CallOptions, Publication {}

/** Who decides about an image, for which it has to be the domain's own or nobody's. Default domain `default`. */
export interface ImageChangeOptions extends CallOptions {
  readonly clientDomain?: string;
}

/** The image as it is now, once for every plant that has it. */
export interface ChangedImages {
  readonly images: readonly ImageSummary[];
  /** Plants that could not be asked: there it is as it was, if they have it. */
  readonly unreachable: readonly string[];
}

export interface LearningAnswer {
  /** One for every plant that answered. */
  readonly reports: readonly LearningSummary[];
  readonly unreachable: readonly string[];
}

export interface BidsAnswer {
  /** Cheapest first. */
  readonly bids: readonly Bid[];
  readonly refusals: readonly Refusal[];
}

/** A dry run: per plant what it would bid and how it would produce the VM, cheapest first. */
export interface PlanAnswer {
  readonly offers: readonly { readonly bid: Bid; readonly plan: Plan }[];
  readonly refusals: readonly Refusal[];
}

/**
 * A shop, for middleware (VMPlants paper, section 3.1: create, query, collect). Every call has a deadline and
 * rejects with a `VmplantsError`: its `code` is the gRPC status, `violations` name the fields of a wrong request,
 * `actionFailure` the action that made a creation fail, `hint` what to do. Several calls may run at once.
 */
export interface VmshopClient {
  /** Creates a VM and answers when it runs. `onEvent` hears what happens meanwhile. */
  create(
    request: VmRequest,
    options?: CreateOptions & { readonly onEvent?: (event: CreateEvent) => void },
  ): Promise<Vm>;
  /**
   * The same, as a stream that ends with the VM. Leaving the loop ends the waiting; the creation goes on, and a
   * create with the same request ID follows it again.
   */
  createEvents(request: VmRequest, options?: CreateOptions): AsyncGenerator<CreateEvent, void, undefined>;
  /** One VM. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer. */
  query(vmid: string, options?: AskOptions): Promise<Vm>;
  list(options?: AskOptions & { readonly clientDomain?: string }): Promise<VmListing>;
  /** Ends and removes a VM. `collected` is false when it was being collected already. NOT_FOUND once it is gone. */
  collect(
    vmid: string,
    options?: CallOptions,
  ): Promise<{ readonly vmid: string; readonly collected: boolean }>;
  /** A dry run; creates nothing. */
  plan(request: VmRequest, options?: CallOptions): Promise<PlanAnswer>;
  /** The bids; creates nothing. */
  bids(request: VmRequest, options?: CallOptions): Promise<BidsAnswer>;
  /**
   * Golden images of all plants; of one client domain, those that it may use.
   *
   *     const { images } = await shop.images({ clientDomain: 'lab.example.org' });
   *     const saved = images.reduce((sum, image) => sum + image.savedSeconds, 0);
   */
  images(options?: CallOptions & { readonly clientDomain?: string }): Promise<ImageListing>;
  /**
   * Makes a golden image of a VM, which goes on running, and answers with it. Names are unique on a plant:
   * ALREADY_EXISTS. By default from the VM's request, produced afresh:
   *
   *     await shop.publish(vm.vmid, 'ci-runner-2', { pinned: true });
   *
   * or of the VM as it is, with what was changed by hand; requests that want that name the key:
   *
   *     const { opaqueKey } = await shop.publish(vm.vmid, 'tuned', {
   *       live: { scrub: 'rm -rf /home/me/.ssh' },
   *       onEvent: (event) => console.error(event.kind),
   *     });
   *     await shop.create({ ...request, actions: [...request.actions, { name: 'tuning', opaque: opaqueKey }] });
   *
   * When the signal or the deadline ends the call, the publication ends too, and nothing of it is left.
   */
  publish(
    vmid: string,
    name: string,
    options?: PublishOptions & { readonly onEvent?: (event: PublishEvent) => void },
  ): Promise<PublishedImage>;
  /** The same, as a stream that ends with the image. Leaving the loop ends the publication. */
  publishEvents(
    vmid: string,
    name: string,
    options?: PublishOptions,
  ): AsyncGenerator<PublishEvent, void, undefined>;
  /**
   * Changes what is decided about an image, on every plant that has it; what is not named stays. Repeatable.
   * NOT_FOUND when no plant has one that the domain may decide about.
   *
   *     await shop.updateImage('tuned', { shared: 'disk', pinned: true }, { clientDomain: 'lab.example.org' });
   */
  updateImage(
    name: string,
    change: { readonly shared?: SharedWithDomains; readonly pinned?: boolean },
    options?: ImageChangeOptions,
  ): Promise<ChangedImages>;
  /**
   * What other client domains may use of an image. With `memory` they also resume its frozen memory, and then share
   * its pages with the owner's VMs.
   */
  shareImage(name: string, shared: SharedWithDomains, options?: ImageChangeOptions): Promise<ChangedImages>;
  /** Whether an image is kept from being evicted. */
  pinImage(name: string, pinned: boolean, options?: ImageChangeOptions): Promise<ChangedImages>;
  /**
   * What the plants have learned from their orders, and which images they would bake and evict now. Unless it is a
   * dry run they also set about it, in the background, as soon as they are idle.
   *
   *     const { reports } = await shop.learn({ dryRun: true });
   *     for (const { plant, bake } of reports) console.log(plant, bake.map(({ reason }) => reason));
   */
  learn(options?: CallOptions & { readonly dryRun?: boolean }): Promise<LearningAnswer>;
  /** The plants and brokers that the shop asks, reachable or not, with their load. */
  plants(options?: PlantsOptions): Promise<readonly PlantDescription[]>;
  /** Runs a script (for `sh`, as root, at most 8 KiB) in a VM. */
  exec(vmid: string, script: string, options?: ExecOptions): Promise<ExecResult>;
  /** The serial console: takes what is typed, yields what the VM writes. Default deadline one day. */
  console(
    vmid: string,
    input: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the connection. Calls that run are left to finish. */
  close(): void;
}
