import type { Action, HostOperation } from '../../../model/action.js';
import { createDag } from '../../../model/dag.js';
import type { GoldenImage, MemoryState, PerformedAction } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { Order } from '../../../model/order.js';

/** Orders and images made directly, without request validation, for tests of the planner. */

/** The time that tests plan at: 2026-01-02T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 2);

export interface ActionSketch {
  readonly name: string;
  /** The name unless given. */
  readonly key?: string;
  readonly after?: readonly string[];
  readonly identity?: boolean;
  readonly maxAgeSeconds?: number;
  readonly host?: HostOperation;
  readonly opaque?: boolean;
}

export type OrderSketch = Partial<Omit<Order, 'dag'>> & { readonly actions: readonly ActionSketch[] };

export function order(sketch: OrderSketch): Order {
  const { actions, ...rest } = sketch;
  const after = new Map(actions.map((action) => [action.name, action.after ?? []]));
  const made = createDag(actions.map(toAction), after);
  if (made.kind !== 'dag') throw new Error(`the sketch is no DAG: ${JSON.stringify(made.problem)}`);
  return {
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 1024 },
    operatingSystem: { name: 'debian' },
    network: { kind: 'host-only' },
    identity: new Map(),
    clientDomain: 'ufl',
    digest: 'd'.repeat(64),
    ...rest,
    dag: made.dag,
  };
}

function toAction(sketch: ActionSketch): Action {
  const common = {
    name: sketch.name,
    key: sketch.key ?? sketch.name,
    identity: sketch.identity ?? false,
    ...(sketch.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: sketch.maxAgeSeconds }),
    onError: { retries: 0, then: { kind: 'abort' } },
  } as const;
  if (sketch.opaque === true) return { ...common, kind: 'opaque' };
  return sketch.host === undefined
    ? {
        ...common,
        kind: 'guest',
        script: 'true\n',
        files: [],
        parameters: [],
        environment: [],
        timeoutSeconds: 300,
      }
    : { ...common, kind: 'host', operation: sketch.host };
}

export interface ImageSketch extends Partial<Omit<GoldenImage, 'performed' | 'memory'>> {
  readonly name: string;
  /** Keys, or entries; a key is an entry that took one second an hour ago. */
  readonly performed?: readonly (string | Partial<PerformedAction>)[];
  /** Null: it can only be booted. */
  readonly memory?: Partial<MemoryState> | null;
}

export const LINE: LineEnvironment = {
  line: 'qemu',
  accelerator: 'tcg',
  cpuModel: 'qemu64',
  vmm: 'QEMU 7.2.22',
  resumes: true,
};

export function image(sketch: ImageSketch): GoldenImage {
  const { performed, memory, ...rest } = sketch;
  return {
    format: 'vmplants-golden-image/1',
    created: '2026-01-01T00:00:00Z',
    operatingSystem: { name: 'debian', version: '12' },
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 2048 },
    lines: ['qemu'],
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    boot: { kernel: 'vmlinuz', initrd: 'initrd.img', commandLine: '', guestKernel: '6.1.0' },
    devices: [],
    bootSeconds: 10,
    files: [],
    ...rest,
    performed: (performed ?? []).map((entry) => {
      const given = typeof entry === 'string' ? { key: entry } : entry;
      const key = given.key ?? '';
      return { key, name: key, seconds: 1, performedAt: new Date(NOW - 3_600_000).toISOString(), ...given };
    }),
    ...(memory === null
      ? {}
      : {
          memory: {
            file: 'memory',
            deviceStateFile: 'state',
            memoryMiB: 256,
            vcpus: 1,
            cpuModel: LINE.cpuModel,
            accelerator: LINE.accelerator,
            vmm: LINE.vmm,
            guestKernel: '6.1.0',
            network: 'host-only',
            ...memory,
          },
        }),
  };
}

/** The value with everything that it holds frozen, so that a change of it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
