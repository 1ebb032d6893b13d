import { VmplantsError } from '../model/errors.js';
import type { Machines } from './machines.js';
import type { PlantParts } from './parts.js';
import { discardClone } from './produce/discardClone.js';
import type { Productions } from './produce/productions.js';
import { throwIfAborted, untilAborted } from './untilAborted.js';

export interface Collected {
  readonly vmid: string;
  /** False when it was already being collected. */
  readonly collected: boolean;
}

/** Ends VMs and removes all that is theirs. */
export interface Collector {
  /**
   * Ends the VM; one that is being made is rolled back. Goes on when the caller goes away.
   * @throws VmplantsError NOT_FOUND when there is none
   */
  readonly collect: (vmid: string, signal: AbortSignal) => Promise<Collected>;
  /** Resolves when nothing is being collected any more. */
  readonly idle: () => Promise<void>;
}

export function createCollector(options: {
  readonly parts: PlantParts;
  readonly productions: Productions;
  readonly machines: Machines;
}): Collector {
  const { parts, productions, machines } = options;
  const { info, log } = parts;
  const going = new Map<string, Promise<void>>();

  const carryOut = async (vmid: string): Promise<void> => {
    const production = productions.get(vmid);
    if (production !== undefined) {
      await production.cancel(
        new VmplantsError('ABORTED', `${vmid} was collected while it was being made`, {
          reason: 'COLLECTED',
        }),
      );
    }
    const record = info.get(vmid);
    if (record === undefined) return;
    const live = machines.get(vmid);
    // From here on its end is no failure.
    info.update(vmid, { vm: { state: 'collecting' } });
    machines.remove(vmid);
    const within = AbortSignal.timeout(
      parts.deadlines.stopGraceMilliseconds + parts.deadlines.undoMilliseconds,
    );
    if (live !== undefined) {
      const answers = record.vm.state === 'running';
      try {
        await live.machine.stop(answers ? parts.deadlines.stopGraceMilliseconds : 0, within);
      } catch (error) {
        log.warn({ vmid, err: error }, 'a machine did not stop; it is ended with its clone');
      }
    }
    await discardClone(parts, record, within);
    info.remove(vmid);
  };

  return {
    collect: async (vmid, signal) => {
      throwIfAborted(signal);
      const before = going.get(vmid);
      if (before !== undefined) {
        await untilAborted(before, signal);
        return { vmid, collected: false };
      }
      const record = info.get(vmid);
      if (record === undefined) {
        throw new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant`, {
          reason: 'NO_SUCH_VM',
        });
      }
      if (productions.get(vmid) !== undefined) info.update(vmid, { vm: { state: 'collecting' } });
      const work = carryOut(vmid).finally(() => {
        going.delete(vmid);
      });
      work.catch((error: unknown) => log.error({ vmid, err: error }, 'a VM could not be collected'));
      going.set(vmid, work);
      await untilAborted(work, signal);
      return { vmid, collected: true };
    },
    idle: async () => {
      await Promise.allSettled(going.values());
    },
  };
}
