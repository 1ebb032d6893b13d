import { sha256 } from '../../model/canonical.js';
import type { GoldenImage } from '../../model/goldenImage.js';
import type { LearningInput, ShapeUses } from '../../plant/learn/decide/learning.js';
import type { ShapeAction } from '../../plant/learn/decide/orderShape.js';
import { anyOf, seededRandom } from './seededRandom.js';

const ACTIONS = 20;
/** A chain that shapes share, by stack; what else they do is chosen from so many. */
const STACKS = 8;
const CHAIN = 8;
const OPTIONS = 40;

const NOW = Date.UTC(2026, 0, 20);
const BASE: GoldenImage = {
  format: 'vmplants-golden-image/1',
  name: 'base',
  created: '2026-01-01T00:00:00Z',
  operatingSystem: { name: 'debian', version: '12' },
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 256, diskMiB: 2048 },
  performed: [],
  lines: ['bench'],
  disk: { file: 'disk.qcow2', format: 'qcow2' },
  boot: { kernel: 'vmlinuz', initrd: 'initrd', commandLine: '', guestKernel: '6.1.0' },
  devices: [],
  bootSeconds: 15,
  files: [],
};

/**
 * What a plant would decide on that remembers so many orders of so many shapes of 20 actions: a chain of eight, one of
 * eight stacks with three actions in common, and twelve of forty options that come after some action of the chain.
 */
export function learningHistory(seed: number, orders: number, shapes: number): LearningInput {
  const random = seededRandom(seed);
  const times = Array.from({ length: shapes }, (): number[] => []);
  for (let order = 0; order < orders; order++) {
    // Each once, the rest with a long tail.
    const shape = order < shapes ? order : Math.floor(shapes * random() ** 3);
    times[shape]?.push(NOW - (orders - order) * 60_000);
  }
  const history = times.map((used, number): ShapeUses => {
    const stack = anyOf(STACKS, random);
    const names = Array.from({ length: ACTIONS }, (_, place) => {
      if (place < CHAIN) return place < 3 ? `site ${place}` : `stack ${stack} ${place}`;
      return `option ${anyOf(OPTIONS, random)} ${place}`;
    });
    const actions = names.map(
      (name, place): ShapeAction => ({
        name,
        key: sha256(name),
        after: place === 0 ? [] : [place < CHAIN ? place - 1 : anyOf(CHAIN, random)],
      }),
    );
    return {
      shape: {
        digest: sha256(`shape ${number}`),
        profile: {
          hardware: { ...BASE.hardware, diskMiB: 1024 },
          operatingSystem: { name: 'debian' },
          network: 'none',
          clientDomain: 'bench',
        },
        actions,
      },
      times: used,
    };
  });
  const keys = new Set(history.flatMap(({ shape }) => shape.actions.map(({ key }) => key)));
  return {
    now: NOW,
    history,
    images: [{ image: BASE, bytes: 1e9, protectedBy: [] }],
    seconds: new Map([...keys].map((key) => [key, 1 + random() * 30])),
    budget: { bytes: 20e9, images: 32 },
    lines: [{ line: 'bench', accelerator: 'none', cpuModel: 'none', vmm: 'none', resumes: true }],
    estimateBytes: (_profile, performed) => 2e8 + performed.length * 3e7,
  };
}
