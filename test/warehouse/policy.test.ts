import { link, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { ImagePolicy, LocatedImage } from '../../model/goldenImage.js';
import { accessTo } from '../../model/imageAccess.js';
import { checkImage, glanceAtImage } from '../../warehouse/checkImage.js';
import { descriptorText, parseDescriptor, readDescriptor } from '../../warehouse/descriptor.js';
import { collectGarbage } from '../../warehouse/gc.js';
import { importImage } from '../../warehouse/importImage.js';
import { listDescriptors } from '../../warehouse/listDescriptors.js';
import { parsePolicy, policyText, readPolicy } from '../../warehouse/policy.js';
import { publish, type UnpublishedImage } from '../../warehouse/publish.js';
import { removeImage } from '../../warehouse/remove.js';
import { POLICY_STALE_MILLISECONDS, setPolicy } from '../../warehouse/setPolicy.js';
import { verifyImage } from '../../warehouse/verify.js';
import { openWarehouse, type Warehouse } from '../../warehouse/warehouse.js';
import {
  flipBit,
  published,
  stage,
  temporaryDirectory,
  unaborted,
  unpublished,
  writeImage,
} from './imageFixture.js';

const signal = unaborted();
const NOBODY = new Map<string, readonly string[]>();
const SHARED: ImagePolicy = { shared: 'memory', pinned: true };

function owned(name: string, policy?: ImagePolicy): UnpublishedImage {
  return unpublished(name, { owner: 'a.example', ...(policy === undefined ? {} : { policy }) });
}

function decide(warehouse: string, name: string, change: Partial<ImagePolicy>) {
  return setPolicy({ warehouse, name, ...change, now: Date.now, signal });
}

interface Opened {
  readonly warehouse: Warehouse;
  readonly lines: readonly string[];
  readonly seen: readonly (readonly LocatedImage[])[];
}

async function opened(directory: string): Promise<Opened> {
  const lines: string[] = [];
  const write = (_fields: object, message: string) => lines.push(message);
  const warehouse = await openWarehouse({ directory, signal, log: { info: write, warn: write } });
  onTestFinished(() => warehouse.close());
  const seen: (readonly LocatedImage[])[] = [];
  warehouse.onChange((images) => seen.push(images));
  return { warehouse, lines, seen };
}

/** Resolves when the warehouse tells of an image with this policy. */
async function untilPolicy(warehouse: Warehouse, name: string, policy: ImagePolicy): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (JSON.stringify(warehouse.get(name)?.descriptor.policy) !== JSON.stringify(policy)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = warehouse.onChange(look);
    look();
  });
}

describe('the descriptor of an image that somebody owns', () => {
  it('holds origin, parent, owner and opaque work, and never the policy', () => {
    const image = {
      ...owned('a', SHARED),
      origin: 'live' as const,
      madeBy: 'north-0123456789abcdef',
      parent: 'base',
      performed: [
        {
          key: 'b'.repeat(64),
          name: 'by hand',
          seconds: 0,
          performedAt: '2026-11-20T10:00:00Z',
          opaque: true as const,
        },
      ],
      files: [],
    };
    const { policy: _beside, ...written } = image;
    expect(descriptorText(image)).not.toContain('policy');
    expect(parseDescriptor(descriptorText(image), 'a')).toEqual(written);
  });

  it.each<[string, object, string]>([
    ['a policy', { policy: SHARED }, 'policy'],
    ['another origin', { origin: 'stolen' }, 'origin'],
    ['a maker that is no plant', { madeBy: 'north' }, 'madeBy'],
    ['a parent that is a path', { parent: '../a' }, 'parent'],
    ['an owner that is no domain', { owner: 'a b' }, 'owner'],
    ['the policy as a file of it', { memory: { file: 'policy.json' } }, 'memory.file'],
    [
      'opaque work that is not opaque',
      { performed: [{ key: 'b'.repeat(64), opaque: false }] },
      'performed[0].opaque',
    ],
  ])('refuses %s', (_what, part, field) => {
    const { performed: _left, ...rest } = unpublished('a');
    expect(() => parseDescriptor(JSON.stringify({ ...rest, ...part }), 'a')).toThrowError(
      expect.objectContaining({ violations: [expect.objectContaining({ field })] }),
    );
  });
});

