import type { Action } from '../../model/action.js';
import { sha256 } from '../../model/canonical.js';
import { createDag } from '../../model/dag.js';
import type { GoldenImage, MemoryState } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import { decideLearning } from '../../plant/learn/decide/decideLearning.js';
import type {
  BakeProposal,
  KnownImage,
  LearningInput,
  ShapeUses,
} from '../../plant/learn/decide/learning.js';
import { proposedKeys } from '../../plant/learn/proposedOrder.js';
import { shapeOf } from '../../plant/learn/shapeOf.js';
import { choose } from '../../plant/planner/choose.js';
import { createIndex, type ImageIndex } from '../../plant/planner/imageIndex.js';
import type { CacheRoom } from './peerCaches.js';
import { type Arrival, wholeSeconds } from './trace.js';

const START = Date.UTC(2026, 0, 1);
const HARDWARE = { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 1024 } as const;
const LINE: LineEnvironment = {
  line: 'bench',
  accelerator: 'none',
  cpuModel: 'none',
  vmm: 'none',
  resumes: true,
};
const MEMORY: MemoryState = {
  file: 'memory',
  deviceStateFile: 'state',
  memoryMiB: HARDWARE.memoryMiB,
  vcpus: HARDWARE.vcpus,
  cpuModel: LINE.cpuModel,
  accelerator: LINE.accelerator,
  vmm: LINE.vmm,
  guestKernel: '6.1.0',
  network: 'none',
};

/** Seconds of a bake besides its actions: clone, resume, quiesce, freeze, publish. */
const BAKE_SECONDS = 5;

/**
 * Replays a trace on what decides in a plant: its planner chooses the image of every order, and `decideLearning` what
 * to bake and evict, on a clock of its own. Machines are not made. In the gaps between orders images are baked, which
 * takes as long as their actions; what is not finished when the next order comes is lost. Images are evicted when
 * what is to be baked needs their room.
 *
 * The plant decides anew after every order; here, to be done in a minute, when there is a fiftieth more to learn from.
 *
 * @returns mean seconds of work that the images did not bring
 */
export function replayLearning(trace: readonly Arrival[], room: CacheRoom): number {
  const learner = createVirtualLearner(room);
  let residual = 0;
  for (const arrival of trace) {
    learner.pass(arrival.gapSeconds);
    residual += learner.serve(arrival);
  }
  return residual / trace.length;
}

interface VirtualLearner {
  /** Time without an order. */
  readonly pass: (seconds: number) => void;
  readonly serve: (arrival: Arrival) => number;
}

