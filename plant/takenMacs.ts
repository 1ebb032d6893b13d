import type { InformationSystem } from './info/informationSystem.js';

/** Addresses that VMs and prepared machines of this plant have. */
export function takenMacs(info: Pick<InformationSystem, 'records' | 'prepared'>): ReadonlySet<string> {
  return new Set([...info.records(), ...info.prepared.all()].flatMap(({ macs }) => macs));
}
