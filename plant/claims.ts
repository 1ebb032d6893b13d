import { VmplantsError } from '../model/errors.js';
import type { Vm } from '../model/vm.js';
import type { InformationSystem } from './info/informationSystem.js';
import type { Log } from './log.js';

/**
 * Which VMs are their clients' already. A shop that loses a plant in the middle of a creation has the order produced
 * elsewhere; the VM that the lost plant may still finish must then go away by itself, or there would be two. So a VM
 * stays only once its shop has claimed it: `Vm.claimWithinSeconds` says that it was not yet.
 */
export interface Claims {
  /**
   * The VM stays, on disk when this returns. Repeatable.
   * @throws VmplantsError NOT_FOUND when it is gone or going; FAILED_PRECONDITION, STILL_PRODUCING
   */
  readonly claim: (vmid: string) => Vm;
  readonly close: () => void;
}

/**
 * Watches over the VMs that are not claimed: each is removed when its time is over. Time is counted from when the VM
 * is there, by timers, which no step of the clock moves; after a restart it begins again, because nobody could claim
 * a VM of a plant that was away. Recovery must be done.
 */
export function openClaims(options: {
  readonly info: InformationSystem;
  /** Ends a VM and removes all that is its. */
  readonly collect: (vmid: string) => Promise<unknown>;
  readonly log: Log;
}): Claims {
  const { info, collect, log } = options;
  const timers = new Map<string, NodeJS.Timeout>();

  const forget = (vmid: string): void => {
    clearTimeout(timers.get(vmid));
    timers.delete(vmid);
  };
  const remove = async (vmid: string): Promise<void> => {
    const vm = info.get(vmid)?.vm;
    if (vm === undefined || !awaitsClaim(vm)) return;
    log.warn({ vmid, seconds: vm.claimWithinSeconds }, 'nobody claimed a VM in time; it is removed');
    await collect(vmid);
  };
  const look = (vm: Vm): void => {
    const { vmid } = vm;
    if (!awaitsClaim(vm)) forget(vmid);
    if (!awaitsClaim(vm) || timers.has(vmid)) return;
    const timer = setTimeout(
      () => {
        forget(vmid);
        remove(vmid).catch((error: unknown) => {
          log.error({ vmid, err: error }, 'a VM that nobody claimed could not be removed');
        });
      },
      (vm.claimWithinSeconds ?? 0) * 1000,
    );
    // Nothing is lost when the program ends first: the next start counts anew.
    timers.set(vmid, timer.unref());
  };

  for (const { vm } of info.records()) look(vm);
  const unsubscribe = info.subscribe((change) => {
    if (change.kind === 'gone') forget(change.vmid);
    else look(change.vm);
  });

  return {
    claim: (vmid) => {
      const vm = info.get(vmid)?.vm;
      if (vm === undefined || vm.state === 'collecting') throw notThere(vmid);
      if (vm.state === 'producing') {
        throw new VmplantsError('FAILED_PRECONDITION', `${vmid} is still being made`, {
          reason: 'STILL_PRODUCING',
          hint: 'Claim it once its production has ended with it.',
        });
      }
      return isClaimed(vm) ? vm : info.update(vmid, { vm: { claimWithinSeconds: 0 } }).vm;
    },
    close: () => {
      unsubscribe();
      for (const vmid of [...timers.keys()]) forget(vmid);
    },
  };
}

function isClaimed({ claimWithinSeconds }: Vm): boolean {
  return claimWithinSeconds === undefined || claimWithinSeconds === 0;
}

/** Whether it is there and its shop has not claimed it. */
function awaitsClaim(vm: Vm): boolean {
  return !isClaimed(vm) && vm.state !== 'producing' && vm.state !== 'collecting';
}

function notThere(vmid: string): VmplantsError {
  return new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant any more`, {
    reason: 'NO_SUCH_VM',
  });
}
