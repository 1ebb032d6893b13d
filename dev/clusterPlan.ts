import { join } from 'node:path';

/** What a cluster for trying is made of. */
export interface ClusterSpec {
  readonly plants: number;
  /** The plants stand behind so many brokers; 0: the shop asks them itself. */
  readonly brokers: number;
  /** As `vmplant serve --line` takes it. */
  readonly line: string;
  /** Absolute directory that everything of the cluster lies below. */
  readonly directory: string;
  /** Where the golden images are; absent: where the plants look by themselves. */
  readonly warehouse?: string;
  /** Whether the plants may make golden images of their own in that warehouse. */
  readonly learns: boolean;
  /** Most VMs of one plant; absent: the plants' default. */
  readonly maxVms?: number;
  /** Memory for all VMs of all plants, in MiB. */
  readonly memoryMiB: number;
  /** Where the shop serves. */
  readonly shopAddress: string;
  /** More arguments for every plant. */
  readonly plantArguments: readonly string[];
}

/** One process of a cluster, before it is started. */
export interface PlannedServer {
  readonly name: string;
  readonly kind: 'plant' | 'broker' | 'shop';
  readonly program: 'vmshop' | 'vmplant';
  readonly args: readonly string[];
}

/** A free port of this machine alone. */
const ANY_PORT = '127.0.0.1:0';
/** The smallest memory that a plant can be given, in MiB. */
const LEAST_MEMORY_MIB = 32;
/** Enough for a few small VMs: a fake machine takes none. */
const FAKE_MEMORY_MIB = 4096;

/** The plants, which share the memory of their host evenly; that of the fake line is none of the host's. */
export function planPlants(spec: ClusterSpec): readonly PlannedServer[] {
  const share = Math.max(LEAST_MEMORY_MIB, Math.floor(spec.memoryMiB / spec.plants));
  const memory = spec.line === 'fake' ? FAKE_MEMORY_MIB : share;
  return numbered('plant', spec.plants).map((name) => ({
    name,
    kind: 'plant',
    program: 'vmplant',
    args: [
      ...['serve', '--name', name, '--listen', ANY_PORT, '--data', plantData(spec.directory, name)],
      ...(spec.warehouse === undefined ? [] : ['--warehouse', spec.warehouse]),
      ...['--line', spec.line, '--memory', `${memory}MiB`],
      ...(spec.maxVms === undefined ? [] : ['--max-vms', String(spec.maxVms)]),
      ...(spec.learns ? [] : ['--learn-disk', '0']),
      ...spec.plantArguments,
    ],
  }));
}

/** The brokers, among which the plants are dealt out in turn. */
export function planBrokers(
  { brokers }: Pick<ClusterSpec, 'brokers'>,
  plants: readonly string[],
): readonly PlannedServer[] {
  return numbered('broker', brokers).map((name, index) => {
    const behind = plants.filter((_address, at) => at % brokers === index);
    return {
      name,
      kind: 'broker',
      program: 'vmshop',
      args: ['broker', '--name', name, '--listen', ANY_PORT, '--plants', behind.join(',')],
    };
  });
}

/** The shop, which asks these brokers or plants. */
export function planShop(
  { shopAddress }: Pick<ClusterSpec, 'shopAddress'>,
  asked: readonly string[],
): PlannedServer {
  return {
    name: 'shop',
    kind: 'shop',
    program: 'vmshop',
    args: ['serve', '--listen', shopAddress, '--plants', asked.join(',')],
  };
}

/** The same process, once more, where others know it. */
export function servingOn(planned: PlannedServer, address: string): PlannedServer {
  const at = planned.args.indexOf('--listen') + 1;
  return { ...planned, args: planned.args.map((argument, index) => (index === at ? address : argument)) };
}

/** Below it is what belongs to one plant: whatever runs with a path from there among its arguments is the cluster's. */
export function plantsDirectory(directory: string): string {
  return join(directory, 'plants');
}

export function plantData(directory: string, name: string): string {
  return join(plantsDirectory(directory), name);
}

export function logDirectory(directory: string): string {
  return join(directory, 'logs');
}

export function logFile(directory: string, name: string): string {
  return join(logDirectory(directory), `${name}.log`);
}

/** The warehouse of a cluster that has none of its user's. */
export function ownWarehouse(directory: string): string {
  return join(directory, 'warehouse');
}

function numbered(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_none, index) => `${kind}-${index + 1}`);
}
