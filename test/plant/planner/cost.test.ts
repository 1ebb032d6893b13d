import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import type { Order } from '../../../model/order.js';
import type { Choice } from '../../../plant/planner/choose.js';
import { type BidResult, computeBid, refusalError } from '../../../plant/planner/computeBid.js';
import { type CostModel, DEFAULT_COST_MODELS } from '../../../plant/planner/cost.js';
import { parseCostConfiguration } from '../../../plant/planner/costConfiguration.js';
import type { PlantSnapshot } from '../../../plant/planner/snapshot.js';
import { image, order } from './build.js';

const CHOICE: Choice = {
  image: image({ name: 'golden' }),
  rung: 'warm',
  line: 'qemu',
  performed: [],
  savedSeconds: 0,
  netSeconds: 0,
  prepared: false,
  residualSeconds: 2.5,
  startSeconds: 0.5,
};

/** A plant of the paper's illustration: 4 host-only networks, at most 32 VMs. */
const EMPTY: PlantSnapshot = {
  vms: 0,
  maxVms: 32,
  usedMemoryMiB: 0,
  totalMemoryMiB: 32 * 256,
  networks: { total: 4, byDomain: new Map() },
  prepared: { count: 0, memoryMiB: 0 },
};

function bid(
  snapshot: PlantSnapshot,
  wanted: Order = order({ actions: [] }),
  models: readonly CostModel[] = DEFAULT_COST_MODELS,
  choice: Choice | undefined = CHOICE,
): BidResult {
  return computeBid({ plant: 'p', order: wanted, snapshot, choice, models, holdsForMilliseconds: 5000 });
}

function costOf(result: BidResult): number {
  if (result.kind !== 'bid') throw new Error(result.refusal.message);
  return result.bid.cost;
}

/** The plant after one VM more of the domain. */
function hosting(snapshot: PlantSnapshot, domain: string): PlantSnapshot {
  const { networks } = snapshot;
  return {
    ...snapshot,
    vms: snapshot.vms + 1,
    usedMemoryMiB: snapshot.usedMemoryMiB + 256,
    networks: {
      ...networks,
      byDomain: new Map([...networks.byDomain, [domain, (networks.byDomain.get(domain) ?? 0) + 1]]),
    },
  };
}

describe("the paper's cost function (VMPlants paper, section 3.4)", () => {
  it('keeps a client on one plant for 13 VMs and gives the 14th to the other', () => {
    const plants = { a: EMPTY, b: EMPTY };
    expect([costOf(bid(plants.a)), costOf(bid(plants.b))]).toEqual([50, 50]);
    // "The VMShop picks one plant at random (say A)".
    const picks: string[] = ['a'];
    plants.a = hosting(plants.a, 'ufl');
    expect([costOf(bid(plants.a)), costOf(bid(plants.b))]).toEqual([4, 50]);
    while (picks.length < 14) {
      const pick = costOf(bid(plants.a)) <= costOf(bid(plants.b)) ? 'a' : 'b';
      picks.push(pick);
      plants[pick] = hosting(plants[pick], 'ufl');
    }
    expect(picks.join('')).toBe(`${'a'.repeat(13)}b`);
  });

  it('says what each part is and what it is based on', () => {
    const result = bid(hosting(hosting(hosting(EMPTY, 'nwu'), 'nwu'), 'nwu'));
    expect(result).toEqual({
      kind: 'bid',
      bid: {
        plant: 'p',
        orderDigest: 'd'.repeat(64),
        cost: 62,
        components: [
          { name: 'compute', cost: 12, basis: '4 x 3 VMs' },
          { name: 'network', cost: 50, basis: 'a new host-only network for the client domain' },
        ],
        image: 'golden',
        rung: 'warm',
        prepared: false,
        residualSeconds: 2.5,
        holdsForMilliseconds: 5000,
      },
    });
  });

  it('charges no network to an order without one', () => {
    expect(costOf(bid(EMPTY, order({ actions: [], network: { kind: 'none' } })))).toBe(0);
  });
});

describe('other cost models', () => {
  it('weigh memory and residual work', () => {
    const models = parseCostConfiguration([
      { name: 'free-memory', weight: 100 },
      { name: 'residual-work', weight: 2 },
    ]);
    const result = bid(
      { ...EMPTY, usedMemoryMiB: 768, totalMemoryMiB: 2048 },
      order({ actions: [] }),
      models,
    );
    expect(result).toMatchObject({
      bid: {
        cost: 55,
        components: [
          { name: 'free-memory', cost: 50, basis: '100 x 1024 of 2048 MiB used' },
          { name: 'residual-work', cost: 5, basis: '2 x 2.50 s of residual work' },
        ],
      },
    });
  });
});

describe('a fixed cost', () => {
  it('is added to the others, whatever the plant and the order', () => {
    const models = parseCostConfiguration([
      { name: 'compute', weight: 4 },
      { name: 'fixed', weight: 100 },
    ]);
    expect(bid(hosting(EMPTY, 'nwu'), order({ actions: [] }), models)).toMatchObject({
      bid: { cost: 104, components: [{}, { name: 'fixed', cost: 100, basis: '100 for every VM' }] },
    });
  });
});

