import { describe, expect, it } from 'vitest';
import type { GoldenImage } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { Plan, Rejection } from '../../../model/plan.js';
import { choose } from '../../../plant/planner/choose.js';
import { createIndex } from '../../../plant/planner/imageIndex.js';
import { type PlannerInput, plan, planProduction } from '../../../plant/planner/plan.js';
import type { PlannerQuery, ReadyPoint } from '../../../plant/planner/query.js';
import { type ActionSketch, image, LINE, NOW, type OrderSketch, order } from './build.js';

type Question = Partial<Omit<PlannerQuery, 'order'>>;

function ask(sketch: OrderSketch, images: readonly GoldenImage[], question: Question = {}): PlannerInput {
  return { now: NOW, lines: [LINE], ...question, order: order(sketch), images };
}

function planned(sketch: OrderSketch, images: readonly GoldenImage[], question?: Question): Plan {
  const result = plan(ask(sketch, images, question));
  if (result.kind !== 'plan') throw new Error(`no image matches: ${JSON.stringify(result.rejected)}`);
  return result.plan;
}

/** Why the only image is rejected. */
function rejection(sketch: OrderSketch, only: GoldenImage, question?: Question): Rejection {
  const result = plan(ask(sketch, [only], question));
  const [first] = result.kind === 'no-match' ? result.rejected : [];
  if (first === undefined) throw new Error('the image was not rejected');
  return first;
}

/** The In-VIGO workspace of the paper's Figure 3: A to F may be cached, G to I belong to a user. */
function resumed(image: string): ReadyPoint {
  return { image, line: 'qemu', rung: 'warm' };
}

const WORKSPACE: readonly ActionSketch[] = [
  { name: 'A' },
  { name: 'B', after: ['A'] },
  { name: 'C', after: ['B'] },
  { name: 'D', after: ['C'] },
  { name: 'E', after: ['C'] },
  { name: 'F', after: ['D', 'E'] },
  { name: 'G', after: ['F'], identity: true },
  { name: 'H', after: ['G'], identity: true },
  { name: 'I', after: ['H'], identity: true },
];

describe('plan', () => {
  it('clones what was performed and runs the rest (VMPlants paper, Figure 3)', () => {
    const result = planned({ actions: WORKSPACE }, [
      image({ name: 'blank' }),
      image({ name: 'vnc', performed: ['A', 'B', 'C'] }),
      image({ name: 'workspace', performed: ['A', 'B', 'C', 'E', 'D', 'F'] }),
    ]);
    expect(result).toMatchObject({
      image: 'workspace',
      rung: 'warm',
      savedSeconds: 6,
      residualSeconds: 3,
      warnings: [],
    });
    expect(result.rungReason).toBeUndefined();
    expect(result.performed.map(({ name }) => name).join('')).toBe('ABCEDF');
    expect(result.stages).toEqual([
      { kind: 'guest', actions: ['G', 'H', 'I'].map((name) => ({ name, key: name })) },
    ]);
    expect(result.rejected).toEqual([
      {
        image: 'blank',
        test: 'saves-less',
        reason:
          'it saves 0.00 s (0.00 s of work, resumed); "workspace" saves 6.00 s (6.00 s of work, resumed)',
      },
      {
        image: 'vnc',
        test: 'saves-less',
        reason:
          'it saves 3.00 s (3.00 s of work, resumed); "workspace" saves 6.00 s (6.00 s of work, resumed)',
      },
    ]);
  });

  it('has no plan without an image', () => {
    expect(plan(ask({ actions: WORKSPACE }, []))).toEqual({ kind: 'no-match', rejected: [] });
    expect(planProduction(createIndex([]), ask({ actions: [] }, []))).toBeUndefined();
  });

  it('matches by key, and names actions as the order does', () => {
    const other = image({ name: 'other', performed: [{ key: 'k', name: 'their-name' }] });
    const result = planned({ actions: [{ name: 'mine', key: 'k' }] }, [other]);
    expect(result.performed).toEqual([{ name: 'mine', key: 'k' }]);
    expect(result.stages).toEqual([]);
  });

  it('gives the same with and without reasons', () => {
    const input = ask({ actions: WORKSPACE }, [
      image({ name: 'vnc', performed: ['A', 'B'] }),
      image({ name: 'blank' }),
    ]);
    const index = createIndex(input.images);
    const production = planProduction(index, input);
    const full = planned({ actions: WORKSPACE }, input.images);
    expect(production?.choice).toEqual(choose(index, input));
    expect(production?.choice).toMatchObject({
      performed: full.performed,
      savedSeconds: full.savedSeconds,
      line: 'qemu',
    });
    expect(production?.stages).toEqual(full.stages);
  });
});

