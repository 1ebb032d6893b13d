import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { Order } from '../../../model/order.js';
import { bakeBase } from '../../../plant/bake/bakeBase.js';
import type { BakeParts } from '../../../plant/bake/bakeParts.js';
import { freshIdentity } from '../../../plant/configure/identity.js';
import type { VmRecord } from '../../../plant/info/record.js';
import type { FakeFailure } from '../../../plant/line/fake/failure.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import type { CloneSpec, LineCapabilities, ProductionLine } from '../../../plant/line/line.js';
import { createMachines, type LiveMachine } from '../../../plant/machines.js';
import { DEFAULT_DEADLINES } from '../../../plant/parts.js';
import type { PublicationRequest, PublishEvent, Published } from '../../../plant/publish/publication.js';
import { createPublisher, type Publisher } from '../../../plant/publish/publisher.js';
import type { PublisherParts } from '../../../plant/publish/publisherParts.js';
import { openWarehouse, type Warehouse } from '../../../warehouse/warehouse.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';
import { NEVER, type RememberingLog, rememberingLog } from '../produce/rig.js';

/** A publisher, and one running VM of the fake line, `vm-one`, in a directory of their own. */
export interface PublishRig {
  readonly publisher: Publisher;
  readonly warehouse: Warehouse;
  readonly live: LiveMachine;
  readonly log: RememberingLog;
  /** What the information system says of the VM; may be changed. */
  readonly setRecord: (change: (record: VmRecord) => VmRecord) => void;
  /** What the plant remembers of the VM's order. */
  readonly setOrder: (order: Order | undefined) => void;
  /** What goes wrong with machines that are made from now on. */
  readonly setFailure: (failure: FakeFailure | undefined) => void;
  readonly setCapabilities: (change: Partial<LineCapabilities>) => void;
  /** Names of published images but the base. */
  readonly published: () => Promise<readonly string[]>;
  /** Whatever lies about: of machines that bake, and of publications. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

export const VMID = 'vm-one';

/** @param otherLines of the plant, which the base serves, too */
export async function createPublishRig(otherLines: readonly ProductionLine[] = []): Promise<PublishRig> {
  const directory = await mkdtemp(join(tmpdir(), 'publish-'));
  const warehouseDirectory = join(directory, 'warehouse');
  const scratchRoot = join(directory, 'scratch');
  const log = rememberingLog();
  let failure: FakeFailure | undefined;
  let capabilities: Partial<LineCapabilities> = {};
  const fake = createFakeLine({ timeScale: 0.01, failAt: () => failure });
  const line: ProductionLine = {
    ...fake,
    get capabilities() {
      return { ...fake.capabilities, ...capabilities };
    },
  };
  const parts: BakeParts = {
    line,
    warehouseDirectory,
    scratchRoot,
    toolEnvironment: { PATH: process.env.PATH ?? '' },
    deadlines: { ...DEFAULT_DEADLINES, bootMilliseconds: 5_000 },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    random: (count) => randomBytes(count),
    log,
  };
  await mkdir(warehouseDirectory);
  const base = await makeBase(parts, join(directory, 'assembled'));
  const warehouse = await openWarehouse({ directory: warehouseDirectory, signal: NEVER, log });
  const machines = createMachines();
  const identity = freshIdentity('old-name', 1, new Set(), parts.random);
  const spec: CloneSpec = {
    vmid: VMID,
    directory: join(directory, 'vm'),
    image: base,
    rung: 'warm',
    vcpus: 1,
    memoryMiB: 256,
    network: 'host-only',
    macs: identity.macs,
    generationId: identity.generationId,
    purpose: 'vm',
  };
  await fake.clone(spec, NEVER);
  const machine = await fake.start(spec, NEVER);
  await machine.run(NEVER);
  const live = machines.add(machine, 'fake');
  let record: VmRecord = {
    vm: {
      vmid: VMID,
      state: 'running',
      plant: 'plant-1',
      clientDomain: 'lab',
      image: 'base',
      rung: 'warm',
      line: 'fake',
      createdAt: 0,
      classad: {},
      vcpus: 1,
      memoryMiB: 256,
      hostname: 'old-name',
      orderDigest: 'no-order',
    },
    directory: spec.directory,
    network: 0,
    macs: spec.macs,
    holds: true,
    history: { performed: [], perVm: [] },
  };
  let order: Order | undefined;
  const publisher = createPublisher({
    ...parts,
    lines: [line, ...otherLines],
    info: { get: (vmid) => (vmid === VMID ? record : undefined) },
    machines,
    warehouse: serving(warehouse, otherLines),
    orderOf: () => order,
  });
  return {
    publisher,
    warehouse,
    live,
    log,
    setRecord: (change) => {
      record = change(record);
    },
    setOrder: (next) => {
      order = next;
    },
    setFailure: (next) => {
      failure = next;
    },
    setCapabilities: (next) => {
      capabilities = next;
    },
    published: async () => {
      await warehouse.refresh();
      return warehouse
        .images()
        .flatMap(({ descriptor }) => (descriptor.name === 'base' ? [] : [descriptor.name]));
    },
    leftovers: async () => {
      const scratch = await readdir(scratchRoot).catch(() => []);
      const staging = (await readdir(warehouseDirectory)).filter((name) => name.startsWith('.'));
      return [...scratch, ...staging];
    },
    remove: async () => {
      await warehouse.close();
      failure = undefined;
      await fake.discard(spec.directory, undefined, NEVER);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The warehouse with images that serve these lines besides their own. */
function serving(warehouse: Warehouse, lines: readonly ProductionLine[]): PublisherParts['warehouse'] {
  const names = lines.map(({ name }) => name);
  const also = ({ descriptor, ...image }: LocatedImage): LocatedImage => ({
    ...image,
    descriptor: { ...descriptor, lines: [...descriptor.lines, ...names] },
  });
  return {
    images: () => warehouse.images().map(also),
    get: (name) =>
      warehouse
        .images()
        .map(also)
        .find(({ descriptor }) => descriptor.name === name),
    refresh: () => warehouse.refresh(),
  };
}

async function makeBase(parts: BakeParts, directory: string) {
  const assembled = await makeFakeImage(directory);
  const { descriptor } = assembled;
  return await bakeBase(
    parts,
    {
      name: 'base',
      assembled: {
        directory: assembled.directory,
        diskFile: descriptor.disk.file,
        diskMiB: descriptor.hardware.diskMiB,
        kernelFile: descriptor.boot.kernel,
        initrdFile: descriptor.boot.initrd,
        kernelCommandLine: 'quiet',
        guestKernel: descriptor.boot.guestKernel,
        operatingSystem: { name: 'fake', version: '1' },
      },
      hardware: { vcpus: 1, memoryMiB: 256 },
      network: 'host-only',
      images: [],
    },
    () => undefined,
    NEVER,
  );
}

/** A live publication of the VM under the name, with memory. */
export function livePublication(name: string, way: object = {}): PublicationRequest {
  return {
    vmid: VMID,
    name,
    way: { kind: 'live', memory: true, keep: [], ...way },
    shared: 'no',
    pinned: false,
  };
}

export function recipePublication(name: string, order?: Order): PublicationRequest {
  const way = { kind: 'recipe', ...(order === undefined ? {} : { order }) } as const;
  return { vmid: VMID, name, way, shared: 'disk', pinned: true };
}

/** Follows a publication to its end. */
export async function follow(
  events: AsyncGenerator<PublishEvent>,
  onEvent: (event: PublishEvent) => void = () => undefined,
): Promise<{ readonly published: Published; readonly phases: readonly string[] }> {
  const phases: string[] = [];
  let published: Published | undefined;
  for await (const event of events) {
    onEvent(event);
    if (event.kind === 'progress') phases.push(event.progress.phase);
    else published = event.published;
  }
  if (published === undefined) throw new Error('expected a published image at the end');
  return { published, phases };
}