describe('policy.json', () => {
  it('reads back what it writes, and nothing else', () => {
    for (const shared of ['no', 'disk', 'memory'] as const) {
      for (const pinned of [true, false]) {
        expect(parsePolicy(policyText({ shared, pinned }), 'x')).toEqual({ shared, pinned });
      }
    }
    for (const text of [
      '',
      '{}',
      'null',
      '[]',
      '{"shared":"memory"}',
      '{"shared":"all","pinned":false}',
      '{"shared":"memory","pinned":1}',
      '{"shared":"memory","pinned":false,"more":1}',
      '{"__proto__":{},"shared":"memory","pinned":false}',
    ]) {
      expect(() => parsePolicy(text, 'x')).toThrowError(expect.objectContaining({ reason: 'BAD_POLICY' }));
    }
  });

  it.each<[string, (file: string) => Promise<unknown>]>([
    ['torn', (file) => writeFile(file, '{"shared":"mem')],
    ['too large', (file) => writeFile(file, policyText(SHARED).padEnd(4097))],
    ['a symbolic link', (file) => symlink('/etc/hostname', file)],
    ['a directory', (file) => mkdir(file)],
    [
      'a hard link',
      async (file) => {
        await writeFile(`${file}.other`, policyText(SHARED));
        await link(`${file}.other`, file);
      },
    ],
  ])('shares nothing and keeps nothing when it is %s, and says so', async (_what, damage) => {
    const directory = await temporaryDirectory();
    const { directory: image } = await published(directory, owned('a', SHARED));
    await rm(join(image, 'policy.json'));
    await damage(join(image, 'policy.json'));
    const { warehouse, lines } = await opened(directory);
    const descriptor = warehouse.get('a')?.descriptor;
    expect(descriptor?.policy).toEqual({ shared: 'no', pinned: false });
    expect(descriptor && accessTo(descriptor, 'b.example')).toBe('no');
    expect(lines.filter((line) => line.includes('a/policy.json'))).toHaveLength(1);
    expect(await listDescriptors(directory)).toMatchObject({
      images: [{ policy: { shared: 'no' } }],
      policyProblems: [{ name: 'a' }],
    });
    expect(await verifyImage(image, signal)).toMatchObject({
      good: true,
      policyProblem: { code: expect.any(String) },
    });
  });

  it('does not come from a copy that was made elsewhere', async () => {
    const warehouse = await temporaryDirectory();
    const source = await temporaryDirectory();
    await writeImage(source, { ...unpublished('theirs'), owner: 'a.example' });
    await writeFile(join(source, 'policy.json'), policyText(SHARED));
    const { descriptor } = await importImage({ warehouse, source, signal });
    expect(descriptor).toMatchObject({ owner: 'a.example', policy: { shared: 'no', pinned: false } });
  });
});

describe('publishing', () => {
  it('brings the policy with the image, so that it is never everybody’s', async () => {
    const directory = await temporaryDirectory();
    const { warehouse, seen } = await opened(directory);
    await published(directory, owned('kept'));
    await warehouse.refresh();
    await published(directory, owned('lent', { shared: 'disk', pinned: false }));
    await warehouse.refresh();
    await published(directory, unpublished('free'));
    await warehouse.refresh();
    const access = (name: string) =>
      seen
        .flatMap((images) => images.filter(({ descriptor }) => descriptor.name === name))
        .map(({ descriptor }) => accessTo(descriptor, 'b.example'));
    expect(new Set(access('kept'))).toEqual(new Set(['no']));
    expect(new Set(access('lent'))).toEqual(new Set(['disk']));
    expect(new Set(access('free'))).toEqual(new Set(['memory']));
    expect(warehouse.get('free')?.descriptor).not.toHaveProperty('policy');
    expect(warehouse.get('free')?.descriptor).toEqual(await readDescriptor(join(directory, 'free')));
  });

  it('leaves no policy of an earlier attempt on the same staging directory', async () => {
    const warehouse = await temporaryDirectory();
    const staging = await stage(warehouse, owned('a'));
    const dies = publish({
      warehouse,
      staging,
      image: owned('a', SHARED),
      signal,
      onStep: (step) => {
        if (step === 'described') throw new Error('the test ends it here');
      },
    });
    await expect(dies).rejects.toThrowError(/ends it here/);
    expect(await readdir(staging)).toContain('policy.json');
    const { descriptor } = await publish({ warehouse, staging, image: owned('a'), signal });
    expect(descriptor.policy).toEqual({ shared: 'no', pinned: false });
    expect(await readdir(join(warehouse, 'a'))).not.toContain('policy.json');
  });
});