describe('the three tests', () => {
  it('subset: nothing performed that is not asked for', () => {
    const found = rejection(
      { actions: WORKSPACE },
      image({ name: 'i', performed: ['A', { key: 'x', name: 'games' }] }),
    );
    expect(found).toMatchObject({ test: 'subset', action: 'games' });
    expect(found.reason).toBe('it performed "games", which the order does not ask for');
  });

  it('subset: not more often than asked for', () => {
    const twice = image({ name: 'i', performed: ['k', 'k'] });
    expect(rejection({ actions: [{ name: 'a', key: 'k' }] }, twice)).toMatchObject({
      test: 'subset',
      action: 'a',
    });
    const result = planned(
      {
        actions: [
          { name: 'a', key: 'k' },
          { name: 'b', key: 'k' },
        ],
      },
      [twice],
    );
    expect(result.stages).toEqual([]);
  });

  it('subset: never an identity action, nor as one of two that do the same', () => {
    const once = image({ name: 'once', performed: ['k'] });
    const twice = image({ name: 'twice', performed: ['k', 'k'] });
    const actions = [{ name: 'own', key: 'k', identity: true }];
    expect(rejection({ actions }, once)).toMatchObject({ test: 'subset', action: 'own' });
    const both = [...actions, { name: 'shared', key: 'k' }];
    expect(planned({ actions: both }, [once]).performed).toEqual([{ name: 'shared', key: 'k' }]);
    expect(rejection({ actions: both }, twice)).toMatchObject({ test: 'subset', action: 'own' });
  });

  it('prefix: nothing performed before what precedes it', () => {
    const found = rejection({ actions: WORKSPACE }, image({ name: 'i', performed: ['A', 'C'] }));
    expect(found).toMatchObject({ test: 'prefix', action: 'C' });
    expect(found.reason).toBe('it performed "C" but not "B", which the order wants first');
  });

  it('prefix: what follows an identity action is no prefix', () => {
    const actions = [
      { name: 'user', identity: true },
      { name: 'home', after: ['user'] },
    ];
    expect(rejection({ actions }, image({ name: 'i', performed: ['home'] }))).toMatchObject({
      test: 'prefix',
      action: 'home',
    });
  });

  it('partial order: performed in an order that the DAG allows', () => {
    const found = rejection({ actions: WORKSPACE }, image({ name: 'i', performed: ['A', 'C', 'B'] }));
    expect(found).toMatchObject({ test: 'partial-order', action: 'C' });
    expect(found.reason).toBe('it performed "C" before "B", which the order wants first');
  });

  it('reads a repeated key as whichever action fits', () => {
    // The first k must be b: a waits for x.
    const actions = [
      { name: 'x' },
      { name: 'a', key: 'k', after: ['x'] },
      { name: 'b', key: 'k' },
      { name: 'y', after: ['b'] },
    ];
    const result = planned({ actions }, [image({ name: 'i', performed: ['k', 'y', 'x'] })]);
    expect(result.performed.map(({ name }) => name)).toEqual(['b', 'y', 'x']);
    expect(result.stages).toEqual([{ kind: 'guest', actions: [{ name: 'a', key: 'k' }] }]);
  });

  it('looks ahead where two actions do the same and only one choice goes on', () => {
    // Both could be first; only after b can z follow, and only if a is left out.
    const actions = [
      { name: 'a', key: 'k' },
      { name: 'b', key: 'k' },
      { name: 'y', after: ['a'] },
      { name: 'z', after: ['b'] },
    ];
    const result = planned({ actions }, [image({ name: 'i', performed: ['k', 'z'] })]);
    expect(result.performed.map(({ name }) => name)).toEqual(['b', 'z']);
  });

  it('gives up within its bound on an order made to be hard, and says so', () => {
    const same = Array.from({ length: 40 }, (_, index) => ({ name: `s${index}`, key: 'k' }));
    const own = same.map(({ name }) => ({ name: `o-${name}`, after: [name] }));
    const half = own.slice(20).map(({ name }) => name);
    const twentyTimes = new Array<string>(20).fill('k');
    const ask = (performed: readonly string[]) =>
      rejection({ actions: [...same, ...own] }, image({ name: 'i', performed }));
    // Which 20 of 40? Both records fit, but only one choice in 137,846,528,820 does.
    const some = ask([...twentyTimes, ...half]);
    expect(some.test).toBe('prefix');
    expect(some.reason).toContain('not found out within 10000 steps');
    const all = ask([...twentyTimes, ...half, ...twentyTimes]);
    expect(all.test).toBe('partial-order');
    expect(all.reason).toContain('not found out within 10000 states');
  });

  it('counts what has run once, however it came to run', () => {
    // 12 actions that do the same but are followed by different ones: 479,001,600 orders, 4095 sets.
    const same = Array.from({ length: 12 }, (_, index) => ({ name: `s${index}`, key: 'k' }));
    const own = same.map(({ name }) => ({ name: `o-${name}`, after: [name] }));
    const made = image({ name: 'i', performed: same.map(({ key }) => key) });
    expect(planned({ actions: [...same, ...own] }, [made]).performed).toHaveLength(12);
  });

  it('does not multiply actions that are interchangeable', () => {
    const same = Array.from({ length: 200 }, (_, index) => ({ name: `s${index}`, key: 'k' }));
    const end = { name: 'end', after: same.map(({ name }) => name) };
    const performed = same.slice(0, 100).map(({ key }) => key);
    const result = planned({ actions: [...same, end] }, [image({ name: 'i', performed })]);
    expect(result.performed).toHaveLength(100);
  });
});