function createVirtualLearner(room: CacheRoom): VirtualLearner {
  const base: KnownImage = { image: imageOf('base', [], START), bytes: 0, protectedBy: [] };
  const uses = new Map<string, ShapeUses>();
  const seconds = new Map<string, number>();
  const bytes = new Map<string, number>();
  let images: readonly KnownImage[] = [base];
  let index: ImageIndex = createIndex([base.image]);
  let now = START;
  let orders = 0;
  let decidedAt = 0;
  let made = 0;
  let toBake: readonly BakeProposal[] = [];
  let toEvict: readonly string[] = [];

  const sizeOf: LearningInput['estimateBytes'] = (_profile, keys) =>
    keys.reduce((sum, key) => sum + (bytes.get(key) ?? 0), room.memoryBytes);
  const learned = (): readonly KnownImage[] => images.filter(({ image }) => image.origin === 'learned');
  const replace = (next: readonly KnownImage[]): void => {
    images = next;
    index = createIndex(images.map(({ image }) => image));
  };

  function decide(): void {
    if (orders === 0 || orders < decidedAt * 1.02) return;
    decidedAt = orders + 1;
    const decision = decideLearning({
      now,
      history: [...uses.values()],
      images,
      seconds,
      budget: { bytes: room.bytes, images: Number.MAX_SAFE_INTEGER },
      lines: [LINE],
      estimateBytes: sizeOf,
    });
    toBake = decision.bake;
    toEvict = decision.evict.map(({ image }) => image);
  }

  function makeRoom(needed: number): void {
    const used = (): number => learned().reduce((sum, known) => sum + known.bytes, 0);
    while (used() + needed > room.bytes) {
      const [victim, ...rest] = toEvict;
      if (victim === undefined) throw new Error('the decision does not keep its budget');
      toEvict = rest;
      replace(images.filter(({ image }) => image.name !== victim));
    }
  }

  return {
    pass: (gapSeconds) => {
      decide();
      const end = now + gapSeconds * 1000;
      for (let [proposal] = toBake; proposal !== undefined; [proposal] = toBake) {
        const keys = proposedKeys(proposal);
        const work = keys.reduce((sum, key) => sum + (seconds.get(key) ?? 0), BAKE_SECONDS);
        if (now + work * 1000 > end) break;
        now += work * 1000;
        const size = sizeOf(proposal.shape.profile, keys);
        makeRoom(size);
        made += 1;
        const image = imageOf(`learned-${made}`, keys, now, seconds);
        replace([...images, { image, bytes: size, protectedBy: [] }]);
        toBake = toBake.slice(1);
      }
      now = end;
    },
    serve: (arrival) => {
      const order = orderOf(arrival);
      const choice = choose(index, { order, now, lines: [LINE] });
      const residual = wholeSeconds(arrival.recipe) - (choice?.savedSeconds ?? 0);
      for (const { name, ...action } of arrival.recipe.actions) {
        seconds.set(keyOf(name), action.seconds);
        bytes.set(keyOf(name), action.bytes);
      }
      now += residual * 1000;
      const { shape } = shapeOf(order);
      const known = uses.get(shape.digest);
      uses.set(shape.digest, { shape: known?.shape ?? shape, times: [...(known?.times ?? []), now] });
      orders += 1;
      return residual;
    },
  };
}

const KEYS = new Map<string, string>();

function keyOf(name: string): string {
  const known = KEYS.get(name) ?? sha256(name);
  KEYS.set(name, known);
  return known;
}

function orderOf({ recipe, written }: Arrival): Order {
  const actions = written.flatMap((place): readonly Action[] => {
    const action = recipe.actions[place];
    if (action === undefined) return [];
    return [
      {
        kind: 'guest',
        name: action.name,
        key: keyOf(action.name),
        identity: false,
        onError: { retries: 0, then: { kind: 'abort' } },
        script: 'true\n',
        files: [],
        parameters: [],
        environment: [],
        timeoutSeconds: 300,
      },
    ];
  });
  const after = new Map(
    recipe.actions.map(({ name }, place) => [
      name,
      (recipe.after[place] ?? []).flatMap((before) => recipe.actions[before]?.name ?? []),
    ]),
  );
  const made = createDag(actions, after);
  if (made.kind !== 'dag') throw new Error('an order of the trace is no DAG');
  return {
    hardware: HARDWARE,
    operatingSystem: { name: 'debian' },
    network: { kind: 'none' },
    dag: made.dag,
    identity: new Map(),
    clientDomain: 'bench',
    digest: '',
  };
}

function imageOf(
  name: string,
  keys: readonly string[],
  now: number,
  seconds: ReadonlyMap<string, number> = new Map(),
): GoldenImage {
  const at = new Date(now).toISOString();
  return {
    format: 'vmplants-golden-image/1',
    name,
    created: at,
    operatingSystem: { name: 'debian', version: '12' },
    hardware: { ...HARDWARE, diskMiB: 2048 },
    performed: keys.map((key) => ({ key, name: key, seconds: seconds.get(key) ?? 0, performedAt: at })),
    lines: [LINE.line],
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    memory: MEMORY,
    boot: { kernel: 'vmlinuz', initrd: 'initrd', commandLine: '', guestKernel: MEMORY.guestKernel },
    devices: [],
    bootSeconds: 15,
    files: [],
    ...(keys.length === 0 ? {} : { origin: 'learned', owner: 'bench' }),
  };
}
