import type { Classad, ClassadValue } from '../../model/classad.js';
import type { Order } from '../../model/order.js';
import type { Vm } from '../../model/vm.js';
import type { ActionRun, ConfigurationResult } from '../configure/configuration.js';
import { basicAttributes } from '../shownVm.js';
import type { Attempt } from './attempt.js';

/** What a classad is made of. */
export interface ClassadSource {
  /** As it will be recorded. */
  readonly vm: Omit<Vm, 'classad'>;
  readonly order: Order;
  readonly attempt: Attempt;
  readonly configuration: ConfigurationResult;
  readonly seconds: {
    readonly clone: number;
    readonly start: number;
    /** From the request to here. */
    readonly create: number;
  };
}

/** Put before the name of a script's attribute that the system has itself, so that no script can pose as it. */
export const CLASH_PREFIX = 'Action_';
/** Scripts' attributes beyond these are dropped, and the classad says how many. */
const ATTRIBUTE_LIMIT = 1024;
const ATTRIBUTE_BYTES_LIMIT = 1024 * 1024;

/** Names that the ClassAd language or JavaScript has a meaning for. */
const RESERVED_WORDS = [
  'error',
  'false',
  'is',
  'isnt',
  'my',
  'parent',
  'target',
  'true',
  'undefined',
  '__proto__',
  'constructor',
  'prototype',
];

/** Names that the system has in some classads only; scripts may not have them in the others either. */
const SOMETIMES = [
  'AttributesDropped',
  'BootSeconds',
  'MacAddress',
  'MacAddresses',
  'Reason',
  'SshHostKey',
  'SshHostKeyFingerprint',
];

/**
 * The description of a VM that its client gets (VMPlants paper, section 3.1): what it is, how it was made, and every
 * attribute that its scripts wrote: the system's own first. The order's identity values and parameters are not in it.
 */
export function buildClassad(source: ClassadSource): Classad {
  const own = systemAttributes(source);
  // In this order they are printed. No script's attribute has a name of the system's, whatever its case.
  return { ...own, ...scriptAttributes(source.configuration.runs, Object.keys(own)) };
}

function systemAttributes(source: ClassadSource): Readonly<Record<string, ClassadValue>> {
  const { order, attempt, configuration } = source;
  const { identity, image, line, plan } = attempt;
  const { renewed, seconds } = configuration;
  return {
    ...basicAttributes(source.vm),
    Prepared: plan.prepared,
    Accelerator: line.environment.accelerator,
    Isolation: line.capabilities.isolates,
    Vcpus: order.hardware.vcpus,
    MemoryMiB: order.hardware.memoryMiB,
    DiskMiB: image.descriptor.hardware.diskMiB,
    Arch: order.hardware.isa,
    OperatingSystem: image.descriptor.operatingSystem.name,
    OperatingSystemVersion: image.descriptor.operatingSystem.version,
    Kernel: line.environment.guestKernel ?? image.descriptor.boot.guestKernel,
    Network: order.network.kind,
    ...macAttributes([...identity.macs, ...addedMacs(configuration)]),
    MachineId: renewed.machineId,
    BootId: renewed.bootId,
    ...(renewed.sshHostKeyDigest === undefined
      ? {}
      : {
          SshHostKey: identity.sshHostKey.publicKey.trim(),
          SshHostKeyFingerprint: identity.sshHostKey.fingerprint,
        }),
    CreateSeconds: rounded(source.seconds.create),
    CloneSeconds: rounded(source.seconds.clone),
    StartSeconds: rounded(source.seconds.start),
    ...(seconds.boot === undefined ? {} : { BootSeconds: rounded(seconds.boot) }),
    RenewSeconds: rounded(seconds.renew),
    ConfigureSeconds: rounded(seconds.configure),
    ActionsPerformed: plan.performed.map(({ name }) => name),
    ActionsRun: outcomeNames(configuration, 'performed'),
    ActionsHandled: outcomeNames(configuration, 'handled'),
    ActionsSkipped: outcomeNames(configuration, 'skipped'),
  };
}

/** Addresses of the interfaces that host actions added. */
export function addedMacs(configuration: ConfigurationResult): readonly string[] {
  return configuration.addedDevices.flatMap((device) =>
    device.kind === 'network-interface' ? [device.mac] : [],
  );
}

function macAttributes(macs: readonly string[]): Readonly<Record<string, ClassadValue>> {
  const [first] = macs;
  if (first === undefined) return {};
  return macs.length === 1 ? { MacAddress: first } : { MacAddress: first, MacAddresses: macs };
}

function outcomeNames(configuration: ConfigurationResult, wanted: string): readonly string[] {
  return [...configuration.outcomes].flatMap(([name, outcome]) => (outcome === wanted ? [name] : []));
}

/** The last value that was written of every name, whatever its case. */
function scriptAttributes(
  runs: readonly ActionRun[],
  systemNames: readonly string[],
): Readonly<Record<string, ClassadValue>> {
  const taken = new Set([...systemNames, ...SOMETIMES, ...RESERVED_WORDS].map((name) => name.toLowerCase()));
  const found = new Map<string, readonly [name: string, value: string]>();
  let bytes = 0;
  let dropped = 0;
  for (const { attributes } of runs) {
    for (const [written, value] of attributes) {
      const name = taken.has(written.toLowerCase()) ? CLASH_PREFIX + written : written;
      const before = found.get(name.toLowerCase());
      const grown = bytes + value.length - (before?.[1].length ?? 0);
      if ((before === undefined && found.size >= ATTRIBUTE_LIMIT) || grown > ATTRIBUTE_BYTES_LIMIT) {
        dropped += 1;
        continue;
      }
      bytes = grown;
      // The first spelling of a name is kept.
      found.set(name.toLowerCase(), [before?.[0] ?? name, value]);
    }
  }
  return { ...Object.fromEntries(found.values()), ...(dropped === 0 ? {} : { AttributesDropped: dropped }) };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