describe('maximum age', () => {
  const entry = (seconds: number) => ({
    key: 'k',
    performedAt: new Date(NOW - seconds * 1000).toISOString(),
  });
  const actions = [{ name: 'update', key: 'k', maxAgeSeconds: 60 }];

  it('rejects an image that performed an action too long ago', () => {
    const found = rejection({ actions }, image({ name: 'i', performed: [entry(61)] }));
    expect(found).toMatchObject({ test: 'max-age', action: 'update' });
    expect(found.reason).toBe('it performed "update" 61 s ago; the order allows at most 60 s');
  });

  it('takes one at its limit and one from a clock that is ahead', () => {
    for (const seconds of [60, 0, -30]) {
      expect(
        planned({ actions }, [image({ name: 'i', performed: [entry(seconds)] })]).performed,
      ).toHaveLength(1);
    }
  });

  it('does not take one whose time cannot be read', () => {
    const found = rejection(
      { actions },
      image({ name: 'i', performed: [{ key: 'k', performedAt: 'yesterday' }] }),
    );
    expect(found).toMatchObject({ test: 'max-age', action: 'update' });
  });

  it('reads a repeated key so that the ages fit', () => {
    const both = [...actions, { name: 'older', key: 'k' }];
    const result = planned({ actions: both }, [image({ name: 'i', performed: [entry(90), entry(10)] })]);
    expect(result.performed.map(({ name }) => name)).toEqual(['older', 'update']);
  });
});

describe('devices', () => {
  const host = { kind: 'add-disk', sizeMiB: 64 } as const;
  const device = (action: string) => ({ kind: 'disk', action, file: 'd.qcow2', sizeMiB: 64 }) as const;

  it('takes an added disk of the same serial number only', () => {
    const made = image({ name: 'i', performed: [{ key: 'k', name: 'data' }], devices: [device('data')] });
    expect(planned({ actions: [{ name: 'data', key: 'k', host }] }, [made]).performed).toHaveLength(1);
    const found = rejection({ actions: [{ name: 'scratch', key: 'k', host }] }, made);
    expect(found).toMatchObject({ test: 'devices', action: 'scratch' });
    expect(found.reason).toContain('serial number "data"');
  });

  it('reads a repeated key so that the disks fit', () => {
    const made = image({ name: 'i', performed: [{ key: 'k', name: 'second' }], devices: [device('second')] });
    const actions = [
      { name: 'first', key: 'k', host },
      { name: 'second', key: 'k', host },
    ];
    expect(planned({ actions }, [made]).performed).toEqual([{ name: 'second', key: 'k' }]);
  });

  it('rejects an image without the device, and one with a device that nothing recorded', () => {
    const lacking = image({ name: 'i', performed: [{ key: 'k', name: 'data' }] });
    expect(rejection({ actions: [{ name: 'data', key: 'k', host }] }, lacking)).toMatchObject({
      test: 'devices',
      action: 'data',
    });
    const stray = image({ name: 'i', devices: [device('data')] });
    expect(rejection({ actions: [] }, stray)).toMatchObject({ test: 'devices', action: 'data' });
  });
});

