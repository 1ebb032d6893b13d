import { expect, test } from 'vitest';
import type { GoldenImage } from '../../model/goldenImage.js';
import type { UsableImage } from '../../plant/imageReport.js';
import { reportShownTo } from '../../plant/reportShownTo.js';
import { parseDescriptor } from '../../warehouse/descriptor.js';

function image(name: string, change: Partial<GoldenImage> = {}): GoldenImage {
  const written = {
    operatingSystem: { name: 'micro', version: '1' },
    hardware: { memoryMiB: 64, diskMiB: 64 },
  };
  return { ...parseDescriptor(JSON.stringify(written), name), ...change };
}

function report(of: GoldenImage): UsableImage {
  return {
    kind: 'usable',
    image: of,
    uniqueBytes: 1,
    sharedBytes: 2,
    uses: 3,
    savedSeconds: 4,
    vms: 5,
    prepared: 6,
    keptBecause: ['VMs live on it'],
  };
}

const SHARED = { shared: 'disk', pinned: false } as const;
const base = image('base');
const secret = image('secret', { owner: 'a.example', parent: 'base' });
const shared = image('shared', { owner: 'a.example', parent: 'secret', policy: SHARED });
const others = image('others', { owner: 'a.example', parent: 'base', policy: SHARED });
const images = new Map([base, secret, shared, others].map((one) => [one.name, one]));
const shown = (domain: string, of: GoldenImage): UsableImage =>
  reportShownTo(domain, report(of), (name) => images.get(name));

test('the owner is told everything, and so is everybody of an image that is everybody’s', () => {
  expect(shown('a.example', shared)).toEqual(report(shared));
  expect(shown('b.example', base)).toEqual(report(base));
});

test('another domain is told neither how an image is used nor what it was made from in secret', () => {
  const { image: seen, ...numbers } = shown('b.example', shared);
  expect(seen).toEqual({ ...image('shared', { owner: 'a.example', policy: SHARED }) });
  expect(numbers).toMatchObject({
    uniqueBytes: 1,
    uses: 0,
    savedSeconds: 0,
    vms: 0,
    prepared: 0,
    keptBecause: [],
  });
});

test('a parent that is everybody’s is named; of another domain one that is gone is not', () => {
  expect(shown('b.example', others).image.parent).toBe('base');
  expect(
    shown('b.example', image('orphan', { owner: 'a.example', parent: 'x', policy: SHARED })).image.parent,
  ).toBe(undefined);
  expect(shown('a.example', image('orphan', { owner: 'a.example', parent: 'x' })).image.parent).toBe('x');
});
