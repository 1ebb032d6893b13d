import { afterEach, describe, expect, it } from 'vitest';
import type { Image } from '../../../proto/gen/vmplants/v1/Image.js';
import type { UpdateImageRequest__Output } from '../../../proto/gen/vmplants/v1/UpdateImageRequest.js';
import { whyKept } from '../../../shop/cli/renderImages.js';
import type { FakeOptions } from '../../cli/fakeTerminal.js';
import { type FakeShop, IMAGE, type ShopScript, startFakeShop } from './fakeShop.js';
import { type Run, runShop } from './runShop.js';

let shop: FakeShop | undefined;
afterEach(async () => {
  await shop?.stop();
  shop = undefined;
});

async function vmshop(script: ShopScript, args: readonly string[], options: FakeOptions = {}): Promise<Run> {
  shop = await startFakeShop(script);
  return runShop(['--address', shop.address, ...args], options);
}

const MIB = 1024 * 1024;
const action = (name: string) => ({ name, key: name.repeat(64).slice(0, 64) });

/** A base; an image on it and one more on that; one whose parent was evicted; and one that is no image at all. */
const IMAGES: readonly Image[] = [
  { ...IMAGE, performed: [], uniqueBytes: String(100 * MIB), keptBecause: ['3 images hang on it'] },
  {
    ...IMAGE,
    name: 'web',
    parent: 'micro',
    backingImage: 'micro',
    origin: 'recipe',
    owner: 'lab.example',
    shared: 'disk',
    pinned: true,
    performed: [action('a'), action('b')],
    uniqueBytes: String(8 * MIB),
    sharedBytes: String(40 * MIB),
    uses: 31,
    savedSeconds: 620,
    keptBecause: ['2 VMs live on it\u001b[31m'],
  },
  {
    ...IMAGE,
    name: 'web-tls',
    parent: 'web',
    backingImage: 'micro',
    origin: 'learned',
    warm: false,
    performed: [action('a'), action('b'), action('c')],
    uniqueBytes: String(4 * MIB),
    sharedBytes: String(40 * MIB),
  },
  {
    ...IMAGE,
    name: 'orphan',
    parent: 'evicted',
    backingImage: 'micro',
    origin: 'learned',
    performed: [action('d')],
    uniqueBytes: String(2 * MIB),
    sharedBytes: String(40 * MIB),
  },
  { plant: 'north', name: 'broken', problem: 'its disk is not\u001b what it was' },
];