describe('hardware, operating system and line', () => {
  it('wants at least the disk asked for', () => {
    const small = image({ name: 'i', hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 1023 } });
    expect(rejection({ actions: [] }, small)).toEqual({
      image: 'i',
      test: 'hardware',
      reason: 'its disk has 1023 MiB, the order asks for at least 1024 MiB',
    });
  });

  it('wants the operating system, and the version and kernel where they are given', () => {
    const debian = image({ name: 'i' });
    const test = (operatingSystem: OrderSketch['operatingSystem']) =>
      rejection({ actions: [], ...(operatingSystem === undefined ? {} : { operatingSystem }) }, debian)
        .reason;
    expect(test({ name: 'micro' })).toBe('its operating system is debian, the order asks for micro');
    expect(test({ name: 'debian', version: '11' })).toBe('it holds debian 12, the order asks for version 11');
    expect(test({ name: 'debian', kernel: '5.10' })).toBe(
      'its guest kernel is 6.1.0, the order asks for 5.10',
    );
    expect(
      planned({ actions: [], operatingSystem: { name: 'debian', version: '12', kernel: '6.1.0' } }, [debian])
        .image,
    ).toBe('i');
  });

  it('wants a line that is here, and the one asked for', () => {
    const made = image({ name: 'i', lines: ['uml', 'qemu'] });
    expect(rejection({ actions: [] }, made, { lines: [] }).reason).toBe(
      'it is made for uml, qemu, this host has no production line',
    );
    expect(rejection({ actions: [], line: 'fake' }, made).reason).toBe(
      'it is made for uml, qemu, the order asks for fake',
    );
    const chosen = choose(createIndex([made]), ask({ actions: [], line: 'uml' }, [], { lines: undefined }));
    expect(chosen).toMatchObject({ line: 'uml', rung: 'warm' });
  });

  it('prefers the line that resumes', () => {
    const made = image({ name: 'i', lines: ['uml', 'qemu'] });
    const lines = [{ ...LINE, line: 'uml', resumes: false }, LINE];
    expect(choose(createIndex([made]), ask({ actions: [] }, [], { lines }))).toMatchObject({
      line: 'qemu',
      rung: 'warm',
    });
    const wants = ask({ actions: [], line: 'uml' }, [], { lines });
    expect(choose(createIndex([made]), wants)).toMatchObject({
      line: 'uml',
      rung: 'disk',
      rungReason: 'the uml line here cannot resume a memory',
    });
  });
});

describe('the ladder', () => {
  it('falls to the disk, saying why, where the frozen memory does not fit exactly', () => {
    const cases: readonly (readonly [OrderSketch, GoldenImage, string])[] = [
      [{ actions: [] }, image({ name: 'i', memory: null }), 'it holds no frozen memory'],
      [
        { actions: [], hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 0 } },
        image({ name: 'i' }),
        'its frozen memory has 256 MiB, the order asks for exactly 512 MiB',
      ],
      [
        { actions: [], hardware: { isa: 'x86_64', vcpus: 2, memoryMiB: 256, diskMiB: 0 } },
        image({ name: 'i' }),
        'it was frozen with 1 processor, the order asks for 2',
      ],
      [
        { actions: [], network: { kind: 'none' } },
        image({ name: 'i' }),
        'it was frozen with network host-only, the order asks for none',
      ],
      [
        { actions: [] },
        image({ name: 'i', memory: { accelerator: 'kvm' } }),
        'it was frozen under accelerator kvm, the qemu line has tcg',
      ],
      [
        { actions: [] },
        image({ name: 'i', memory: { cpuModel: 'max' } }),
        'it was frozen under processor model max, the qemu line has qemu64',
      ],
      [
        { actions: [] },
        image({ name: 'i', memory: { vmm: 'QEMU 8.0.0' } }),
        'it was frozen under monitor QEMU 8.0.0, the qemu line has QEMU 7.2.22',
      ],
      [
        { actions: [] },
        image({ name: 'i', memory: { guestKernel: '6.2.0' } }),
        'its frozen guest kernel is 6.2.0, its boot files are of 6.1.0',
      ],
    ];
    for (const [sketch, made, rungReason] of cases) {
      expect(planned(sketch, [made])).toMatchObject({ rung: 'disk', rungReason, residualSeconds: 10 });
    }
  });

  it('counts the boot against an image', () => {
    const actions = [{ name: 'a' }, { name: 'b', after: ['a'] }];
    const cold = image({
      name: 'cold',
      memory: null,
      bootSeconds: 5,
      performed: [
        { key: 'a', seconds: 7 },
        { key: 'b', seconds: 2 },
      ],
    });
    const warm = (seconds: number) => image({ name: 'warm', performed: [{ key: 'a', seconds }] });
    expect(planned({ actions }, [cold, warm(3)]).image).toBe('cold');
    expect(planned({ actions }, [cold, warm(4.5)])).toMatchObject({ image: 'warm', savedSeconds: 4.5 });
    // As much on both: more actions win.
    expect(planned({ actions }, [cold, warm(4)]).image).toBe('cold');
  });

  it('passes over what was excluded, rung by rung, and then has no plan', () => {
    const images = [image({ name: 'a', performed: ['x'] }), image({ name: 'b' })];
    const sketch = { actions: [{ name: 'x' }] };
    const warm = { image: 'a', rung: 'warm' } as const;
    const disk = { image: 'a', rung: 'disk' } as const;
    expect(planned(sketch, images, { excluded: [] })).toMatchObject({ image: 'a', rung: 'warm' });
    expect(planned(sketch, images.slice(0, 1), { excluded: [warm] })).toMatchObject({
      image: 'a',
      rung: 'disk',
      rungReason: 'a warm clone of it has failed before',
    });
    // Warm b saves nothing, a's disk costs its boot.
    expect(planned(sketch, images, { excluded: [warm] })).toMatchObject({ image: 'b', rung: 'warm' });
    const [, last] = images;
    if (last === undefined) throw new Error('two images were made');
    expect(
      rejection(sketch, last, {
        excluded: [
          { image: 'b', rung: 'warm' },
          { image: 'b', rung: 'disk' },
        ],
      }),
    ).toEqual({
      image: 'b',
      test: 'line',
      reason:
        'a clone of its disk has failed before, and it cannot be resumed: a warm clone of it has failed before',
    });
    expect(planned(sketch, images.slice(0, 1), { excluded: [disk] })).toMatchObject({ rung: 'warm' });
  });

  it('names the network where only the disk would do and that has failed', () => {
    const found = rejection({ actions: [], network: { kind: 'none' } }, image({ name: 'i' }), {
      excluded: [{ image: 'i', rung: 'disk' }],
    });
    expect(found.test).toBe('network');
  });
});

