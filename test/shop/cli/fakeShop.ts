import type { Bid } from '../../../model/bid.js';
import { VmplantsError } from '../../../model/errors.js';
import type { Plan } from '../../../model/plan.js';
import type { Vm } from '../../../model/vm.js';
import type { ConsoleInput__Output } from '../../../proto/gen/vmplants/v1/ConsoleInput.js';
import type { CreateEvent } from '../../../proto/gen/vmplants/v1/CreateEvent.js';
import type { CreateRequest__Output } from '../../../proto/gen/vmplants/v1/CreateRequest.js';
import type { ExecEvent } from '../../../proto/gen/vmplants/v1/ExecEvent.js';
import type { ExecRequest__Output } from '../../../proto/gen/vmplants/v1/ExecRequest.js';
import type { Image } from '../../../proto/gen/vmplants/v1/Image.js';
import type { LearnRequest__Output } from '../../../proto/gen/vmplants/v1/LearnRequest.js';
import type { LearnResponse } from '../../../proto/gen/vmplants/v1/LearnResponse.js';
import type { PlanResponse } from '../../../proto/gen/vmplants/v1/PlanResponse.js';
import type { PublishEvent } from '../../../proto/gen/vmplants/v1/PublishEvent.js';
import type { PublishRequest__Output } from '../../../proto/gen/vmplants/v1/PublishRequest.js';
import type { UpdateImageRequest__Output } from '../../../proto/gen/vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse } from '../../../proto/gen/vmplants/v1/UpdateImageResponse.js';
import type { VMShopHandlers } from '../../../proto/gen/vmplants/v1/VMShop.js';
import { bidi, serverStream, unary } from '../../../proto/handler.js';
import { bidToMessage } from '../../../proto/mapping/bid.js';
import { planToMessage } from '../../../proto/mapping/plan.js';
import { vmToMessage } from '../../../proto/mapping/vm.js';
import { type RunningServer, serve, shopService } from '../../../proto/serve.js';
import { NOW } from '../../cli/fakeTerminal.js';

export const VMID = 'vm-abcdefghijklmnopqrstuvwxyz';

export const VM: Vm = {
  vmid: VMID,
  state: 'running',
  plant: 'north',
  clientDomain: 'example.org',
  image: 'debian-12-workspace',
  rung: 'warm',
  line: 'fake',
  createdAt: NOW - 90_000,
  classad: { VMID, Hostname: 'ws1', MemoryMiB: 512, Motd: 'hi\u001b[31m "there"' },
  vcpus: 1,
  memoryMiB: 512,
  hostname: 'ws1',
  orderDigest: 'd'.repeat(64),
};

export const BID: Bid = {
  plant: 'north',
  orderDigest: VM.orderDigest,
  cost: 12,
  components: [{ name: 'compute', cost: 12, basis: '4 x 3 VMs' }],
  image: VM.image,
  rung: 'warm',
  prepared: false,
  residualSeconds: 2,
  holdsForMilliseconds: 10_000,
};

export const PLAN: Plan = {
  orderDigest: VM.orderDigest,
  image: VM.image,
  rung: 'warm',
  line: 'qemu',
  prepared: false,
  performed: [{ name: 'install', key: '1'.repeat(64) }],
  stages: [
    { kind: 'guest', actions: [{ name: 'user', key: '2'.repeat(64) }] },
    { kind: 'host', action: { name: 'data', key: '3'.repeat(64) } },
    { kind: 'guest', actions: [{ name: 'mount', key: '4'.repeat(64) }] },
  ],
  residualSeconds: 2,
  savedSeconds: 41.2,
  rejected: [
    { image: 'debian-12', test: 'saves-less', reason: 'saves 0.0 s, debian-12-workspace 41.2 s' },
    { image: 'other', test: 'subset', action: 'mysql', reason: 'the order has no action mysql' },
  ],
  warnings: ['action mount cannot be cached because it follows identity action user'],
};

export const IMAGE: Image = {
  plant: 'north',
  name: 'micro',
  operatingSystem: 'micro',
  version: '1',
  memoryMib: 128,
  vcpus: 1,
  diskMib: 64,
  warm: true,
  performed: [{ name: 'install', key: '1'.repeat(64) }],
  bytes: String(140 * 1024 * 1024),
  createdAt: String(NOW - 7_200_000),
  lines: ['qemu'],
  origin: 'installed',
  shared: 'memory',
};

/** What the scripted shop does where it is not always the same. */
export interface ShopScript {
  readonly create?: (request: CreateRequest__Output, signal: AbortSignal) => AsyncIterable<CreateEvent>;
  readonly exec?: (request: ExecRequest__Output) => AsyncIterable<ExecEvent>;
  readonly console?: (input: AsyncIterable<ConsoleInput__Output>) => AsyncIterable<{ readonly data: Buffer }>;
  readonly plan?: () => Promise<PlanResponse>;
  readonly list?: () => Promise<never>;
  /** Instead of the one image; gets the domain that was asked for. */
  readonly images?: (clientDomain: string) => readonly Image[];
  readonly publish?: (request: PublishRequest__Output, signal: AbortSignal) => AsyncIterable<PublishEvent>;
  readonly updateImage?: (request: UpdateImageRequest__Output) => Promise<UpdateImageResponse>;
  readonly learn?: (request: LearnRequest__Output) => Promise<LearnResponse>;
  /** Addresses of plants that do not answer, besides the one that does. */
  readonly unreachable?: readonly string[];
}

