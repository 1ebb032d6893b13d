import type { Classad } from '../../model/classad.js';
import type { Vm } from '../../model/vm.js';
import type { ActionDuration, VmHistory } from '../info/record.js';
import type { PlantParts } from '../parts.js';
import type { Step } from './step.js';

export interface RecordInput {
  readonly vmid: string;
  readonly orderDigest: string;
  readonly classad: Classad;
  readonly macs: readonly string[];
  readonly durations: readonly ActionDuration[];
  readonly history: VmHistory;
}

/**
 * Writes the classad and makes the VM the client's: state `running`. The moment of no return: one write, after which
 * the VM is handed out. Nothing after it fails, so there is nothing of it to undo.
 */
export function createRecordStep(parts: Pick<PlantParts, 'info'>): Step<RecordInput, Vm> {
  return {
    name: 'record',
    do: async ({ vmid, orderDigest, classad, macs, durations, history }) => {
      parts.info.recordDurations(orderDigest, durations);
      return parts.info.update(vmid, { vm: { state: 'running', classad }, macs, history }).vm;
    },
    undo: async () => undefined,
  };
}