describe('ties', () => {
  const actions = [{ name: 'a' }, { name: 'b' }];
  it.each([
    [
      'more actions',
      { performed: ['a', { key: 'b', seconds: 0 }] },
      { performed: ['a'] },
      'performed 2 actions instead of 1',
    ],
    ['warm', {}, { memory: null, bootSeconds: 0 }, 'is resumed instead of booted'],
    ['newer', { created: '2026-01-01T12:00:00Z' }, {}, 'is newer'],
  ])('%s wins', (_, winner, loser, reason) => {
    // The name speaks for the loser, so that it is not what decides.
    const result = planned({ actions }, [
      image({ name: 'a-loser', ...loser }),
      image({ name: 'b-winner', ...winner }),
    ]);
    expect(result.image).toBe('b-winner');
    expect(result.rejected[0]?.reason).toContain(reason);
  });

  it('then the name that comes first', () => {
    const result = planned({ actions }, [image({ name: 'b' }), image({ name: 'a' })]);
    expect(result.image).toBe('a');
    expect(result.rejected[0]?.reason).toContain('comes first by name');
  });
});

describe('an opaque action', () => {
  const actions: readonly ActionSketch[] = [
    { name: 'base' },
    { name: 'by-hand', key: 'h', after: ['base'], opaque: true },
    { name: 'more', after: ['by-hand'] },
  ];

  it('is brought by the image or the image does not serve, however much it saves', () => {
    const result = planned({ actions }, [
      image({ name: 'plain', performed: [{ key: 'base', seconds: 90 }] }),
      image({ name: 'changed', memory: null, performed: ['base', { key: 'h', opaque: true, seconds: 0 }] }),
      image({ name: 'foreign', performed: ['base', { key: 'x', name: 'live-x', opaque: true }] }),
    ]);
    expect(result).toMatchObject({ image: 'changed', rung: 'disk' });
    expect(result.stages).toEqual([{ kind: 'guest', actions: [{ name: 'more', key: 'more' }] }]);
    expect(result.rejected).toEqual([
      {
        image: 'foreign',
        test: 'subset',
        action: 'live-x',
        reason: 'it holds "live-x", a change made by hand that the order does not ask for',
      },
      {
        image: 'plain',
        test: 'opaque',
        action: 'by-hand',
        reason: 'it lacks "by-hand", a change made by hand that only an image can bring',
      },
    ]);
  });

  it('is asked for before ages are, and after the tests of the paper', () => {
    const aged = actions.map((action) => ({ ...action, ...(action.opaque ? {} : { maxAgeSeconds: 1 }) }));
    expect(rejection({ actions: aged }, image({ name: 'i', performed: ['base'] })).test).toBe('opaque');
    expect(rejection({ actions }, image({ name: 'i', performed: ['more'] })).test).toBe('prefix');
  });

  it('leaves no plan and no choice where no image brings it', () => {
    const input = ask({ actions }, [image({ name: 'i', performed: ['base'] }), image({ name: 'blank' })]);
    expect(plan(input)).toMatchObject({
      kind: 'no-match',
      rejected: [{ test: 'opaque' }, { test: 'opaque' }],
    });
    expect(choose(createIndex(input.images), input)).toBeUndefined();
  });
});

