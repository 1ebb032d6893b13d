import type { Vm, VmState } from '../../model/vm.js';
import type { Vm__Output, Vm as VmMessage } from '../gen/vmplants/v1/Vm.js';
import type { VmState as StateMessage, VmState__Output } from '../gen/vmplants/v1/VmState.js';
import { classadFromMessage, classadToMessage } from './classad.js';
import { malformed } from './malformed.js';
import { rungFromText } from './rung.js';

export function vmToMessage(vm: Vm): VmMessage {
  return {
    vmid: vm.vmid,
    state: STATE_TO_MESSAGE[vm.state],
    plant: vm.plant,
    clientDomain: vm.clientDomain,
    image: vm.image,
    rung: vm.rung,
    line: vm.line,
    createdAt: String(vm.createdAt),
    reason: vm.reason ?? '',
    classad: classadToMessage(vm.classad),
    vcpus: vm.vcpus,
    memoryMib: vm.memoryMiB,
    hostname: vm.hostname,
    orderDigest: vm.orderDigest,
    ageMilliseconds: vm.ageMilliseconds ?? 0,
    unclaimed: vm.unclaimed ?? false,
  };
}

/** DATA_LOSS when a field is not what the contract says. */
export function vmFromMessage(message: Vm__Output): Vm {
  return {
    vmid: message.vmid,
    state: stateFromMessage(message.state),
    plant: message.plant,
    clientDomain: message.clientDomain,
    image: message.image,
    rung: rungFromText(message.rung),
    line: message.line,
    createdAt: Number(message.createdAt),
    ...(message.reason === '' ? {} : { reason: message.reason }),
    classad: classadFromMessage(message.classad),
    vcpus: message.vcpus,
    memoryMiB: message.memoryMib,
    hostname: message.hostname,
    orderDigest: message.orderDigest,
    ...(message.ageMilliseconds === 0 ? {} : { ageMilliseconds: message.ageMilliseconds }),
    ...(message.unclaimed ? { unclaimed: true } : {}),
  };
}

const STATE_TO_MESSAGE = {
  producing: 'VM_STATE_PRODUCING',
  running: 'VM_STATE_RUNNING',
  failed: 'VM_STATE_FAILED',
  unresponsive: 'VM_STATE_UNRESPONSIVE',
  collecting: 'VM_STATE_COLLECTING',
} as const satisfies Readonly<Record<VmState, StateMessage>>;

function stateFromMessage(state: VmState__Output): VmState {
  switch (state) {
    case 'VM_STATE_PRODUCING':
      return 'producing';
    case 'VM_STATE_RUNNING':
      return 'running';
    case 'VM_STATE_FAILED':
      return 'failed';
    case 'VM_STATE_UNRESPONSIVE':
      return 'unresponsive';
    case 'VM_STATE_COLLECTING':
      return 'collecting';
    default:
      // Also a number that this version has no name for.
      throw malformed('the state of a VM', state);
  }
}