export interface FakeShop {
  readonly address: string;
  readonly requests: readonly CreateRequest__Output[];
  readonly collected: readonly string[];
  readonly stop: () => Promise<void>;
}

const quietLogger = { debug() {}, info() {}, warn() {}, error() {} };

export const REFUSAL = {
  plant: 'south',
  code: 'FAILED_PRECONDITION',
  reason: 'no golden image matches',
  rejected: [{ image: 'micro', test: 'operating-system', action: '', reason: 'is micro, not debian' }],
};

/** A real gRPC server that answers as the script says. */
export async function startFakeShop(script: ShopScript = {}): Promise<FakeShop> {
  const requests: CreateRequest__Output[] = [];
  const collected: string[] = [];
  const existing = (vmid: string): void => {
    if (vmid === VMID) return;
    throw new VmplantsError('NOT_FOUND', `no VM ${vmid}`, { reason: 'NO_SUCH_VM' });
  };
  const handlers: VMShopHandlers = {
    Create: serverStream((request, { signal }) => {
      requests.push(request);
      return (script.create ?? createdAtOnce)(request, signal);
    }, quietLogger),
    Query: unary(async ({ vmid, maxAgeMilliseconds }) => {
      existing(vmid);
      return vmToMessage(aged(maxAgeMilliseconds));
    }, quietLogger),
    List: unary(
      async ({ maxAgeMilliseconds }) =>
        script.list?.() ?? { vms: [vmToMessage(aged(maxAgeMilliseconds))], unreachable: ['south'] },
      quietLogger,
    ),
    Collect: unary(async ({ vmid }) => {
      existing(vmid);
      collected.push(vmid);
      return { vmid, collected: true };
    }, quietLogger),
    Plan: unary(
      async () =>
        script.plan?.() ?? {
          plans: [planToMessage(PLAN, 'north')],
          bids: [bidToMessage(BID)],
          refusals: [REFUSAL],
        },
      quietLogger,
    ),
    Bids: unary(async () => ({ bids: [bidToMessage(BID)], refusals: [REFUSAL] }), quietLogger),
    Images: unary(
      async ({ clientDomain }) => ({
        images: [...(script.images?.(clientDomain) ?? [IMAGE])],
        unreachable: [],
      }),
      quietLogger,
    ),
    Plants: unary(
      async () => ({
        plants: [
          {
            name: 'north',
            address: '127.0.0.1:7071',
            vms: 3,
            maxVms: 32,
            usedMemoryMib: 1536,
            totalMemoryMib: 16_384,
            prepared: 2,
            preparedMemoryMib: 256,
            networksInUse: 1,
            networks: 4,
            images: 2,
            lines: [{ name: 'qemu', accelerator: 'tcg', vmm: 'QEMU 7.2.22', cpuModel: 'max' }],
            version: '0.1.0',
            error: '',
          },
          ...(script.unreachable ?? []).map((address) => ({
            address,
            error: 'UNAVAILABLE: nothing answers',
          })),
        ],
      }),
      quietLogger,
    ),
    Exec: serverStream((request) => (script.exec ?? silentExec)(request), quietLogger),
    Console: bidi((input) => (script.console ?? echo)(input), quietLogger),
    Publish: serverStream(
      (request, { signal }) => (script.publish ?? publishedAtOnce)(request, signal),
      quietLogger,
    ),
    UpdateImage: unary(
      async (request) => script.updateImage?.(request) ?? { images: [IMAGE], unreachable: [] },
      quietLogger,
    ),
    Learn: unary(async (request) => script.learn?.(request) ?? { reports: [], unreachable: [] }, quietLogger),
  };
  const server: RunningServer = await serve({
    address: '127.0.0.1:0',
    services: [shopService(handlers)],
    logger: quietLogger,
  });
  return { address: server.address, requests, collected, stop: () => server.stop(1000) };
}

/** As old as the client is content with. */
function aged(ageMilliseconds: number): Vm {
  return ageMilliseconds === 0
    ? VM
    : { ...VM, ageMilliseconds, classad: { ...VM.classad, CachedSeconds: ageMilliseconds / 1000 } };
}

async function* createdAtOnce(): AsyncGenerator<CreateEvent> {
  yield { accepted: { vmid: VMID } };
  yield { auction: { bids: [bidToMessage(BID)], refusals: [REFUSAL], winner: 'north' } };
  yield { plan: planToMessage(PLAN, 'north') };
  yield { progress: { phase: 'clone', action: '', message: 'copy-on-write', seconds: 0.04 } };
  yield { vm: vmToMessage(VM) };
}

async function* publishedAtOnce({ name }: PublishRequest__Output): AsyncGenerator<PublishEvent> {
  yield { progress: { phase: 'freeze', action: '', message: 'froze it', seconds: 1.2 } };
  yield { published: { image: { ...IMAGE, name, origin: 'recipe' }, leftOut: ['user', 'mount'] } };
}

async function* silentExec(): AsyncGenerator<ExecEvent> {
  yield { ended: { status: 0, truncated: false } };
}

async function* echo(input: AsyncIterable<ConsoleInput__Output>): AsyncGenerator<{ readonly data: Buffer }> {
  for await (const { data, vmid } of input) {
    yield { data: vmid === '' ? data : Buffer.from(`${vmid} login: `) };
  }
}