describe('images of another client domain', () => {
  const actions = [{ name: 'a' }];
  const theirs = (shared?: 'no' | 'disk' | 'memory'): GoldenImage =>
    image({
      name: 'theirs',
      owner: 'nwu',
      performed: [{ key: 'a', seconds: 60 }],
      ...(shared === undefined ? {} : { policy: { shared, pinned: false } }),
    });
  const ours = image({ name: 'ours', owner: 'ufl' });

  it.each([undefined, 'no'] as const)('leave no trace when not shared (%s)', (shared) => {
    const images = [theirs(shared), ours];
    expect(planned({ actions }, images)).toEqual(planned({ actions }, [ours]));
    expect(plan(ask({ actions }, [theirs(shared)]))).toEqual({ kind: 'no-match', rejected: [] });
    expect(choose(createIndex([theirs(shared)]), ask({ actions }, []))).toBeUndefined();
    // To their own domain they are images as any other, and ours is none.
    expect(planned({ actions, clientDomain: 'nwu' }, images)).toMatchObject({
      image: 'theirs',
      rung: 'warm',
      rejected: [],
    });
  });

  it('are booted when their disk is shared', () => {
    expect(planned({ actions }, [theirs('disk'), ours])).toMatchObject({
      image: 'theirs',
      rung: 'disk',
      rungReason: 'its memory belongs to another client domain and is not shared',
    });
    expect(
      rejection({ actions }, theirs('disk'), { excluded: [{ image: 'theirs', rung: 'disk' }] }),
    ).toMatchObject({ test: 'line', reason: expect.stringContaining('is not shared') });
  });

  it('are resumed when their memory is shared', () => {
    expect(planned({ actions }, [theirs('memory'), ours])).toMatchObject({ image: 'theirs', rung: 'warm' });
  });

  it('of which a machine waits are not handed out for that', () => {
    const ready = [resumed('theirs')];
    expect(planned({ actions }, [theirs('no'), ours], { ready })).toMatchObject({ image: 'ours' });
    expect(planned({ actions }, [theirs('disk')], { ready })).toMatchObject({
      rung: 'disk',
      prepared: false,
    });
  });

  it('do not tell by an estimate what ran in them', () => {
    const measured = (owner: string, seconds: number, created: string): GoldenImage =>
      image({ name: `by-${owner}`, owner, created, memory: null, performed: ['x', { key: 'a', seconds }] });
    const images = [ours, measured('nwu', 40, '2026-01-01T10:00:00Z')];
    expect(planned({ actions }, images).residualSeconds).toBe(1);
    const more = [...images, measured('ufl', 30, '2026-01-01T09:00:00Z')];
    expect(planned({ actions }, more).residualSeconds).toBe(30);
    const { owner: _, ...everybodys } = measured('all', 20, '2026-01-01T11:00:00Z');
    expect(planned({ actions }, [...more, everybodys]).residualSeconds).toBe(20);
  });
});

describe('machines that wait', () => {
  const actions = [{ name: 'a' }, { name: 'b' }];
  const less = image({ name: 'less', performed: [{ key: 'a', seconds: 3 }] });
  const more = image({ name: 'more', performed: [{ key: 'b', seconds: 3.4 }] });

  it('make their image worth more, by what they save', () => {
    expect(planned({ actions }, [less, more])).toMatchObject({ image: 'more', prepared: false });
    const result = planned({ actions }, [less, more], { ready: [resumed('less')] });
    expect(result).toMatchObject({ image: 'less', rung: 'warm', prepared: true, savedSeconds: 3 });
    expect(result.rejected[0]?.reason).toBe(
      'it saves 3.40 s (3.40 s of work, resumed); "less" saves 3.50 s (3.00 s of work, and 0.50 s because a prepared machine waits)',
    );
    const question = { ready: [resumed('less')], readySeconds: 0.25 };
    expect(planned({ actions }, [less, more], question)).toMatchObject({ image: 'more', prepared: false });
  });

  it('are of no use to an order that does not resume the image', () => {
    const ready = [resumed('less')];
    const excluded = [{ image: 'less', rung: 'warm' as const }];
    expect(planned({ actions }, [less], { ready, excluded })).toMatchObject({
      rung: 'disk',
      prepared: false,
    });
  });

  it('change nothing where there are none', () => {
    const index = createIndex([less, more]);
    const input = ask({ actions }, []);
    expect(choose(index, { ...input, ready: [] })).toEqual(choose(index, input));
    expect(choose(index, { ...input, ready: [resumed('other')] })).toEqual(choose(index, input));
  });

  it('run at once; others are resumed or booted first', () => {
    const startOf = (only: GoldenImage, ready: readonly string[]): number | undefined =>
      choose(createIndex([only]), ask({ actions }, [], { ready: ready.map(resumed), readySeconds: 0.7 }))
        ?.startSeconds;
    expect(startOf(less, ['less'])).toBe(0);
    expect(startOf(less, [])).toBe(0.7);
    expect(startOf(image({ name: 'cold', memory: null, bootSeconds: 14 }), [])).toBe(14);
  });
});

