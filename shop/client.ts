import type { ChannelCredentials } from '@grpc/grpc-js';
import type { Bid } from '../model/bid.js';
import { VmplantsError } from '../model/errors.js';
import type { Plan } from '../model/plan.js';
import type { Vm } from '../model/vm.js';
import { openChannel } from '../proto/channel.js';
import { contracts } from '../proto/load.js';
import { bidFromMessage } from '../proto/mapping/bid.js';
import { type ImageSummary, imageFromMessage } from '../proto/mapping/image.js';
import { planFromMessage } from '../proto/mapping/plan.js';
import { type PlantDescription, plantDescriptionFromMessage } from '../proto/mapping/plantDescription.js';
import { type Refusal, refusalFromMessage } from '../proto/mapping/refusal.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import { consoleMessages } from './client/consoleMessages.js';
import { type CreateEvent, createEventFromMessage } from './client/createEvent.js';
import { type ExecResult, execute } from './client/execute.js';
import { documentMessage, type VmRequest } from './client/requestMessage.js';

export { VmplantsError } from '../model/errors.js';
export { type DocumentFormat, RequestDocument, type VmRequest } from './client/requestMessage.js';
export type { CreateEvent, ExecResult, ImageSummary, PlantDescription, Refusal };

/** Where the shop is and how long its answers may take. */
export interface VmshopClientOptions {
  /** `host:port`, `[IPv6 address]:port` or `unix:PATH`. */
  readonly address: string;
  /** TLS; default none, plain text. */
  readonly credentials?: ChannelCredentials;
  /** Deadline of calls that only ask, unless the call says otherwise. Default 30 s. */
  readonly timeoutMilliseconds?: number;
  /** Deadline of `create` and `collect`. Default 10 minutes. */
  readonly workTimeoutMilliseconds?: number;
}

/** For every call: its own deadline, and a signal that ends the waiting (never what the shop does meanwhile). */
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
  query(vmid: string, options?: CallOptions): Promise<Vm>;
  list(options?: CallOptions & { readonly clientDomain?: string }): Promise<VmListing>;
  /** Ends and removes a VM. `collected` is false when it was being collected already. NOT_FOUND once it is gone. */
  collect(
    vmid: string,
    options?: CallOptions,
  ): Promise<{ readonly vmid: string; readonly collected: boolean }>;
  /** A dry run; creates nothing. */
  plan(request: VmRequest, options?: CallOptions): Promise<PlanAnswer>;
  /** The bids; creates nothing. */
  bids(request: VmRequest, options?: CallOptions): Promise<BidsAnswer>;
  images(options?: CallOptions): Promise<ImageListing>;
  plants(options?: CallOptions): Promise<readonly PlantDescription[]>;
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

const ASK_MILLISECONDS = 30_000;
const WORK_MILLISECONDS = 600_000;
const EXEC_SECONDS = 60;
/** The guest ends a command at its time limit; the call waits this much longer for the news. */
const EXEC_MARGIN_MILLISECONDS = 15_000;
const CONSOLE_MILLISECONDS = 24 * 3_600_000;

/**
 * A client of the shop at the address; the connection is made by the first call.
 *
 *     const shop = connectVmshop({ address: '127.0.0.1:7070' });
 *     try {
 *       const vm = await shop.create(
 *         { operatingSystem: { name: 'micro' }, actions: [{ name: 'hello', script: 'echo hello' }] },
 *         { requestId: 'job-4711', onEvent: (event) => console.error(event.kind) },
 *       );
 *       console.log(vm.vmid, vm.classad);
 *       await shop.collect(vm.vmid);
 *     } finally {
 *       shop.close();
 *     }
 *
 * @throws VmplantsError INVALID_ARGUMENT when the address is none
 */
