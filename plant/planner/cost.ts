import type { CostComponent } from '../../model/bid.js';
import type { Order } from '../../model/order.js';
import type { Choice } from './choose.js';
import { needsNewNetwork, type PlantSnapshot } from './snapshot.js';

/** What a cost may depend on in the order and in the choice of the golden image. */
export type CostedOrder = Pick<Order, 'hardware' | 'network' | 'clientDomain'>;
export type CostedChoice = Pick<Choice, 'rung' | 'prepared' | 'residualSeconds' | 'startSeconds'>;

/**
 * One part of the cost of creating a VM on a plant (VMPlants paper, section 3.4). Pure; gives a number that is
 * finite and not negative for a snapshot on which the order has room.
 */
export type CostModel = (snapshot: PlantSnapshot, order: CostedOrder, choice: CostedChoice) => CostComponent;

/** The cost models that configuration can choose, by name; each is given its weight, and their costs are added. */
export const COST_MODELS: ReadonlyMap<string, (weight: number) => CostModel> = new Map([
  ['compute', computeCost],
  ['network', networkCost],
  ['free-memory', freeMemoryCost],
  ['residual-work', residualWorkCost],
  ['start', startCost],
  ['fixed', fixedCost],
]);

/** The paper's illustration (section 3.4): 4 times the number of VMs, and 50 for a new host-only network. */
export const DEFAULT_COST_MODELS: readonly CostModel[] = [computeCost(4), networkCost(50)];

/** Proportional to the number of VMs already on the plant: an estimate of its load. */
export function computeCost(weight: number): CostModel {
  return (snapshot) => ({
    name: 'compute',
    cost: weight * snapshot.vms,
    basis: `${weight} x ${counted(snapshot.vms, 'VM')}`,
  });
}

/** Charged once, when a free host-only network has to be given to the client domain. */
export function networkCost(weight: number): CostModel {
  return (snapshot, order) => {
    if (order.network.kind === 'none') return { name: 'network', cost: 0, basis: 'no network asked for' };
    return needsNewNetwork(snapshot, order)
      ? { name: 'network', cost: weight, basis: 'a new host-only network for the client domain' }
      : { name: 'network', cost: 0, basis: 'the client domain has a host-only network here' };
  };
}

/** Proportional to the part of the memory that is taken once the VM is there (the model of the paper's prototype, section 4.1). */
export function freeMemoryCost(weight: number): CostModel {
  return (snapshot, order) => {
    const used = snapshot.usedMemoryMiB + order.hardware.memoryMiB;
    return {
      name: 'free-memory',
      cost: weight * (used / snapshot.totalMemoryMiB),
      basis: `${weight} x ${used} of ${snapshot.totalMemoryMiB} MiB used`,
    };
  };
}

/** Proportional to the seconds of work that the golden image does not bring. */
export function residualWorkCost(weight: number): CostModel {
  return (_snapshot, _order, choice) => ({
    name: 'residual-work',
    cost: weight * choice.residualSeconds,
    basis: `${weight} x ${choice.residualSeconds.toFixed(2)} s of residual work`,
  });
}

/** Proportional to the seconds until the machine runs, before any action does: none for a prepared one. */
export function startCost(weight: number): CostModel {
  return (_snapshot, _order, { rung, prepared, startSeconds }) => ({
    name: 'start',
    cost: weight * startSeconds,
    basis: `${weight} x ${startSeconds.toFixed(2)} s until it runs (${prepared ? 'prepared' : rung === 'warm' ? 'resumed' : 'booted'})`,
  });
}

/** The same for every VM: what makes a plant dearer than others, for example one on rented machines that is to be the last resort. */
function fixedCost(weight: number): CostModel {
  return () => ({ name: 'fixed', cost: weight, basis: `${weight} for every VM` });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
