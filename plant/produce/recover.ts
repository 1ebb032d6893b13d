import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { VmRecord } from '../info/record.js';
import type { LiveMachine, Machines } from '../machines.js';
import type { PlantParts } from '../parts.js';
import { discardPrepared } from '../prepare/discardPrepared.js';
import { PREPARED_PREFIX } from '../prepare/makePrepared.js';
import type { Pool } from '../prepare/pool.js';
import type { PreparedMachine } from '../prepare/prepared.js';
import { cloneDirectory } from './attempt.js';
import { discardClone } from './discardClone.js';
import { undoStep } from './runSteps.js';
import { STEP_NAMES } from './step.js';
import { type Steps, undoOf } from './steps.js';

/** What was found and done after a restart. */
export interface Recovery {
  /** VMs that go on running. */
  readonly adopted: readonly string[];
  /** Prepared machines that go on waiting. */
  readonly waiting: readonly string[];
  /** Productions that were interrupted and are undone, collections that are finished, prepared machines that are no use. */
  readonly removed: readonly string[];
  /** VMs whose monitor has ended meanwhile. */
  readonly failed: readonly string[];
  /** What could not be put in order, and why. */
  readonly left: readonly { readonly vmid: string; readonly reason: string }[];
}

/**
 * Brings records and reality together when a plant starts: VMs that still run are adopted, productions that a crash
 * interrupted are rolled back by their logs, collections are finished, machines that wait are adopted by the pool or
 * removed, and clones that no record knows are removed, unless records may have been lost with the store.
 */
export async function recover(
  parts: PlantParts,
  steps: Steps,
  machines: Machines,
  watch: (live: LiveMachine) => void,
  pool: Pool | undefined,
): Promise<Recovery> {
  const adopted: string[] = [];
  const waiting: string[] = [];
  const removed: string[] = [];
  const failed: string[] = [];
  const left: { vmid: string; reason: string }[] = [];

  const recoverOne = async (record: VmRecord): Promise<void> => {
    const { vmid, state } = record.vm;
    if (state === 'producing') {
      await rollBack(parts, steps, vmid);
      removed.push(vmid);
      return;
    }
    const within = AbortSignal.timeout(parts.deadlines.undoMilliseconds);
    if (state === 'collecting') {
      await discardClone(parts, record, within);
      parts.info.remove(vmid);
      removed.push(vmid);
      return;
    }
    if (!record.holds) return;
    const machine = await adopt(parts, record.vm.line, record, within);
    if (machine === undefined) {
      parts.info.update(vmid, {
        vm:
          state === 'failed' ? {} : { state: 'failed', reason: 'its monitor ended while the plant was away' },
        process: undefined,
        holds: false,
      });
      failed.push(vmid);
      return;
    }
    const live = machines.add(machine, record.vm.line, vmid);
    if (state === 'unresponsive') parts.info.update(vmid, { vm: { state: 'running' } });
    watch(live);
    adopted.push(vmid);
  };

  await Promise.all(
    parts.info.records().map(async (record) => {
      const { vmid } = record.vm;
      try {
        await recoverOne(record);
      } catch (error) {
        left.push({ vmid, reason: asVmplantsError(error).message });
        parts.log.error({ vmid, err: error }, 'a VM could not be recovered');
      }
    }),
  );
  await Promise.all(
    parts.info.prepared.all().map(async (record) => {
      try {
        const waits = await adoptPrepared(parts, record, pool);
        (waits ? waiting : removed).push(record.id);
      } catch (error) {
        left.push({ vmid: record.id, reason: asVmplantsError(error).message });
        parts.log.error({ id: record.id, err: error }, 'a prepared machine could not be removed');
      }
    }),
  );
  removed.push(...(await removeUnknownClones(parts, left)));
  return { adopted, waiting, removed, failed, left };
}

async function adopt(
  parts: PlantParts,
  name: string,
  { directory, process }: Pick<VmRecord, 'directory' | 'process'>,
  signal: AbortSignal,
) {
  const line = parts.lines.find((candidate) => candidate.name === name);
  if (line === undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `it is of the ${name} line, which this plant was started without`,
      { reason: 'NO_LINE', hint: 'Start the plant with that line too, or collect the VM.' },
    );
  }
  return await line.adopt(directory, process, signal);
}

/** Whether the machine goes on waiting; otherwise nothing of it is left. */
async function adoptPrepared(
  parts: PlantParts,
  record: PreparedMachine,
  pool: Pool | undefined,
): Promise<boolean> {
  if (pool !== undefined && record.state === 'waiting') {
    const within = AbortSignal.timeout(parts.deadlines.undoMilliseconds);
    const machine = await adopt(parts, record.line, record, within).catch(() => undefined);
    if (machine !== undefined && pool.adopt(record, machine)) return true;
    machine?.release();
  }
  await discardPrepared(parts, record);
  return false;
}

/** Undoes every step that the log says was begun, the last one first. */
async function rollBack(parts: PlantParts, steps: Steps, vmid: string): Promise<void> {
  const begun = new Set(parts.info.steps(vmid).map(({ step }) => step));
  for (const name of STEP_NAMES.toReversed()) {
    if (begun.has(name)) await undoStep(parts, vmid, { name, undo: undoOf(steps, name) });
  }
}

/** Whether a machine of any line runs in this clone. It is only looked at. */
async function runs(parts: PlantParts, name: string): Promise<boolean> {
  for (const line of parts.lines) {
    const within = AbortSignal.timeout(parts.deadlines.undoMilliseconds);
    const machine = await line.adopt(cloneDirectory(parts.cloneRoot, name), undefined, within);
    machine?.release();
    if (machine !== undefined) return true;
  }
  return false;
}

async function removeUnknownClones(
  parts: PlantParts,
  left: { vmid: string; reason: string }[],
): Promise<readonly string[]> {
  const aside = new Set(parts.info.quarantined.map(({ vmid }) => vmid));
  const known = new Set([...parts.info.records(), ...parts.info.prepared.all()].map(cloneName));
  // The clone of a VM whose record is damaged may have the name of the machine that was handed out.
  const isAside = (name: string): boolean =>
    aside.has(name) || (aside.size > 0 && name.startsWith(PREPARED_PREFIX));
  const removed: string[] = [];
  for (const name of await readdir(parts.cloneRoot)) {
    if (known.has(name)) continue;
    if (!parts.info.intact || isAside(name)) {
      left.push({
        vmid: name,
        reason: 'its record was damaged; it may be a running VM, so it was left alone',
      });
      parts.log.error({ vmid: name }, 'a clone without a believable record was left alone');
      continue;
    }
    try {
      // A machine is ended before its record is removed, so a live one without a record has lost it.
      if (await runs(parts, name)) {
        left.push({ vmid: name, reason: 'it runs, but its record is lost, so it was left alone' });
        parts.log.error({ vmid: name }, 'a running machine without a record was left alone');
        continue;
      }
      for (const line of parts.lines) {
        const within = AbortSignal.timeout(parts.deadlines.undoMilliseconds);
        await line.discard(cloneDirectory(parts.cloneRoot, name), undefined, within);
      }
      removed.push(name);
    } catch (error) {
      left.push({ vmid: name, reason: asVmplantsError(error).message });
      parts.log.error({ vmid: name, err: error }, 'a clone without a record could not be removed');
    }
  }
  return removed;
}

/** Name of the clone's directory. */
function cloneName({ directory }: { readonly directory: string }): string {
  return basename(directory);
}
