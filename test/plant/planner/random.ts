import type { GoldenImage, PerformedAction } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { Order } from '../../../model/order.js';
import type { BootSecondsOf, ExcludedClone, ReadyPoint } from '../../../plant/planner/query.js';
import { type ActionSketch, image, LINE, NOW, order } from './build.js';

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Dice {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = seeded(seed);
  }
  chance(probability: number): boolean {
    return this.#random() < probability;
  }
  /** low..high, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    // Inside the list, so a T, which may be undefined itself.
    return list[this.between(0, list.length - 1)] as T;
  }
  shuffle<T>(list: readonly T[]): readonly T[] {
    return list
      .map((item) => ({ item, rank: this.#random() }))
      .sort((first, second) => first.rank - second.rank)
      .map(({ item }) => item);
  }
}

/** Actions of a random DAG; few keys, so that some of them do the same. */
export function randomActions(
  dice: Dice,
  most: number,
  options: { readonly hosts: number; readonly opaque?: number },
): readonly ActionSketch[] {
  const count = dice.between(0, most);
  const keys = dice.between(2, 2 * most);
  const density = dice.pick([0.1, 0.25, 0.5]);
  const names = dice.shuffle(Array.from({ length: count }, (_, index) => `a${index}`));
  const sketches = names.map((name, index): ActionSketch => {
    const after = names.slice(0, index).filter(() => dice.chance(density));
    const host = dice.chance(options.hosts);
    // No other action has the key of an opaque one.
    if (dice.chance(options.opaque ?? 0)) return { name, key: `o${index}`, after, opaque: true };
    return {
      name,
      key: `${host ? 'h' : 'g'}${dice.between(0, host ? 1 : keys)}`,
      after,
      identity: dice.chance(0.12),
      ...(dice.chance(0.15) ? { maxAgeSeconds: dice.pick([50, 150, 1000]) } : {}),
      ...(host ? { host: { kind: 'add-disk', sizeMiB: 64 } } : {}),
    };
  });
  return dice.shuffle(sketches);
}

/** Everything that the planner is asked in one trial. */
export interface Trial {
  readonly order: Order;
  readonly images: readonly GoldenImage[];
  readonly now: number;
  readonly lines: readonly LineEnvironment[] | undefined;
  readonly excluded: readonly ExcludedClone[];
  readonly ready?: readonly ReadyPoint[];
  readonly readySeconds?: number;
  readonly bootSecondsOf?: BootSecondsOf;
}

export function randomTrial(seed: number): Trial {
  const dice = new Dice(seed);
  const actions = randomActions(dice, 6, {
    hosts: dice.pick([0, 0, 0.3]),
    opaque: dice.pick([0, 0, 0.15]),
  });
  const wanted = order({
    actions,
    operatingSystem: dice.pick([
      { name: 'debian' },
      { name: 'debian', version: '12' },
      { name: 'debian', kernel: '6.1.0' },
    ]),
    network: { kind: dice.chance(0.9) ? 'host-only' : 'none' },
    ...(dice.chance(0.1) ? { line: dice.pick(['qemu', 'uml']) } : {}),
  });
  const images = Array.from({ length: dice.between(0, 6) }, (_, index) =>
    randomImage(dice, actions, `image${index}`),
  );
  return {
    order: wanted,
    images: dice.shuffle(images),
    now: NOW,
    lines: randomLines(dice),
    excluded: images.flatMap(({ name }) =>
      (['warm', 'disk'] as const)
        .filter(() => dice.chance(0.1))
        .map((rung) => ({
          image: name,
          rung,
          ...(dice.chance(0.3) ? { line: dice.pick(['qemu', 'uml']) } : {}),
        })),
    ),
    // Half of the trials know of no machine that waits. What one is worth makes ties, and turns close choices round.
    ...(dice.chance(0.5)
      ? {}
      : {
          ready: images.flatMap(({ name }) =>
            (['qemu', 'uml'] as const).flatMap((line) =>
              (['warm', 'disk'] as const)
                .filter(() => dice.chance(0.2))
                .map((rung) => ({ image: name, line, rung })),
            ),
          ),
          ...(dice.chance(0.3) ? {} : { readySeconds: dice.pick([0, 1, 2.5]) }),
        }),
    ...randomBoots(dice),
  };
}

/** What was measured of one line, of both or of none. */
function randomBoots(dice: Dice): Pick<Trial, 'bootSecondsOf'> {
  if (dice.chance(0.5)) return {};
  const factors = new Map([
    ['qemu', dice.pick([undefined, 0, 1, 3])],
    ['uml', dice.pick([undefined, 0.5, 1])],
  ]);
  return {
    bootSecondsOf: (line, { bootSeconds }) => {
      const factor = factors.get(line);
      return factor === undefined ? undefined : bootSeconds * factor;
    },
  };
}