describe('two lines', () => {
  const UML: LineEnvironment = {
    line: 'uml',
    accelerator: 'uml',
    cpuModel: 'host',
    vmm: 'UML 6.1.176',
    resumes: false,
    guestKernel: '6.1.176',
    maxVcpus: 1,
  };
  const actions = [{ name: 'a' }];
  const both = image({ name: 'both', lines: ['qemu', 'uml'], performed: [{ key: 'a', seconds: 3 }] });
  const lines = [LINE, UML];
  const boots = (line: string): ReadyPoint => ({ image: 'both', line, rung: 'disk' });

  it('resume where one can, and else boot on the one that the image prefers', () => {
    expect(planned({ actions }, [both], { lines })).toMatchObject({ rung: 'warm', line: 'qemu' });
    const other = { hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 1024 } } as const;
    expect(planned({ actions, ...other }, [both], { lines })).toMatchObject({ rung: 'disk', line: 'qemu' });
    const turned = { ...both, lines: ['uml', 'qemu'] };
    expect(planned({ actions, ...other }, [turned], { lines })).toMatchObject({ rung: 'disk', line: 'uml' });
    expect(planned({ actions }, [turned], { lines })).toMatchObject({ rung: 'warm', line: 'qemu' });
  });

  it('are chosen by the order where it names one', () => {
    const result = planned({ actions, line: 'uml' }, [both], { lines });
    expect(result).toMatchObject({ rung: 'disk', line: 'uml', savedSeconds: 3, residualSeconds: 10 });
    expect(result.rungReason).toBe('the uml line here cannot resume a memory');
  });

  it('boot as fast as was measured here, and cannot boot faster than at once', () => {
    const bootSecondsOf = (line: string): number | undefined => (line === 'uml' ? 2 : undefined);
    const order = { actions, line: 'uml' };
    const result = planned(order, [both], { lines, bootSecondsOf });
    expect(result).toMatchObject({ residualSeconds: 2, savedSeconds: 3 });
    const cold = { ...both, name: 'cold', performed: [] };
    const [lost] = planned(order, [both, cold], { lines, bootSecondsOf }).rejected;
    expect(lost?.reason).toContain('it costs 2.00 s more (0.00 s of work less 2.00 s of boot)');
    expect(planned(order, [both], { lines, bootSecondsOf: () => -5 }).residualSeconds).toBe(0);
    // Of a line that nothing was measured of, the image says it.
    expect(
      planned({ ...order, line: 'qemu' }, [{ ...both, bootSeconds: 7 }], {
        lines: [{ ...LINE, resumes: false }],
        bootSecondsOf,
      }).residualSeconds,
    ).toBe(7);
  });

  it('are taken to be there when they are not described', () => {
    const order = { actions, line: 'uml' };
    expect(planned(order, [both], { lines: [UML], assumedLines: 'every' })).toMatchObject({ rung: 'disk' });
    expect(planned({ actions }, [both], { lines: [UML], assumedLines: ['qemu'] })).toMatchObject({
      rung: 'warm',
      line: 'qemu',
    });
    expect(rejection(order, both, { lines: [], assumedLines: ['qemu'] }).reason).toBe(
      'it is made for qemu, uml, this host has qemu',
    );
  });

  it('bring a kernel of their own, which an order may insist on', () => {
    const kernel = (release: string): OrderSketch => ({
      actions,
      operatingSystem: { name: 'debian', kernel: release },
    });
    expect(planned(kernel('6.1.0'), [both], { lines })).toMatchObject({ rung: 'warm', line: 'qemu' });
    expect(planned(kernel('6.1.176'), [both], { lines })).toMatchObject({ rung: 'disk', line: 'uml' });
    expect(rejection({ ...kernel('6.1.0'), line: 'uml' }, both, { lines })).toEqual({
      image: 'both',
      test: 'operating-system',
      reason: 'the guest kernel of the uml line is 6.1.176, the order asks for 6.1.0',
    });
    expect(rejection(kernel('5.10'), both, { lines })).toMatchObject({
      test: 'operating-system',
      reason: 'its guest kernel is 6.1.0, the order asks for 5.10',
    });
  });

  it('have so many processors', () => {
    const two = { actions, hardware: { isa: 'x86_64', vcpus: 2, memoryMiB: 256, diskMiB: 1024 } } as const;
    const turned = { ...both, lines: ['uml', 'qemu'] };
    expect(planned(two, [turned], { lines })).toMatchObject({ rung: 'disk', line: 'qemu' });
    expect(rejection({ ...two, line: 'uml' }, both, { lines })).toEqual({
      image: 'both',
      test: 'hardware',
      reason: 'a machine of the uml line has at most 1 processor, the order asks for 2',
    });
  });

  it('hand out a machine that waits booted, without the boot that it had', () => {
    const result = planned({ actions, line: 'uml' }, [both], { lines, ready: [boots('uml')] });
    expect(result).toMatchObject({ rung: 'disk', line: 'uml', prepared: true, residualSeconds: 0 });
    // Of the same image, one that waits is better than one to be resumed, and a resumed one than a booted one.
    const ready = [boots('uml')];
    expect(planned({ actions }, [both], { lines, ready })).toMatchObject({
      rung: 'disk',
      line: 'uml',
      prepared: true,
      rungReason: 'a booted machine of it waits',
    });
    const none = { lines, ready, readySeconds: 0 };
    expect(planned({ actions }, [both], none)).toMatchObject({ rung: 'warm', prepared: false });
    const more = { lines, ready: [...ready, resumed('both')] };
    expect(planned({ actions }, [both], more)).toMatchObject({ rung: 'warm', prepared: true });
  });

  it('hand out none that waits on a line that does not serve the order', () => {
    const ready = [boots('uml'), boots('qemu')];
    const kernel = { actions, operatingSystem: { name: 'debian', kernel: '6.1.0' } };
    const { memory: _, ...cold } = both;
    expect(planned(kernel, [cold], { lines, ready })).toMatchObject({ line: 'qemu', prepared: true });
    expect(planned(kernel, [cold], { lines, ready: [boots('uml')] })).toMatchObject({
      line: 'qemu',
      prepared: false,
    });
    const excluded = [{ image: 'both', rung: 'disk', line: 'qemu' } as const];
    expect(planned({ actions }, [cold], { lines, ready, excluded })).toMatchObject({
      line: 'uml',
      prepared: true,
    });
  });

  it('boot on another line what has failed to boot on one', () => {
    const excluded = [
      { image: 'both', rung: 'warm' } as const,
      { image: 'both', rung: 'disk', line: 'qemu' } as const,
    ];
    expect(planned({ actions }, [both], { lines, excluded })).toMatchObject({ rung: 'disk', line: 'uml' });
    const all = [...excluded, { image: 'both', rung: 'disk', line: 'uml' } as const];
    expect(rejection({ actions }, both, { lines, excluded: all })).toMatchObject({ test: 'line' });
  });
});

