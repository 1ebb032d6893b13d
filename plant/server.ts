import { invalidArgument, VmplantsError } from '../model/errors.js';
import type { ConsoleInput__Output } from '../proto/gen/vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput } from '../proto/gen/vmplants/v1/ConsoleOutput.js';
import type { ExecEvent } from '../proto/gen/vmplants/v1/ExecEvent.js';
import type { ExecRequest__Output } from '../proto/gen/vmplants/v1/ExecRequest.js';
import type { ProduceEvent as ProduceEventMessage } from '../proto/gen/vmplants/v1/ProduceEvent.js';
import type { ProduceRequest__Output } from '../proto/gen/vmplants/v1/ProduceRequest.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import type { WatchEvent as WatchEventMessage } from '../proto/gen/vmplants/v1/WatchEvent.js';
import { type BidiHandler, bidi, type ServerStreamHandler, serverStream, unary } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import { bidToMessage } from '../proto/mapping/bid.js';
import { type OrderMemory, orderFromMachineRequest } from '../proto/mapping/machineRequest.js';
import { planToMessage, rejectionToMessage } from '../proto/mapping/plan.js';
import { plantDescriptionToMessage } from '../proto/mapping/plantDescription.js';
import { progressToMessage } from '../proto/mapping/progress.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import { createImageHandlers } from './imageHandlers.js';
import { createPlaceHandlers } from './placeHandlers.js';
import type { Plant } from './plant.js';
import type { ProduceEvent } from './produce/productions.js';
import { createStatusHandlers } from './statusHandlers.js';
import type { WatchEvent } from './watch.js';

/** Names that shops give to VMs: they become the names of directories. */
const VMID = /^vm-[a-z2-7]{26}$/;

/** How long a VM may at most wait for its shop. */
const MAX_CLAIM_SECONDS = 3600;

export interface PlantHandlersOptions {
  readonly plant: Plant;
  readonly logger: Logger;
  /** Of this program. */
  readonly version: string;
  /** Orders of requests that are remembered (see `remembering`), so that they are judged once; absent: every time. */
  readonly orders?: OrderMemory;
}

