import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../shop/fleet/candidate.js';
import type { OrderSummary } from '../../../shop/fleet/orderSummary.js';
import { selectCandidates } from '../../../shop/fleet/selectCandidates.js';
import { seededRandom } from '../../../shop/random.js';
import { candidates, known, ORDER } from './candidates.js';

const order: OrderSummary = { ...ORDER, line: 'qemu' };

function waves(
  plants: readonly Candidate[],
  sample: number,
  seed = 1,
  asked = order,
): readonly (readonly string[])[] {
  return [...selectCandidates(asked, plants, { sample }, seededRandom(seed))];
}

/** What is to be said of a plant without looking at how candidates are selected. */
function kindOf({ suspect, known: plant }: Candidate): 'first' | 'unknown' | 'misfit' | 'suspect' {
  if (suspect) return 'suspect';
  if (plant === undefined) return 'unknown';
  const { status, operatingSystems } = plant;
  const roomy = status.freeVms > 0 && operatingSystems.includes('debian 12') && status.lines.includes('qemu');
  return roomy ? 'first' : 'misfit';
}

const cases = [candidates, fc.integer({ min: 1, max: 12 }), fc.nat(1000)] as const;

describe('the waves of an auction', () => {
  it('have every plant once', () => {
    fc.assert(
      fc.property(...cases, (plants, sample, seed) => {
        const all = waves(plants, sample, seed).flat();
        expect([...all].sort()).toEqual(plants.map(({ address }) => address).sort());
      }),
    );
  });

  it('are never empty, and each at most twice as large as it might have been before; suspects together at the end', () => {
    fc.assert(
      fc.property(...cases, (plants, sample, seed) => {
        const suspects = new Set(plants.filter(({ suspect }) => suspect).map(({ address }) => address));
        const asked = waves(plants, sample, seed);
        asked.forEach((wave, number) => {
          expect(wave.length).toBeGreaterThan(0);
          if (wave.some((address) => suspects.has(address))) {
            expect(number).toBe(asked.length - 1);
            expect(new Set(wave)).toEqual(suspects);
          } else expect(wave.length).toBeLessThanOrEqual(sample * 2 ** number);
        });
      }),
    );
  });

  it('never have a full plant, or one without the system or the line, before one that fits', () => {
    const rank = { first: 0, unknown: 0, misfit: 1, suspect: 2 };
    fc.assert(
      fc.property(...cases, (plants, sample, seed) => {
        const ranks = new Map(plants.map((plant) => [plant.address, rank[kindOf(plant)]]));
        const byWave = waves(plants, sample, seed).map((wave) =>
          wave.map((address) => ranks.get(address) ?? -1),
        );
        // No wave mixes them, and none comes after a later kind.
        for (const wave of byWave) expect(new Set(wave).size).toBe(1);
        const firsts = byWave.map(([first]) => first ?? -1);
        expect(firsts).toEqual([...firsts].sort());
      }),
    );
  });

  it('are as full as they can be while plants that fit, or nobody has heard of, are left', () => {
    fc.assert(
      fc.property(...cases, (plants, sample, seed) => {
        const eligible = plants.filter((plant) => ['first', 'unknown'].includes(kindOf(plant))).length;
        const [first = []] = waves(plants, sample, seed);
        if (eligible > 0) expect(first.length).toBe(Math.min(sample, eligible));
      }),
    );
  });

  it('have at most two plants that nobody has heard of in the first wave, where others fill it', () => {
    fc.assert(
      fc.property(...cases, (plants, sample, seed) => {
        const kinds = new Map(plants.map((plant) => [plant.address, kindOf(plant)]));
        if ([...kinds.values()].filter((kind) => kind === 'first').length < sample) return;
        const strangers = waves(plants, sample, seed)[0]?.filter(
          (address) => kinds.get(address) === 'unknown',
        );
        expect(strangers?.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('begin with the best plant, whatever load and missing work are worth', () => {
    fc.assert(
      fc.property(...cases, fc.nat(40), (plants, _sample, seed, worth) => {
        const fitting = plants.filter((plant) => kindOf(plant) === 'first');
        fc.pre(fitting.length > 0);
        // Brute force over all plants, by the definition of what an order costs.
        const costOf = ({ known: plant }: Candidate): number => {
          if (plant === undefined) return Number.POSITIVE_INFINITY;
          const { status, domains, keys } = plant;
          const network = domains.has(order.networkOf ?? '') ? 0 : status.quote.networkCost;
          const missing = order.keys.filter((key) => !keys.includes(key)).length;
          return status.quote.cost + network + worth * missing;
        };
        const best = Math.min(...fitting.map(costOf));
        // Four actions: plants differ in five numbers of held ones, and half of the wave has five places.
        const first = new Set(waves(plants, 12, seed)[0]);
        expect(Math.min(...fitting.filter(({ address }) => first.has(address)).map(costOf))).toBe(best);
      }),
    );
  });

  it('leave what is equal to chance, the same for the same random numbers', () => {
    const equal = Array.from(
      { length: 40 },
      (_, place): Candidate => ({
        address: `plant-${place}`,
        suspect: false,
        known: known(),
      }),
    );
    expect(waves(equal, 4, 7)).toEqual(waves(equal, 4, 7));
    const seen = new Set(Array.from({ length: 200 }, (_, seed) => waves(equal, 4, seed)[0] ?? []).flat());
    expect(seen.size).toBe(40);
  });

  it('know an operating system with its version, and without', () => {
    const plants: readonly Candidate[] = [
      { address: 'twelve', suspect: false, known: known() },
      {
        address: 'eleven',
        suspect: false,
        known: known({ images: { operatingSystems: ['debian 11'], keys: [] } }),
      },
      {
        address: 'other',
        suspect: false,
        known: known({ images: { operatingSystems: ['debianoid 12'], keys: [] } }),
      },
    ];
    const twelve = { ...order, operatingSystem: { name: 'debian', version: '12' } };
    expect(waves(plants, 8, 1, twelve)[0]).toEqual(['twelve']);
    expect([...(waves(plants, 8)[0] ?? [])].sort()).toEqual(['eleven', 'twelve']);
  });

  it('take a plant without a free network for a domain that has one there', () => {
    const without: readonly Candidate[] = [
      { address: 'none', suspect: false, known: known({ freeNetworks: 0 }) },
      {
        address: 'own',
        suspect: false,
        known: known({ freeNetworks: 0, domains: [order.networkOf ?? ''] }),
      },
    ];
    expect(waves(without, 8)).toEqual([['own'], ['none']]);
    expect(waves(without, 8, 1, { ...order, networkOf: undefined })[0]).toHaveLength(2);
  });
});
