import type { QuarantinedRecord, VmRecord } from '../info/record.js';
import type { ProcessIdentity } from '../line/line.js';
import type { PreparedMachine } from '../prepare/prepared.js';

/** What the plant's records and the machine's kernel say, at about the same moment. */
export interface AuditFacts {
  readonly records: readonly VmRecord[];
  /** Machines that wait for an order. */
  readonly prepared: readonly PreparedMachine[];
  readonly damaged: readonly QuarantinedRecord[];
  /** Absolute directory that holds one directory for every clone. */
  readonly cloneRoot: string;
  /** Names of what lies in it. */
  readonly clones: readonly string[];
  /** Processes that have files of a clone among their arguments. */
  readonly processes: readonly CloneProcess[];
  /** Identities that the records name and that were looked up: which of them still run. */
  readonly alive: (identity: ProcessIdentity) => boolean;
  /** Whether a plant serves from the data directory at the moment: then VMs may be on their way in or out. */
  readonly served: boolean;
}

export interface CloneProcess {
  readonly identity: ProcessIdentity;
  /** Name of the clone's directory. */
  readonly clone: string;
}

export type DifferenceKind =
  | 'damaged-record'
  | 'unfinished'
  | 'missing-directory'
  | 'missing-process'
  | 'process-after-end'
  | 'unrecorded-directory'
  | 'unrecorded-process'
  | 'shared-network'
  | 'shared-address';

/** One place where record and reality do not agree. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The VM or prepared machine that it is about: by its record, or by the name of the directory. */
  readonly vmid: string;
  /** One sentence. */
  readonly detail: string;
}

/** Whose a clone is, by the records. */
interface Recorded {
  readonly name: string;
  readonly process: ProcessIdentity | undefined;
  /** It is being made. */
  readonly unfinished: boolean;
}

/**
 * Compares every record with the directories and processes that there are, and the other way round. Pure. An empty
 * answer means that they agree.
 */
export function findDifferences(facts: AuditFacts): readonly Difference[] {
  return [
    ...facts.damaged.map(({ vmid, reason }) => difference('damaged-record', vmid, reason)),
    ...facts.records.flatMap((record) => ofRecord(record, facts)),
    ...facts.prepared.flatMap((machine) => ofPrepared(machine, facts)),
    ...ofDirectories(facts),
    ...ofProcesses(facts),
    ...sharedNetworks(facts.records),
    ...sharedAddresses(facts),
  ];
}

function ofRecord(record: VmRecord, facts: AuditFacts): readonly Difference[] {
  const { vm, process } = record;
  const directory = facts.clones.includes(cloneName(record));
  const runs = process !== undefined && facts.alive(process);
  if (vm.state === 'producing' || vm.state === 'collecting') {
    if (facts.served) return [];
    const detail = `is recorded as ${vm.state}, and no plant serves; the next start finishes this`;
    return [difference('unfinished', vm.vmid, detail)];
  }
  const differences: Difference[] = [];
  if (!directory) {
    differences.push(
      difference('missing-directory', vm.vmid, `expected the clone's directory ${record.directory}`),
    );
  }
  if (vm.state !== 'failed' && process !== undefined && !runs) {
    const detail = `is recorded as ${vm.state}, but process ${process.pid} does not run any more`;
    differences.push(difference('missing-process', vm.vmid, detail));
  }
  if (vm.state === 'failed' && !record.holds && process !== undefined && runs) {
    const detail = `is recorded as ended, but process ${process.pid} runs`;
    differences.push(difference('process-after-end', vm.vmid, detail));
  }
  return differences;
}

function ofPrepared(machine: PreparedMachine, facts: AuditFacts): readonly Difference[] {
  const { id, state, process, directory } = machine;
  if (state === 'making') {
    if (facts.served) return [];
    const detail = 'is recorded as being prepared, and no plant serves; the next start removes it';
    return [difference('unfinished', id, detail)];
  }
  const differences: Difference[] = [];
  if (!facts.clones.includes(cloneName(machine))) {
    differences.push(difference('missing-directory', id, `expected the clone's directory ${directory}`));
  }
  if (process !== undefined && !facts.alive(process)) {
    const detail = `is recorded as waiting, but process ${process.pid} does not run any more`;
    differences.push(difference('missing-process', id, detail));
  }
  return differences;
}

function ofDirectories({ records, prepared, clones, cloneRoot, served }: AuditFacts): readonly Difference[] {
  const recorded = new Set([...records, ...prepared].map(cloneName));
  // A plant that serves removes a directory before its record, and makes it after: only the reverse is wrong.
  return clones
    .filter((name) => !recorded.has(name))
    .map((name) => {
      const hint = served ? '' : '; the next start of the plant may remove it';
      return difference('unrecorded-directory', name, `no record names ${cloneRoot}/${name}${hint}`);
    });
}

function ofProcesses({ records, prepared, processes, served }: AuditFacts): readonly Difference[] {
  const byClone = new Map<string, Recorded>([
    ...records.map((record): [string, Recorded] => {
      const { vm, process } = record;
      return [cloneName(record), { name: vm.vmid, process, unfinished: vm.state === 'producing' }];
    }),
    ...prepared.map((machine): [string, Recorded] => {
      const { id, process, state } = machine;
      return [cloneName(machine), { name: id, process, unfinished: state === 'making' }];
    }),
  ]);
  return processes.flatMap(({ identity, clone }) => {
    const record = byClone.get(clone);
    if (record === undefined) {
      return [
        difference('unrecorded-process', clone, `process ${identity.pid} uses a clone that no record names`),
      ];
    }
    // Between its start and its record, a process of what is being made is not known by its number.
    if (served && record.process === undefined && record.unfinished) return [];
    if (record.process !== undefined && sameProcess(record.process, identity)) return [];
    const expected = record.process === undefined ? 'none' : `process ${record.process.pid}`;
    const detail = `process ${identity.pid} uses this clone, but the record names ${expected}`;
    return [difference('unrecorded-process', record.name, detail)];
  });
}

function sharedNetworks(records: readonly VmRecord[]): readonly Difference[] {
  const domains = new Map<number, string>();
  return records.flatMap(({ vm, network, holds }) => {
    if (network === undefined || !holds) return [];
    const owner = domains.get(network) ?? vm.clientDomain;
    domains.set(network, owner);
    if (owner === vm.clientDomain) return [];
    const detail = `is of the domain ${vm.clientDomain}, on network ${network} of the domain ${owner}`;
    return [difference('shared-network', vm.vmid, detail)];
  });
}

function sharedAddresses({ records, prepared }: AuditFacts): readonly Difference[] {
  const owners = new Map<string, string>();
  const all = [
    ...records.map(({ vm, macs }) => ({ name: vm.vmid, macs })),
    ...prepared.map(({ id, macs }) => ({ name: id, macs })),
  ];
  return all.flatMap(({ name, macs }) =>
    macs.flatMap((mac) => {
      const owner = owners.get(mac);
      owners.set(mac, owner ?? name);
      if (owner === undefined) return [];
      return [difference('shared-address', name, `has the address ${mac}, which ${owner} has too`)];
    }),
  );
}

function difference(kind: DifferenceKind, vmid: string, detail: string): Difference {
  return { kind, vmid, detail };
}

function cloneName({ directory }: { readonly directory: string }): string {
  return directory.slice(directory.lastIndexOf('/') + 1);
}

function sameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks && one.bootId === other.bootId;
}