/** The VMPlant service over a plant: messages in, messages out, nothing decided. For `plantService` of proto/serve. */
export function createPlantHandlers({
  plant,
  logger,
  version,
  orders,
}: PlantHandlersOptions): VMPlantHandlers {
  const produce: ServerStreamHandler<ProduceRequest__Output, ProduceEventMessage> = async function* (
    request,
    { signal },
  ) {
    if (!VMID.test(request.vmid)) {
      throw invalidArgument([{ field: 'vmid', description: 'expected `vm-` and 26 characters a-z, 2-7' }]);
    }
    const order = orderFromMachineRequest(request.machine);
    if (request.orderDigest !== '' && request.orderDigest !== order.digest) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        'the shop and the plant understand the request differently: their digests of the order differ',
        { reason: 'DIGEST_MISMATCH', hint: 'Run the same version of shop and plant.' },
      );
    }
    const { vmid, keepFailed, claimWithinSeconds } = request;
    if (claimWithinSeconds > MAX_CLAIM_SECONDS) {
      const description = `expected at most ${MAX_CLAIM_SECONDS}, found ${claimWithinSeconds}`;
      throw invalidArgument([{ field: 'claim_within_seconds', description }]);
    }
    const production = { vmid, order, keepFailed, claimWithinSeconds };
    for await (const event of plant.produce(production, signal)) {
      yield produceEventToMessage(event, plant.name);
    }
  };
  const exec: ServerStreamHandler<ExecRequest__Output, ExecEvent> = async function* (request, { signal }) {
    const { vmid, script, timeoutSeconds } = request;
    for await (const event of plant.exec(vmid, { script, timeoutSeconds }, signal)) {
      if (event.kind === 'output') yield { output: Buffer.from(event.data) };
      else yield { ended: { status: event.status, truncated: event.truncated } };
    }
  };
  const console: BidiHandler<ConsoleInput__Output, ConsoleOutput> = async function* (inputs, { signal }) {
    const input = inputs[Symbol.asyncIterator]();
    const first = await input.next();
    if (first.done === true) {
      throw invalidArgument([{ field: 'vmid', description: 'expected a first message that names the VM' }]);
    }
    const opened = await plant.console(first.value.vmid, signal);
    try {
      const typing = relay(first.value.data, input, opened.write);
      // A client that closed its side may go on reading; one that broke off is noticed by the signal.
      typing.catch((error: unknown) => logger.debug?.({ err: error }, 'the input of a console ended'));
      for await (const data of opened.output) yield { data: Buffer.from(data) };
    } finally {
      opened.close();
    }
  };
  return {
    Describe: unary(async () => {
      const { snapshot, reserved, quote, images, lines } = plant.describe();
      return plantDescriptionToMessage({
        name: plant.name,
        address: '',
        vms: snapshot.vms,
        maxVms: snapshot.maxVms,
        usedMemoryMiB: snapshot.usedMemoryMiB,
        totalMemoryMiB: snapshot.totalMemoryMiB,
        prepared: snapshot.prepared.count,
        preparedMemoryMiB: snapshot.prepared.memoryMiB,
        networksInUse: snapshot.networks.byDomain.size,
        networks: snapshot.networks.total,
        images,
        lines: lines.map(({ line, accelerator, vmm, cpuModel }) => ({
          name: line,
          accelerator,
          vmm,
          cpuModel,
        })),
        version,
        reserved,
        quote,
        error: '',
      });
    }, logger),
    Bid: unary(async (request) => {
      const order = orderFromMachineRequest(request.machine, 'machine', orders);
      if (!request.explain) return { bid: bidToMessage(plant.bid(order)) };
      const { bid, plan, rejected } = plant.explain(order);
      return {
        bid: bid === undefined ? null : bidToMessage(bid),
        plan: plan === undefined ? null : planToMessage(plan, plant.name),
        rejected: plan === undefined ? rejected.map(rejectionToMessage) : [],
      };
    }, logger),
    Produce: serverStream(produce, logger),
    Query: unary(async ({ vmid }) => vmToMessage(plant.query(vmid)), logger),
    List: unary(
      async ({ clientDomain }) => ({
        vms: plant.list(clientDomain === '' ? undefined : clientDomain).map(vmToMessage),
      }),
      logger,
    ),
    Collect: unary(({ vmid }, { signal }) => plant.collect(vmid, signal), logger),
    Watch: serverStream((_request, { signal }) => watchMessages(plant, signal), logger),
    Exec: serverStream(exec, logger),
    Console: bidi(console, logger),
    ...createImageHandlers(plant, logger),
    ...createPlaceHandlers(plant, logger),
    ...createStatusHandlers(plant, logger),
  };
}

async function* watchMessages(
  plant: Plant,
  signal: AbortSignal,
): AsyncGenerator<WatchEventMessage, void, undefined> {
  for await (const event of plant.watch(signal)) yield watchEventToMessage(event);
}

function watchEventToMessage(event: WatchEvent): WatchEventMessage {
  switch (event.kind) {
    case 'changed':
      return { changed: vmToMessage(event.vm) };
    case 'gone':
      return { gone: event.vmid };
    case 'listed':
      return { listed: true };
  }
}

function produceEventToMessage(event: ProduceEvent, plant: string): ProduceEventMessage {
  switch (event.kind) {
    case 'plan':
      return { plan: planToMessage(event.plan, plant) };
    case 'progress':
      return { progress: progressToMessage(event.progress) };
    case 'vm':
      return { vm: vmToMessage(event.vm) };
  }
}

async function relay(
  first: Uint8Array,
  input: AsyncIterator<ConsoleInput__Output>,
  write: (data: Uint8Array) => Promise<void>,
): Promise<void> {
  if (first.length > 0) await write(first);
  for (let next = await input.next(); next.done !== true; next = await input.next()) {
    await write(next.value.data);
  }
}
