import { VmplantsError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';
import type { Bid } from '../../proto/gen/vmplants/v1/Bid.js';
import type { VMPlantHandlers } from '../../proto/gen/vmplants/v1/VMPlant.js';
import { bidi, serverStream, unary } from '../../proto/handler.js';
import type { Logger } from '../../proto/logger.js';
import { orderFromMachineRequest } from '../../proto/mapping/machineRequest.js';
import { vmToMessage } from '../../proto/mapping/vm.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { plantHandlers } from '../proto/plantHandlers.js';
import { recordingLogger } from '../proto/recordingLogger.js';

/** A plant without machines: it answers as the contract says, at a price that the test gives. */
export interface ScriptedPlant {
  readonly name: string;
  readonly address: string;
  /** Names of the calls that came, in order. */
  readonly calls: readonly string[];
  readonly vms: ReadonlyMap<string, Vm>;
  /** Stops answering at once; its VMs stay in `vms`. */
  stop(): Promise<void>;
  /** As `stop`, but lets the calls that run be answered. */
  drain(): Promise<void>;
}

export interface PlantScript {
  readonly name: string;
  readonly cost?: number;
  /** Changes the bid before it is sent. */
  readonly bid?: (bid: Bid) => Bid;
  /** How many VMs it takes; it bids even when it is full, like one that lost its last slot meanwhile. */
  readonly capacity?: number;
  /** Waited for before a production ends. */
  readonly finish?: Promise<unknown>;
  /** The port of a plant that ran before. */
  readonly port?: number;
  readonly vms?: ReadonlyMap<string, Vm>;
  readonly handlers?: (logger: Logger) => Partial<VMPlantHandlers>;
}

export async function startPlant(script: PlantScript): Promise<ScriptedPlant> {
  const logger = recordingLogger();
  const calls: string[] = [];
  const vms = new Map(script.vms);
  const service = plantService(
    recording(
      plantHandlers({ ...answers(script, vms, logger), ...script.handlers?.(logger) }, logger),
      calls,
    ),
  );
  const server: RunningServer = await serve({
    address: `127.0.0.1:${script.port ?? 0}`,
    services: [service],
    logger,
  });
  return {
    name: script.name,
    address: server.address,
    calls,
    vms,
    stop: () => server.stop(0),
    drain: () => server.stop(10_000),
  };
}

function recording(handlers: VMPlantHandlers, calls: string[]): VMPlantHandlers {
  const recorded = Object.entries(handlers).map(([name, handler]) => [
    name,
    (...given: readonly unknown[]): unknown => {
      calls.push(name);
      return Reflect.apply(handler, undefined, given);
    },
  ]);
  return Object.fromEntries(recorded) as VMPlantHandlers;
}

function answers(script: PlantScript, vms: Map<string, Vm>, logger: Logger): Partial<VMPlantHandlers> {
  const { name } = script;
  const held = (vmid: string): Vm => {
    const vm = vms.get(vmid);
    if (vm === undefined) throw new VmplantsError('NOT_FOUND', `${name} has no ${vmid}`);
    return vm;
  };
  return {
    Describe: unary(
      async () => ({ name, vms: vms.size, maxVms: script.capacity ?? 8, version: 'test' }),
      logger,
    ),
    Images: unary(
      async ({ clientDomain }) => ({ images: [{ plant: name, name: `${name}-image`, owner: clientDomain }] }),
      logger,
    ),
    Publish: serverStream(async function* ({ vmid, name: image, way, recipe }) {
      held(vmid);
      yield { progress: { phase: 'freeze', message: 'frozen', seconds: 0.1 } };
      const leftOut = recipe?.machine?.actions.map((action) => action.name) ?? [];
      yield { published: { image: { plant: name, name: image, origin: way ?? 'none' }, leftOut } };
    }, logger),
    UpdateImage: unary(async ({ name: image, clientDomain, shared, pinned }) => {
      if (image !== `${name}-image` && image !== 'everywhere') {
        throw new VmplantsError('NOT_FOUND', `${name} has no image ${image}`);
      }
      if (clientDomain === 'not.mine') {
        throw new VmplantsError('FAILED_PRECONDITION', 'has no owner', { reason: 'NO_OWNER' });
      }
      const now = { plant: name, name: image, owner: clientDomain };
      return { images: [{ ...now, shared: shared ?? 'unchanged', pinned: pinned ?? false }] };
    }, logger),
    Learn: unary(async ({ dryRun }) => ({ reports: [{ plant: name, enabled: dryRun }] }), logger),
    Bid: unary(async ({ machine, explain }) => {
      const order = orderFromMachineRequest(machine);
      const bid: Bid = {
        plant: name,
        orderDigest: order.digest,
        cost: script.cost ?? 10,
        components: [{ name: 'compute', cost: script.cost ?? 10, basis: 'a script' }],
        image: 'debian-12',
        rung: 'warm',
        residualSeconds: 1,
        holdsForMilliseconds: 60_000,
      };
      return {
        bid: script.bid?.(bid) ?? bid,
        ...(explain
          ? { plan: { plant: name, orderDigest: order.digest, image: 'debian-12', rung: 'warm' } }
          : {}),
      };
    }, logger),
    Reserve: unary(async ({ vmid, holdMilliseconds }) => {
      if (!vms.has(vmid) && vms.size >= (script.capacity ?? 8)) {
        throw new VmplantsError('RESOURCE_EXHAUSTED', `${name} is full`, { reason: 'NO_VM_SLOT' });
      }
      return { holdsForMilliseconds: holdMilliseconds };
    }, logger),
    Claim: unary(async ({ vmid }) => {
      const vm: Vm = { ...held(vmid), state: 'running' };
      vms.set(vmid, vm);
      return vmToMessage(vm);
    }, logger),
    Produce: serverStream(async function* ({ vmid, machine, orderDigest }) {
      const order = orderFromMachineRequest(machine);
      if (order.digest !== orderDigest) throw new VmplantsError('INVALID_ARGUMENT', 'another digest');
      const existing = vms.get(vmid);
      if (existing !== undefined && existing.orderDigest !== orderDigest) {
        throw new VmplantsError('ALREADY_EXISTS', `${vmid} was made for another order`);
      }
      if (existing === undefined && vms.size >= (script.capacity ?? 8)) {
        throw new VmplantsError('RESOURCE_EXHAUSTED', `${name} is full`, { reason: 'NO_VM_SLOT' });
      }
      const vm = existing ?? producing(vmid, name, order.digest, order.clientDomain, vms.size);
      vms.set(vmid, vm);
      yield { plan: { plant: name, orderDigest, image: 'debian-12', rung: 'warm' } };
      yield { progress: { phase: 'clone', message: 'cloned', seconds: 0.1 } };
      await script.finish;
      const done: Vm = { ...vm, state: 'running' };
      vms.set(vmid, done);
      yield { vm: vmToMessage(done) };
    }, logger),
    Query: unary(async ({ vmid }) => vmToMessage(held(vmid)), logger),
    List: unary(
      async ({ clientDomain }) => ({
        vms: [...vms.values()]
          .filter((vm) => clientDomain === '' || vm.clientDomain === clientDomain)
          .map(vmToMessage),
      }),
      logger,
    ),
    Collect: unary(async ({ vmid }) => {
      held(vmid);
      vms.delete(vmid);
      return { vmid, collected: true };
    }, logger),
    Exec: serverStream(async function* ({ vmid, script: command }) {
      held(vmid);
      yield { output: Buffer.from(`${name} ran ${command}`) };
      yield { ended: { status: 3, truncated: false } };
    }, logger),
    Console: bidi(async function* (requests) {
      for await (const { vmid, data } of requests) {
        if (vmid !== '') held(vmid);
        yield { data: Buffer.concat([Buffer.from(`${name}> `), data]) };
      }
    }, logger),
  };
}

function producing(vmid: string, plant: string, orderDigest: string, clientDomain: string, age: number): Vm {
  return {
    vmid,
    state: 'producing',
    plant,
    clientDomain,
    image: 'debian-12',
    rung: 'warm',
    line: 'fake',
    createdAt: 1_790_000_000_000 + age,
    classad: { VMID: vmid, Plant: plant },
    vcpus: 1,
    memoryMiB: 512,
    hostname: vmid,
    orderDigest,
  };
}