describe('vmshop images', () => {
  it('says whose an image is and how it came to be, and apart from that what they take and which are broken', async () => {
    const run = await vmshop({ images: () => IMAGES }, ['images']);
    expect(run.stdout.split('\n')[0]).toMatch(/^IMAGE +PLANT +SYSTEM +ORIGIN +OWNER +RUNG /);
    expect(run.stdout.split('\n')[2]).toMatch(/^web +north +micro 1 +recipe +lab\.example +warm /);
    expect(run.stdout).not.toContain('broken');
    expect(run.stdout).toMatch(/\n4 images, 114 MiB on disk, of which 40 MiB shared by siblings\n$/);
    expect(run.stderr.split('\n')).toEqual([
      'warning: broken on north is in quarantine, nothing is cloned from it: its disk is not\\x1b what it was',
      '',
    ]);
  });

  it('says more in the wide form', async () => {
    const { stdout } = await vmshop({ images: () => IMAGES }, ['images', '-o', 'wide']);
    const [head = '', , web = ''] = stdout.split('\n');
    for (const heading of ['PARENT', 'UNIQUE', 'SHARED', 'USES', 'SAVED', 'KEPT', 'OTHERS']) {
      expect(head).toContain(heading);
    }
    expect(web).toMatch(/ 8 MiB +40 MiB .* micro +disk +31 +620 s .*pinned; 2 VMs live on it\\x1b\[31m$/);
  });

  it('says once that an image is pinned, wherever the plant says it', () => {
    const kept = 'published by default; pinned, VMs live on it';
    expect(whyKept({ pinned: true, keptBecause: [kept] })).toBe(kept);
    expect(whyKept({ pinned: true, keptBecause: ['VMs live on it'] })).toBe('pinned; VMs live on it');
  });

  it('tells programs everything, what is in quarantine apart', async () => {
    const { stdout, stderr } = await vmshop({ images: () => IMAGES }, ['images', '-o', 'json']);
    const { images, quarantined } = JSON.parse(stdout) as Record<string, readonly object[]>;
    expect(images?.[1]).toMatchObject({
      name: 'web',
      owner: 'lab.example',
      shared: 'disk',
      pinned: true,
      parent: 'micro',
      backingImage: 'micro',
      uniqueBytes: 8 * MIB,
      sharedBytes: 40 * MIB,
      uses: 31,
      savedSeconds: 620,
      createdAt: '2026-11-20T08:00:00.000Z',
    });
    expect(images).toHaveLength(4);
    expect(JSON.parse(stdout)).toMatchObject({
      totals: { images: 4, uniqueBytes: 114 * MIB, sharedBytes: 40 * MIB },
    });
    expect(quarantined).toEqual([
      { plant: 'north', name: 'broken', problem: 'its disk is not\u001b what it was' },
    ]);
    expect(stderr).toBe('');
  });

  it('asks for those of a domain', async () => {
    const asked: string[] = [];
    const images = (domain: string): readonly Image[] => {
      asked.push(domain);
      return [];
    };
    const run = await vmshop({ images }, ['images', '--domain', 'lab.example', '-q']);
    expect([asked, run]).toEqual([['lab.example'], { exitCode: 0, stdout: '', stderr: '' }]);
  });
});

describe('vmshop images --tree', () => {
  const tree = (options: FakeOptions = {}, images = IMAGES, ...flags: string[]): Promise<Run> =>
    vmshop({ images: () => images }, ['images', '--tree', ...flags], options);

  it('draws which image was made from which, in ASCII where nobody says what can be shown', async () => {
    const { stdout, stderr } = await tree();
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'north: 4 images, 114 MiB on disk, of which 40 MiB shared by siblings',
      'IMAGE             RUNG    UNIQUE   USES    SAVED   ADDS   KEPT',
      'micro             warm   100 MiB      0   0.00 s   -      3 images hang on it',
      '`-- web           warm     8 MiB     31    620 s   a,b    pinned; 2 VMs live on it\\x1b[31m',
      '    `-- web-tls   disk     4 MiB      0   0.00 s   c      -',
      '(gone) evicted    -            -      -        -   -      -',
      '`-- orphan        warm     2 MiB      0   0.00 s   d      -',
      'broken            -            -      -        -   -      in quarantine: its disk is not\\x1b what it was',
      '',
    ]);
  });

  it('draws boxes on a terminal that can show them, and nowhere else', async () => {
    const onTerminal = { stdoutIsTerminal: true };
    expect((await tree({ ...onTerminal, variables: { LANG: 'C.UTF-8' } })).stdout).toContain(
      '    └── web-tls',
    );
    await shop?.stop();
    expect((await tree({ ...onTerminal, variables: { LC_ALL: 'C', LANG: 'C.UTF-8' } })).stdout).toContain(
      '    `-- web-tls',
    );
    await shop?.stop();
    expect((await tree({ variables: { LANG: 'C.UTF-8' } })).stdout).toContain('    `-- web-tls');
  });

  it('does not call a parent gone that the domain may not see', async () => {
    expect((await tree({}, IMAGES, '--domain', 'lab.example')).stdout).toContain('(not listed) evicted');
  });

  it('has every image once, also when parents go round in a circle, and a tree for every plant', async () => {
    const circle: readonly Image[] = [
      { ...IMAGE, name: 'a', parent: 'b' },
      { ...IMAGE, name: 'b', parent: 'a' },
      { ...IMAGE, name: 'self', parent: 'self' },
      { ...IMAGE, name: 'a', plant: 'south' },
    ];
    const { stdout } = await tree({}, circle);
    expect(stdout.split('\n').map((line) => line.split('  ')[0])).toEqual([
      'north: 3 images, 0 B on disk',
      'IMAGE',
      'a',
      '`-- b',
      'self',
      '',
      'south: 1 image, 0 B on disk',
      'IMAGE',
      'a',
      '',
    ]);
  });
});

describe('vmshop share, pin and unpin', () => {
  async function change(
    ...args: string[]
  ): Promise<{ readonly run: Run; readonly asked: readonly object[] }> {
    const asked: UpdateImageRequest__Output[] = [];
    const run = await vmshop(
      {
        updateImage: async (request) => {
          asked.push(request);
          return { images: [{ ...IMAGE, owner: 'lab.example', shared: 'disk' }], unreachable: ['south'] };
        },
      },
      args,
    );
    return { run, asked };
  }

  it('ask for the domain of the owner, and say what the image is now and where nobody answered', async () => {
    const { run, asked } = await change('share', 'micro', 'disk', '--domain', 'lab.example');
    expect(asked).toEqual([
      { name: 'micro', clientDomain: 'lab.example', shared: 'disk', _shared: 'shared' },
    ]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: [
        'IMAGE   PLANT   OWNER         OTHERS USE   PINNED',
        'micro   north   lab.example   disk         no',
        '',
      ].join('\n'),
      stderr: 'warning: plant south did not answer; if it has the image, nothing is changed there\n',
    });
  });

  it.each([
    ['pin', true],
    ['unpin', false],
  ])('%s changes that alone, for the domain default', async (verb, pinned) => {
    const { run, asked } = await change(verb, 'micro', '-o', 'json');
    expect(asked).toEqual([{ name: 'micro', clientDomain: 'default', pinned, _pinned: 'pinned' }]);
    expect(JSON.parse(run.stdout)).toMatchObject({ images: [{ name: 'micro' }], unreachable: ['south'] });
  });

  it('refuse what is no way of sharing', async () => {
    const run = await runShop(['share', 'micro', 'all']);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('Allowed choices are no, disk, memory');
  });
});