/** One line, or two of which one may bring a kernel of its own, have few processors or resume as well. */
function randomLines(dice: Dice): readonly LineEnvironment[] | undefined {
  const second: LineEnvironment = {
    ...LINE,
    line: 'uml',
    resumes: dice.chance(0.2),
    ...(dice.chance(0.5) ? { guestKernel: dice.pick(['6.1.0', '6.1.176']) } : {}),
    ...(dice.chance(0.3) ? { maxVcpus: dice.between(0, 1) } : {}),
    ...(dice.chance(0.3) ? { minMemoryMiB: dice.pick([64, 1024, 4096]) } : {}),
  };
  return dice.pick([undefined, [LINE], [LINE], [second, LINE], [LINE, second], [second]]);
}

function randomImage(dice: Dice, actions: readonly ActionSketch[], name: string): GoldenImage {
  const performed = randomRecord(dice, actions);
  const rare = (): boolean => dice.chance(0.06);
  return image({
    name,
    performed,
    ...randomOwner(dice),
    created: dice.pick(['2026-01-01T00:00:00Z', '2025-12-01T00:00:00Z', 'yesterday']),
    bootSeconds: dice.pick([0, 1, 5]),
    devices: performed
      .filter((entry) => entry.key.startsWith('h') && !rare())
      .map((entry) => ({ kind: 'disk' as const, action: entry.name, file: 'd', sizeMiB: 64 }))
      .concat(rare() ? [{ kind: 'disk', action: 'stray', file: 'd', sizeMiB: 64 }] : []),
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: rare() ? 512 : 2048 },
    operatingSystem: { name: rare() ? 'micro' : 'debian', version: rare() ? '11' : '12' },
    boot: { kernel: 'k', initrd: 'i', commandLine: '', guestKernel: rare() ? '6.0.0' : '6.1.0' },
    lines: dice.pick([['qemu'], ['qemu'], ['qemu', 'uml'], ['uml', 'qemu'], ['uml'], ['xen'], []]),
    memory: dice.chance(0.3)
      ? null
      : { memoryMiB: rare() ? 512 : 256, vcpus: rare() ? 2 : 1, vmm: rare() ? 'QEMU 8.0.0' : LINE.vmm },
  });
}

/** Mostly everybody's, else the order's own domain's or another's, shared or not. */
function randomOwner(dice: Dice): Pick<GoldenImage, 'owner' | 'policy'> {
  if (dice.chance(0.6)) return {};
  const shared = dice.pick([undefined, 'no', 'disk', 'memory'] as const);
  return {
    owner: dice.pick(['ufl', 'nwu']),
    ...(shared === undefined ? {} : { policy: { shared, pinned: dice.chance(0.5) } }),
  };
}

/** Mostly what could have run, then damaged in some way or not. */
function randomRecord(dice: Dice, actions: readonly ActionSketch[]): readonly PerformedAction[] {
  const done = new Set<string>();
  const ran: { key: string; name: string }[] = [];
  const length = dice.between(0, actions.length);
  while (ran.length < length) {
    const ready = actions.filter(
      (action) =>
        !done.has(action.name) &&
        (action.identity !== true || dice.chance(0.1)) &&
        (action.after ?? []).every((name) => done.has(name)),
    );
    if (ready.length === 0) break;
    const next = dice.pick(ready);
    done.add(next.name);
    // Another order called it something else, mostly.
    ran.push({ key: next.key ?? '', name: dice.chance(0.8) ? next.name : `other-${ran.length}` });
  }
  const damage = dice.between(0, 9);
  if (damage === 0) ran.splice(dice.between(0, ran.length), 0, { key: 'foreign', name: 'foreign' });
  if (damage === 1 && ran.length > 0) ran.splice(dice.between(0, ran.length - 1), 1);
  if (damage === 2 && ran.length > 1) {
    const place = dice.between(0, ran.length - 2);
    ran.splice(place, 2, ...ran.slice(place, place + 2).reverse());
  }
  if (damage === 3 && actions.length > 0) {
    const more = dice.pick(actions);
    ran.splice(dice.between(0, ran.length), 0, { key: more.key ?? '', name: more.name });
  }
  const shuffled = damage === 4 ? dice.shuffle(ran) : ran;
  return shuffled.map((entry) => ({
    ...entry,
    seconds: dice.between(0, 3),
    performedAt: dice.chance(0.02) ? 'never' : new Date(NOW - dice.between(-20, 200) * 1000).toISOString(),
  }));
}
