import type { GoldenImage } from '../../../../model/goldenImage.js';
import type {
  KnownImage,
  LearningInput,
  Protection,
  ShapeUses,
} from '../../../../plant/learn/decide/learning.js';
import type { MachineProfile, OrderShape, ShapeAction } from '../../../../plant/learn/decide/orderShape.js';
import { image, LINE, NOW } from '../../planner/build.js';
import { Dice } from '../../planner/random.js';

export const PROFILE: MachineProfile = {
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 1024 },
  operatingSystem: { name: 'debian' },
  network: 'host-only',
  clientDomain: 'ufl',
};

const HOUR = 3_600_000;

/** A shape of these actions; each is a key, and what has to be performed before it as places. */
export function shape(
  digest: string,
  actions: readonly (ShapeAction | readonly [key: string, ...after: number[]])[],
  profile: MachineProfile = PROFILE,
): OrderShape {
  return {
    digest,
    profile,
    actions: actions.map((action, place) => {
      if ('key' in action) return action;
      const [key, ...after] = action;
      return { name: `${key} at ${place}`, key, after };
    }),
  };
}

/** Used so many times, an hour apart, last an hour ago. */
export function uses(of: OrderShape, times: number): ShapeUses {
  return { shape: of, times: Array.from({ length: times }, (_, index) => NOW - (times - index) * HOUR) };
}

/** The base that everything is made from: nothing performed, resumed at no cost. */
export const BASE: KnownImage = { image: image({ name: 'base' }), bytes: 1000, protectedBy: [] };

export function learned(
  name: string,
  performed: readonly string[],
  rest: {
    readonly bytes?: number;
    readonly protectedBy?: readonly Protection[];
    readonly ofOther?: boolean;
  } & Partial<Pick<GoldenImage, 'origin' | 'madeBy' | 'parent' | 'memory' | 'owner'>> = {},
): KnownImage {
  const { bytes = 100, protectedBy = [], ofOther = false, memory, ...given } = rest;
  const made = image({
    name,
    performed: [...performed],
    origin: 'learned',
    owner: PROFILE.clientDomain,
    ...given,
    ...(memory === undefined ? {} : { memory }),
  });
  return { image: made, bytes, protectedBy, ...(ofOther ? { ofOther } : {}) };
}

/** The base alone, every action 10 s, every image 100 bytes, room for two. */
export function input(rest: Partial<LearningInput> = {}): LearningInput {
  return {
    now: NOW,
    history: [],
    images: [BASE],
    seconds: new Map(Array.from('abcdefghijklmnop', (key) => [key, 10])),
    budget: { bytes: 200, images: 2 },
    lines: [LINE],
    estimateBytes: () => 100,
    ...rest,
  };
}

/** Everything that a decision depends on, at random and small: few keys, so that shapes have much in common. */
export function randomInput(seed: number, options: { readonly repeats: boolean }): LearningInput {
  const dice = new Dice(seed);
  const keys = Array.from('abcdef').slice(0, dice.between(2, 6));
  const seconds = new Map(keys.map((key) => [key, dice.between(1, 60)]));
  const bytes = new Map(keys.map((key) => [key, dice.between(0, 50)]));
  const fixed = dice.between(1, 60);
  const size = (performed: readonly string[]): number =>
    performed.reduce((sum, key) => sum + (bytes.get(key) ?? 0), fixed);
  const shapes = Array.from({ length: dice.between(1, 5) }, (_, index) =>
    randomShape(dice, `shape${index}`, keys, options.repeats),
  );
  const history = shapes.map((one): ShapeUses => {
    const times = Array.from({ length: dice.between(1, 6) }, () => NOW - dice.between(0, 20 * 24) * HOUR);
    return { shape: one, times: times.sort((first, second) => first - second) };
  });
  const images = Array.from({ length: dice.between(0, 3) }, (_, index): KnownImage => {
    const performed = linearExtension(dice, dice.pick(shapes));
    const keptKeys = performed.slice(0, dice.between(0, performed.length));
    const origin = dice.pick(['learned', 'learned', 'learned', 'recipe', 'rewarmed'] as const);
    return learned(`image${index}`, keptKeys, {
      origin,
      ...(origin === 'rewarmed' ? { parent: dice.pick(['base', 'gone', 'image0']) } : {}),
      bytes: size(keptKeys),
      protectedBy: dice.chance(0.15) ? [dice.pick(['vms', 'pinned', 'prepared'] as const)] : [],
      ofOther: origin !== 'recipe' && dice.chance(0.2),
    });
  });
  return {
    now: NOW,
    history,
    images: [BASE, ...images],
    seconds,
    budget: { bytes: dice.between(50, 300), images: dice.between(1, 3) },
    lines: [LINE],
    estimateBytes: (_profile, performed) => size(performed),
  };
}

function randomShape(dice: Dice, digest: string, keys: readonly string[], repeats: boolean): OrderShape {
  const some = dice.shuffle(keys).slice(0, dice.between(1, Math.min(4, keys.length)));
  const used = repeats && dice.chance(0.4) ? [...some, dice.pick(some)] : some;
  const density = dice.pick([0, 0.3, 0.7]);
  const actions = used.map((key, place): ShapeAction => {
    const after = used.flatMap((_, before) => (before < place && dice.chance(density) ? [before] : []));
    return {
      name: `${key} at ${place}`,
      key,
      after,
      ...(dice.chance(0.05) ? { maxAgeSeconds: 3650 * 86_400 } : {}),
    };
  });
  return { digest, profile: PROFILE, actions };
}

function linearExtension(dice: Dice, { actions }: OrderShape): readonly string[] {
  const left = new Set(actions.keys());
  const performed: string[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((place) => actions[place]?.after.every((before) => !left.has(before)));
    const next = dice.pick(ready);
    left.delete(next);
    performed.push(actions[next]?.key ?? '');
  }
  return performed;
}