describe('setPolicy', () => {
  it('is seen by a warehouse that is open, as a new descriptor, without reading contents again', async () => {
    const directory = await temporaryDirectory();
    const image = await published(directory, owned('a'));
    const { warehouse, seen } = await opened(directory);
    const before = warehouse.get('a');
    // Whoever reads the contents again leaves a new stamp.
    await rm(join(image.directory, '.verified.json'));
    const told = await decide(directory, 'a', { shared: 'disk' });
    await untilPolicy(warehouse, 'a', { shared: 'disk', pinned: false });
    expect(told).toEqual(warehouse.get('a')?.descriptor);
    expect(warehouse.get('a')).not.toBe(before);
    expect(warehouse.get('a')?.descriptor).not.toBe(before?.descriptor);
    await decide(directory, 'a', { pinned: true });
    await warehouse.refresh();
    expect(warehouse.get('a')?.descriptor.policy).toEqual({ shared: 'disk', pinned: true });
    // Nobody ever saw the warehouse without it, and nobody digested it.
    expect(seen.filter((images) => images.length !== 1)).toEqual([]);
    expect(await readdir(image.directory)).not.toContain('.verified.json');
  });

  it('is seen at a glance and at a full look, neither of which reads contents for it', async () => {
    const directory = await temporaryDirectory();
    const image = join(directory, 'a');
    await published(directory, owned('a'));
    const before = await checkImage(image, undefined, signal);
    if (before?.kind !== 'good') throw new Error('expected a good image');
    await rm(join(image, '.verified.json'));
    expect(await glanceAtImage(image, before)).toBe(before);
    expect(await checkImage(image, before, signal)).toBe(before);
    await decide(directory, 'a', { shared: 'memory' });
    const after = [await glanceAtImage(image, before), await checkImage(image, before, signal)];
    for (const state of after) {
      expect(state).toMatchObject({ kind: 'good', image: { descriptor: { policy: { shared: 'memory' } } } });
    }
    expect(await readdir(image)).not.toContain('.verified.json');
    const bad = { ...before, kind: 'bad' as const, error: new VmplantsError('DATA_LOSS', 'bad') };
    expect(await checkImage(image, bad, signal)).toMatchObject({
      kind: 'bad',
      image: { descriptor: { policy: { shared: 'memory' } } },
    });
  });

  it('does not bring an image back from quarantine', async () => {
    const directory = await temporaryDirectory();
    const image = await published(directory, owned('a'));
    await flipBit(join(image.directory, 'memory'), 77);
    const { warehouse } = await opened(directory);
    await decide(directory, 'a', { shared: 'memory' });
    await warehouse.refresh();
    expect(warehouse.images()).toEqual([]);
    expect(warehouse.problems()).toMatchObject([{ name: 'a', error: { reason: 'DIGEST_MISMATCH' } }]);
  });

  it('keeps what is not named, and loses none of many changes at once', async () => {
    const directory = await temporaryDirectory();
    await published(directory, owned('a', { shared: 'memory', pinned: false }));
    await Promise.all([
      decide(directory, 'a', { shared: 'no' }),
      ...Array.from({ length: 8 }, () => decide(directory, 'a', { pinned: true })),
    ]);
    expect(await readPolicy(join(directory, 'a'))).toEqual({ policy: { shared: 'no', pinned: true } });
    expect((await readdir(join(directory, 'a'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes over from a change that died, which gc removes as well, and waits for one that lives', async () => {
    const directory = await temporaryDirectory();
    const { directory: image } = await published(directory, owned('a'));
    const temporary = join(image, '.policy.json.tmp');
    await writeFile(temporary, '{"shared":"mem');
    await utimes(temporary, 0, 0);
    const later = Date.now() + 2 * POLICY_STALE_MILLISECONDS;
    const gc = (now: number) => collectGarbage({ warehouse: directory, dryRun: true, now, signal });
    expect(await gc(Date.now())).toEqual([]);
    expect(await gc(later)).toEqual([{ path: 'a/.policy.json.tmp', kind: 'leftover', removable: true }]);
    const request = { warehouse: directory, name: 'a', pinned: true };
    await expect(
      setPolicy({ ...request, now: Date.now, signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
    expect(await readFile(temporary, 'utf8')).toBe('{"shared":"mem');
    await setPolicy({ ...request, now: () => later, signal });
    expect(await readPolicy(image)).toEqual({ policy: { shared: 'no', pinned: true } });
  });

  it('replaces a damaged one, without believing any of it', async () => {
    const directory = await temporaryDirectory();
    const { directory: image } = await published(directory, owned('a'));
    await writeFile(join(image, 'policy.json'), '{"shared":"memory"}');
    await decide(directory, 'a', { pinned: true });
    expect(await readPolicy(image)).toEqual({ policy: { shared: 'no', pinned: true } });
  });

  it('refuses to share what is everybody’s, and what is not there', async () => {
    const directory = await temporaryDirectory();
    await published(directory, unpublished('free'));
    await expect(decide(directory, 'free', { shared: 'no' })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_OWNER',
    });
    await expect(decide(directory, 'none', { pinned: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(decide(directory, '../free', { pinned: true })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const pinned = await decide(directory, 'free', { pinned: true });
    expect(accessTo(pinned, 'b.example')).toBe('memory');
  });
});

describe('a pin', () => {
  it('keeps an image until it is taken away', async () => {
    const directory = await temporaryDirectory();
    await published(directory, owned('a', SHARED));
    const remove = () => removeImage({ warehouse: directory, name: 'a', inUse: () => NOBODY, signal });
    await expect(remove()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'IMAGE_PINNED' });
    expect(await readdir(directory)).toEqual(['a']);
    await decide(directory, 'a', { pinned: false });
    await remove();
    expect(await readdir(directory)).toEqual([]);
  });
});