describe('estimate and warnings', () => {
  it('expects of what is left what the newest image measured, or else the default', () => {
    const old = image({
      name: 'old',
      created: '2025-01-01T00:00:00Z',
      operatingSystem: { name: 'micro', version: '1' },
      performed: [
        { key: 'a', seconds: 9 },
        { key: 'b', seconds: 4 },
      ],
    });
    const recent = image({
      name: 'recent',
      created: '2025-06-01T00:00:00Z',
      operatingSystem: { name: 'micro', version: '1' },
      performed: [{ key: 'a', seconds: 7 }],
    });
    const actions = ['a', 'b', 'c'].map((name) => ({ name }));
    expect(planned({ actions }, [old, recent, image({ name: 'base' })]).residualSeconds).toBe(7 + 4 + 1);
    const question = { defaultActionSeconds: 3 };
    expect(planned({ actions }, [image({ name: 'base', memory: null })], question).residualSeconds).toBe(
      10 + 3 * 3,
    );
  });

  it('warns of every action that could be cached but for an identity action before it', () => {
    const actions = [
      { name: 'user', identity: true },
      { name: 'packages', after: ['user'] },
      { name: 'more', after: ['packages'] },
      { name: 'key', after: ['user'], identity: true },
      { name: 'free' },
    ];
    expect(planned({ actions }, [image({ name: 'base' })]).warnings).toEqual([
      'action "packages" cannot be cached because it follows identity action "user"',
      'action "more" cannot be cached because it follows identity action "user"',
    ]);
  });
});
