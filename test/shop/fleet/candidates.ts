import fc from 'fast-check';
import type { PlantStatus } from '../../../model/plantStatus.js';
import { type Candidate, type KnownPlant, knownPlant } from '../../../shop/fleet/candidate.js';
import type { OrderSummary } from '../../../shop/fleet/orderSummary.js';

/** What a test does not say of a plant. */
const STATUS: PlantStatus = {
  name: 'plant',
  broker: false,
  quote: { cost: 0, networkCost: 50 },
  freeVms: 4,
  freeMemoryMiB: 4096,
  freeNetworks: 2,
  domains: [],
  images: { operatingSystems: ['debian 12'], keys: [] },
  lines: ['qemu'],
};

export const ORDER: OrderSummary = {
  memoryMiB: 512,
  networkOf: 'aaaaaaaaaaaa',
  operatingSystem: { name: 'debian' },
  line: undefined,
  keys: [1, 2, 3, 4],
};

/** The mark that reads as this number. */
export function mark(number: number): string {
  return number.toString(16).padStart(12, '0');
}

export function known(status: Partial<PlantStatus> = {}, keys: readonly number[] = []): KnownPlant {
  const images = { operatingSystems: ['debian 12'], keys: keys.map(mark) };
  return knownPlant({ ...STATUS, images, ...status }, undefined);
}

/** Plants of all kinds: roomy and full, known and not, trusted and not, with some of the order's keys. */
export const candidates: fc.Arbitrary<readonly Candidate[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('fits', 'fits', 'fits', 'full', 'no system', 'no line', 'unknown', 'suspect'),
      cost: fc.nat(6),
      inDomain: fc.boolean(),
      held: fc.subarray([1, 2, 3, 4]),
    }),
    { maxLength: 60 },
  )
  .map((plants) =>
    plants.map(({ kind, cost, inDomain, held }, place): Candidate => {
      const status: Partial<PlantStatus> = {
        quote: { cost: 4 * cost, networkCost: 10 },
        domains: inDomain ? ['aaaaaaaaaaaa'] : [],
        ...(kind === 'full' ? { freeVms: 0 } : {}),
        ...(kind === 'no system' ? { images: { operatingSystems: ['plan9 4'], keys: held.map(mark) } } : {}),
        ...(kind === 'no line' ? { lines: ['uml'] } : {}),
      };
      return {
        address: `plant-${place}`,
        suspect: kind === 'suspect',
        known: kind === 'unknown' ? undefined : known(status, held),
      };
    }),
  );
