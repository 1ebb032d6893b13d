import type { Bid } from '../../model/bid.js';
import { VmplantsError } from '../../model/errors.js';
import type { Plan } from '../../model/plan.js';
import type { Progress } from '../../model/progress.js';
import type { Vm } from '../../model/vm.js';
import type { CreateEvent__Output } from '../../proto/gen/vmplants/v1/CreateEvent.js';
import { bidFromMessage } from '../../proto/mapping/bid.js';
import { planFromMessage } from '../../proto/mapping/plan.js';
import { progressFromMessage } from '../../proto/mapping/progress.js';
import { type Refusal, refusalFromMessage } from '../../proto/mapping/refusal.js';
import { vmFromMessage } from '../../proto/mapping/vm.js';

/** What happens during a creation, in the order in which it is told. */
export type CreateEvent =
  /** First: the name that the VM will have. */
  | { readonly kind: 'accepted'; readonly vmid: string }
  /** The offers, cheapest first, who made none, and whose was taken. Again when the first winner backed out. */
  | {
      readonly kind: 'auction';
      readonly bids: readonly Bid[];
      readonly refusals: readonly Refusal[];
      readonly winner: string;
    }
  /** How the plant will produce it. Again when it had to fall back to another golden image. */
  | { readonly kind: 'plan'; readonly plant: string; readonly plan: Plan }
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** Last: the VM, running, with its classad. */
  | { readonly kind: 'vm'; readonly vm: Vm };

/** Undefined for an event that this version does not know. DATA_LOSS for one that is not as the contract says. */
export function createEventFromMessage(message: CreateEvent__Output): CreateEvent | undefined {
  switch (message.event) {
    case 'accepted':
      return { kind: 'accepted', vmid: present(message.accepted).vmid };
    case 'auction': {
      const { bids, refusals, winner } = present(message.auction);
      return {
        kind: 'auction',
        bids: bids.map(bidFromMessage),
        refusals: refusals.map(refusalFromMessage),
        winner,
      };
    }
    case 'plan':
      return { kind: 'plan', ...planFromMessage(present(message.plan)) };
    case 'progress':
      return { kind: 'progress', progress: progressFromMessage(present(message.progress)) };
    case 'vm':
      return { kind: 'vm', vm: vmFromMessage(present(message.vm)) };
    default:
      return undefined;
  }
}

function present<T>(part: T | null | undefined): T {
  if (part == null) throw new VmplantsError('DATA_LOSS', 'the shop sent an event without its content');
  return part;
}
