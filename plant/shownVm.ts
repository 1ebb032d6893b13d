import type { ClassadValue } from '../model/classad.js';
import type { Vm } from '../model/vm.js';

/** What every classad says of its VM, from its reservation to its end; all of it is in the record besides. */
export function basicAttributes(vm: Omit<Vm, 'classad'>): Readonly<Record<string, ClassadValue>> {
  return {
    VMID: vm.vmid,
    Name: vm.hostname,
    Hostname: vm.hostname,
    State: vm.state,
    ...(vm.reason === undefined ? {} : { Reason: vm.reason }),
    Plant: vm.plant,
    ClientDomain: vm.clientDomain,
    OrderDigest: vm.orderDigest,
    Image: vm.image,
    Rung: vm.rung,
    Line: vm.line,
    CreatedAt: new Date(vm.createdAt).toISOString(),
  };
}

/** What was not claimed is nobody's yet, whether or not it runs: it may still turn out to be one too many. */
function shownState(state: Vm['state'], awaitsClaim: boolean): Vm['state'] {
  return awaitsClaim && (state === 'running' || state === 'unresponsive') ? 'producing' : state;
}

/**
 * The VM as it is handed out: its classad says what the record says, also before it was configured and after its
 * state changed. The stored classad is written once.
 */
export function shownVm({ claimWithinSeconds = 0, ...known }: Vm): Vm {
  const awaitsClaim = claimWithinSeconds > 0;
  const vm: Vm = {
    ...known,
    state: shownState(known.state, awaitsClaim),
    ...(awaitsClaim ? { unclaimed: true } : {}),
  };
  const basic = basicAttributes(vm);
  // Basic attributes come first, and win.
  return { ...vm, classad: { ...basic, ...vm.classad, ...basic } };
}
