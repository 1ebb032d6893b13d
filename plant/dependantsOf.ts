import type { InformationSystem } from './info/informationSystem.js';
import type { Dependants } from './learn/dependants.js';

/**
 * What depends on golden images, by the records and by the work that goes on.
 *
 * @param elsewhere what other plants say that they use
 */
export function dependantsOf(
  info: InformationSystem,
  unfinished: ReadonlySet<string>,
  elsewhere: ReadonlyMap<string, readonly string[]> = new Map(),
): Dependants {
  return {
    vms: grouped(info.records(), ({ vm }) => [vm.image, vm.vmid]),
    prepared: grouped(info.prepared.all(), ({ image, id }) => [image, id]),
    unfinished,
    elsewhere,
  };
}

/** Second names by the first. */
function grouped<T>(
  all: readonly T[],
  names: (one: T) => readonly [string, string],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const one of all) {
    const [by, name] = names(one);
    const before = found.get(by);
    if (before === undefined) found.set(by, [name]);
    else before.push(name);
  }
  return found;
}