describe('the cost of starting', () => {
  const basisOf = (choice: Partial<Choice>): unknown => {
    const models = parseCostConfiguration([{ name: 'start', weight: 3 }]);
    const result = bid(EMPTY, order({ actions: [] }), models, { ...CHOICE, ...choice });
    return result.kind === 'bid' ? result.bid.components[0] : result.refusal;
  };

  it('is the boot, the resuming, or nothing for a machine that waits', () => {
    expect(basisOf({ prepared: true, startSeconds: 0 })).toEqual({
      name: 'start',
      cost: 0,
      basis: '3 x 0.00 s until it runs (prepared)',
    });
    expect(basisOf({})).toMatchObject({ cost: 1.5, basis: '3 x 0.50 s until it runs (resumed)' });
    expect(basisOf({ rung: 'disk', startSeconds: 14 })).toMatchObject({
      cost: 42,
      basis: '3 x 14.00 s until it runs (booted)',
    });
  });

  it('is in a bid only where configured, and the bid says whether a machine waits', () => {
    const result = bid(EMPTY, order({ actions: [] }), DEFAULT_COST_MODELS, { ...CHOICE, prepared: true });
    expect(result).toMatchObject({ bid: { prepared: true, cost: 50, components: [{}, {}] } });
  });
});

describe('refusals', () => {
  const full = { total: 1, byDomain: new Map([['nwu', 1]]) };
  it.each([
    ['NO_VM_SLOT', { ...EMPTY, vms: 32 }],
    // Also on a plant that is full: there is nothing to wait for.
    ['TOO_LARGE', { ...EMPTY, vms: 32, totalMemoryMiB: 255 }],
    ['NO_MEMORY', { ...EMPTY, usedMemoryMiB: 32 * 256 - 255 }],
    ['NO_NETWORK', { ...EMPTY, networks: full }],
  ])('%s', (reason, snapshot) => {
    expect(bid(snapshot)).toMatchObject({ kind: 'refusal', refusal: { reason } });
  });

  it('not because of prepared machines, which make room', () => {
    expect(bid({ ...EMPTY, prepared: { count: 32, memoryMiB: 32 * 256 } }).kind).toBe('bid');
  });

  it('that waiting cannot help have another code than those that it can', () => {
    const large = refusalError({ reason: 'TOO_LARGE', message: 'm' });
    expect([large.code, large.reason]).toEqual(['FAILED_PRECONDITION', 'TOO_LARGE']);
    expect(refusalError({ reason: 'NO_MEMORY', message: 'm' }).code).toBe('RESOURCE_EXHAUSTED');
  });

  it('NO_MATCHING_IMAGE', () => {
    const input = {
      plant: 'p',
      order: order({ actions: [] }),
      snapshot: EMPTY,
      models: [],
      holdsForMilliseconds: 1,
    };
    expect(computeBid({ ...input, choice: undefined })).toMatchObject({
      refusal: { reason: 'NO_MATCHING_IMAGE' },
    });
  });

  it('not for the last room there is, nor for a domain that has its network, nor without network', () => {
    expect(bid({ ...EMPTY, vms: 31, usedMemoryMiB: 31 * 256 }).kind).toBe('bid');
    expect(bid({ ...EMPTY, networks: full }, order({ actions: [], clientDomain: 'nwu' })).kind).toBe('bid');
    expect(bid({ ...EMPTY, networks: full }, order({ actions: [], network: { kind: 'none' } })).kind).toBe(
      'bid',
    );
  });
});

describe('parseCostConfiguration', () => {
  const fields = (configuration: unknown): readonly string[] => {
    try {
      parseCostConfiguration(configuration);
    } catch (error) {
      if (error instanceof VmplantsError && error.code === 'INVALID_ARGUMENT') {
        return error.violations.map((violation) => violation.field);
      }
      throw error;
    }
    return [];
  };

  it("gives the paper's models where nothing is configured", () => {
    expect(parseCostConfiguration(undefined)).toBe(DEFAULT_COST_MODELS);
  });

  it('names every place that is wrong', () => {
    expect(fields([{ name: 'compute', weight: 4 }])).toEqual([]);
    expect(fields({})).toEqual(['costs']);
    expect(fields([])).toEqual(['costs']);
    expect(fields([null, 'compute'])).toEqual(['costs[0]', 'costs[1]']);
    expect(fields([{ name: 'toString', weight: 1 }])).toEqual(['costs[0].name']);
    expect(
      fields([
        { name: 'compute', weight: 1 },
        { name: 'compute', weight: 1 },
      ]),
    ).toEqual(['costs[1].name']);
    for (const weight of [undefined, '4', Number.NaN, -1, Number.POSITIVE_INFINITY, 1e10]) {
      expect(fields([{ name: 'compute', weight }])).toEqual(['costs[0].weight']);
    }
    expect(fields([{ name: 'compute', weight: 1, extra: 1 }])).toEqual(['costs[0]']);
  });
});