export function connectVmshop(options: VmshopClientOptions): VmshopClient {
  const channel = openChannel({
    address: options.address,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  const methods = contracts().shop;
  const ask = (call: CallOptions | undefined) =>
    withDeadline(call, options.timeoutMilliseconds ?? ASK_MILLISECONDS);
  const work = (call: CallOptions | undefined) =>
    withDeadline(call, options.workTimeoutMilliseconds ?? WORK_MILLISECONDS);

  async function* createEvents(
    request: VmRequest,
    create: CreateOptions = {},
  ): AsyncGenerator<CreateEvent, void, undefined> {
    const message = {
      document: documentMessage(request),
      requestId: create.requestId ?? '',
      keepFailed: create.keepFailed ?? false,
      firstUse: create.firstUse ?? false,
    };
    for await (const answer of channel.serverStream(methods.Create, message, work(create))) {
      const event = createEventFromMessage(answer);
      if (event !== undefined) yield event;
    }
  }

  return {
    createEvents,
    async create(request, create = {}) {
      for await (const event of createEvents(request, create)) {
        create.onEvent?.(event);
        if (event.kind === 'vm') return event.vm;
      }
      throw new VmplantsError('DATA_LOSS', 'the shop ended the creation without naming a VM');
    },
    async query(vmid, call) {
      return vmFromMessage(await channel.unary(methods.Query, { vmid }, ask(call)));
    },
    async list(call) {
      const message = { clientDomain: call?.clientDomain ?? '' };
      const { vms, unreachable } = await channel.unary(methods.List, message, ask(call));
      return { vms: vms.map(vmFromMessage), unreachable };
    },
    async collect(vmid, call) {
      const { vmid: gone, collected } = await channel.unary(methods.Collect, { vmid }, work(call));
      return { vmid: gone, collected };
    },
    async plan(request, call) {
      const message = { document: documentMessage(request) };
      const { plans, bids, refusals } = await channel.unary(methods.Plan, message, ask(call));
      if (plans.length !== bids.length) {
        throw new VmplantsError('DATA_LOSS', `the shop sent ${plans.length} plans with ${bids.length} bids`);
      }
      return {
        offers: bids.flatMap((bid, index) => {
          const plan = plans[index];
          return plan === undefined ? [] : { bid: bidFromMessage(bid), plan: planFromMessage(plan).plan };
        }),
        refusals: refusals.map(refusalFromMessage),
      };
    },
    async bids(request, call) {
      const message = { document: documentMessage(request) };
      const { bids, refusals } = await channel.unary(methods.Bids, message, ask(call));
      return { bids: bids.map(bidFromMessage), refusals: refusals.map(refusalFromMessage) };
    },
    async images(call) {
      const { images, unreachable } = await channel.unary(methods.Images, {}, ask(call));
      return { images: images.map(imageFromMessage), unreachable };
    },
    async plants(call) {
      const { plants } = await channel.unary(methods.Plants, {}, ask(call));
      return plants.map(plantDescriptionFromMessage);
    },
    exec(vmid, script, call = {}) {
      const seconds = call.commandTimeoutSeconds ?? EXEC_SECONDS;
      const events = channel.serverStream(
        methods.Exec,
        { vmid, script, timeoutSeconds: seconds },
        withDeadline(call, seconds * 1000 + EXEC_MARGIN_MILLISECONDS),
      );
      return execute(events, call.onOutput);
    },
    async *console(vmid, input, call) {
      const messages = consoleMessages(vmid, input);
      for await (const { data } of channel.bidi(
        methods.Console,
        messages,
        withDeadline(call, CONSOLE_MILLISECONDS),
      )) {
        yield data;
      }
    },
    close: () => channel.close(),
  };
}

function withDeadline(
  call: CallOptions | undefined,
  fallbackMilliseconds: number,
): { readonly timeoutMilliseconds: number; readonly signal?: AbortSignal } {
  return {
    timeoutMilliseconds: call?.timeoutMilliseconds ?? fallbackMilliseconds,
    ...(call?.signal === undefined ? {} : { signal: call.signal }),
  };
}
