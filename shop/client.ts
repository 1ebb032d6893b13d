import { VmplantsError } from '../model/errors.js';
import { openChannel } from '../proto/channel.js';
import { contracts } from '../proto/load.js';
import { bidFromMessage } from '../proto/mapping/bid.js';
import { imageFromMessage, imagesFromMessages } from '../proto/mapping/image.js';
import { learningFromMessage } from '../proto/mapping/learning.js';
import { planFromMessage } from '../proto/mapping/plan.js';
import { plantDescriptionFromMessage } from '../proto/mapping/plantDescription.js';
import { refusalFromMessage } from '../proto/mapping/refusal.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import { consoleMessages } from './client/consoleMessages.js';
import { type CreateEvent, createEventFromMessage } from './client/createEvent.js';
import { execute } from './client/execute.js';
import { type PublishEvent, publishEventFromMessage, publishMessage } from './client/publication.js';
import { documentMessage, type VmRequest } from './client/requestMessage.js';
import type {
  CallOptions,
  CreateOptions,
  PublishOptions,
  VmshopClient,
  VmshopClientOptions,
} from './client/vmshopClient.js';

export { VmplantsError } from '../model/errors.js';
export type { ImageSummary, QuarantinedImage } from '../proto/mapping/image.js';
export type { LearningSummary } from '../proto/mapping/learning.js';
export type { PlantDescription } from '../proto/mapping/plantDescription.js';
export type { PublishedImage } from '../proto/mapping/published.js';
export type { Refusal } from '../proto/mapping/refusal.js';
export type { ExecResult } from './client/execute.js';
export type { LivePublication, Publication, PublishEvent } from './client/publication.js';
export { type DocumentFormat, RequestDocument, type VmRequest } from './client/requestMessage.js';
export type {
  AskOptions,
  BidsAnswer,
  CallOptions,
  ChangedImages,
  CreateOptions,
  ExecOptions,
  ImageChangeOptions,
  ImageListing,
  LearningAnswer,
  PlanAnswer,
  PublishOptions,
  VmListing,
  VmshopClient,
  VmshopClientOptions,
} from './client/vmshopClient.js';
export type { CreateEvent };

const ASK_MILLISECONDS = 30_000;
const WORK_MILLISECONDS = 600_000;
/** An image is made with the work of a whole request, a boot and a rehearsal. */
const PUBLISH_MILLISECONDS = 1_800_000;
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

  async function* publishEvents(
    vmid: string,
    name: string,
    publish: PublishOptions = {},
  ): AsyncGenerator<PublishEvent, void, undefined> {
    const message = publishMessage(vmid, name, publish);
    const deadline = withDeadline(publish, options.workTimeoutMilliseconds ?? PUBLISH_MILLISECONDS);
    for await (const answer of channel.serverStream(methods.Publish, message, deadline)) {
      const event = publishEventFromMessage(answer);
      if (event !== undefined) yield event;
    }
  }

  const updateImage: VmshopClient['updateImage'] = async (name, change, call) => {
    const message = { name, clientDomain: call?.clientDomain ?? '', ...change };
    const { images, unreachable } = await channel.unary(methods.UpdateImage, message, ask(call));
    return { images: images.map(imageFromMessage), unreachable };
  };

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
      const message = { vmid, maxAgeMilliseconds: call?.maxAgeMilliseconds ?? 0 };
      return vmFromMessage(await channel.unary(methods.Query, message, ask(call)));
    },
    async list(call) {
      const message = {
        clientDomain: call?.clientDomain ?? '',
        maxAgeMilliseconds: call?.maxAgeMilliseconds ?? 0,
      };
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
      const message = { clientDomain: call?.clientDomain ?? '' };
      const { images, unreachable } = await channel.unary(methods.Images, message, ask(call));
      return { ...imagesFromMessages(images), unreachable };
    },
    publishEvents,
    async publish(vmid, name, publish = {}) {
      for await (const event of publishEvents(vmid, name, publish)) {
        publish.onEvent?.(event);
        if (event.kind === 'published') return event.published;
      }
      throw new VmplantsError('DATA_LOSS', 'the shop ended the publication without naming an image');
    },
    updateImage,
    shareImage: (name, shared, call) => updateImage(name, { shared }, call),
    pinImage: (name, pinned, call) => updateImage(name, { pinned }, call),
    async learn(call) {
      const message = { dryRun: call?.dryRun ?? false };
      const { reports, unreachable } = await channel.unary(methods.Learn, message, ask(call));
      return { reports: reports.map(learningFromMessage), unreachable };
    },
    async plants(call) {
      const { plants, warning } = await channel.unary(methods.Plants, {}, ask(call));
      if (warning !== '') call?.onWarning?.(warning);
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
