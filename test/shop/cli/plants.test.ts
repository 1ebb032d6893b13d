import { setImmediate as nextTurn } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellsOf } from '../../../cli/cells.js';
import { runProgram } from '../../../cli/runProgram.js';
import { VmplantsError } from '../../../model/errors.js';
import { shopProgram } from '../../../shop/cli/program.js';
import { createRedraw } from '../../../shop/cli/redraw.js';
import { renderPlants } from '../../../shop/cli/renderPlants.js';
import { type LiveStyle, renderPlantsLive } from '../../../shop/cli/renderPlantsLive.js';
import { type SeenPlant, seePlants } from '../../../shop/cli/seenPlants.js';
import { momentScreen, type PlantsAnswer, watchPlants } from '../../../shop/cli/watchPlants.js';
import type { PlantDescription } from '../../../shop/client.js';
import { type FakeEnvironment, fakeEnvironment, keptScreen } from '../../cli/fakeTerminal.js';
import { type FakeShop, startFakeShop } from './fakeShop.js';
import { runShop } from './runShop.js';

function plant(name: string, change: Partial<PlantDescription> = {}): PlantDescription {
  return {
    name,
    address: `${name}.example.org:7071`,
    vms: 3,
    maxVms: 32,
    usedMemoryMiB: 1024,
    totalMemoryMiB: 4096,
    prepared: 1,
    preparedMemoryMiB: 128,
    networksInUse: 1,
    networks: 4,
    images: 2,
    lines: [{ name: 'qemu', accelerator: 'kvm', vmm: 'QEMU 7.2.22', cpuModel: 'host' }],
    version: '1',
    reserved: 0,
    ...change,
  };
}

/** As a shop speaks of one that does not answer: it does not know its name. */
function silent(name: string): PlantDescription {
  return { ...plant(name), name: '', vms: 0, maxVms: 0, error: 'UNAVAILABLE: nothing answers' };
}

const shown = (plants: readonly SeenPlant[]): readonly string[] =>
  plants.map(({ plant: { name }, status }) => `${name} ${status}`);

describe('plants that are watched', () => {
  it('keep their place, name and numbers when they are silent or gone, and come back', () => {
    const first = seePlants([], [plant('a'), plant('b'), plant('c')]);
    const second = seePlants(first, [plant('d'), plant('c'), silent('b')]);
    expect(shown(second)).toEqual(['a gone', 'b unreachable', 'c ready', 'd ready']);
    expect(second[1]?.plant).toMatchObject({ vms: 3, error: 'UNAVAILABLE: nothing answers' });
    const third = seePlants(second, [plant('a', { vms: 9 }), plant('b'), plant('c'), plant('d')]);
    expect(shown(third)).toEqual(['a ready', 'b ready', 'c ready', 'd ready']);
    expect([third[0]?.plant.vms, third[1]?.plant.error]).toEqual([9, undefined]);
  });

  it('are not there twice where brokers stand in a circle', () => {
    const loop = { ...silent('east'), error: 'BROKER_LOOP: left out: it would lead back to here' };
    const [east] = seePlants([], [plant('east', { behind: [plant('a'), loop] })]);
    expect(east?.behind.map(({ status }) => status)).toEqual(['ready', 'loop']);
    const [away] = seePlants(east === undefined ? [] : [east], [silent('east')]);
    expect(away?.behind.map(({ status }) => status)).toEqual(['unreachable', 'loop']);
    const style = { columns: 200, rows: 24, boxes: false, colour: false, wide: false };
    const [summary] = renderPlantsLive(
      { plants: east === undefined ? [] : [east], time: '', warnings: [] },
      style,
    );
    expect(summary).toMatch(/^ *1 plant,/);
  });

  it('are as far away as the broker that they are behind', () => {
    const broker = plant('east', { behind: [plant('a'), plant('b')] });
    const first = seePlants([], [broker]);
    const lost = seePlants(first, [silent('east')]);
    expect([shown(lost), shown(lost[0]?.behind ?? [])]).toEqual([
      ['east unreachable'],
      ['a unreachable', 'b unreachable'],
    ]);
    const smaller = seePlants(lost, [plant('east', { behind: [plant('b')] })]);
    expect(shown(smaller[0]?.behind ?? [])).toEqual(['a gone', 'b ready']);
  });
});

const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';
const STYLE: LiveStyle = { columns: 200, rows: 50, boxes: true, colour: false, wide: false };
const TIME = '2026-11-20T10:00:00Z';

function live(plants: readonly PlantDescription[], style: Partial<LiveStyle> = {}): readonly string[] {
  const moment = { plants: seePlants([], plants), time: TIME, warnings: [] };
  return renderPlantsLive(moment, { ...STYLE, ...style });
}

describe('the live table', () => {
  it('shows load, bars, costs, and brokers with what is behind them, none counted twice', () => {
    const behind = [
      plant('a', { quote: { cost: 12.5, networkCost: 50 } }),
      plant('b', { usedMemoryMiB: 4096, reserved: 2 }),
    ];
    const lines = live([plant('east', { behind, vms: 6, maxVms: 64 }), plant('c', { usedMemoryMiB: 1 })]);
    expect(lines).toEqual([
      '2026-11-20T10:00:00Z  3 plants, 9 of 96 VMs, 1.0 GiB of 8 GiB',
      'PLANT   STATUS    VMS   MEMORY                   COST   NET   IMAGES      PREPARED   RESERVED   LINES',
      'east    ready    6/64   ███░░░░░░░ 1 GiB/4 GiB      -     -        2   1 (128 MiB)          0   qemu(kvm)',
      '├── a   ready    3/32   ███░░░░░░░ 1 GiB/4 GiB   12.5   +50        2   1 (128 MiB)          0   qemu(kvm)',
      '└── b   ready    3/32   ██████████ 4 GiB/4 GiB      -     -        2   1 (128 MiB)          2   qemu(kvm)',
      'c       ready    3/32   █░░░░░░░░░ 1 MiB/4 GiB      -     -        2   1 (128 MiB)          0   qemu(kvm)',
    ]);
  });

  it('leaves out what matters less until a line fits, then cuts', () => {
    const narrow = live([plant('a')], { columns: 60 });
    expect(narrow[1]).toBe('PLANT   STATUS    VMS   MEMORY                   COST');
    expect(live([plant('a')], { columns: 60, boxes: false })[2]).toContain('###.......');
    expect(live([plant('a')], { columns: 20 })[2]).toBe('a       ready    3/…');
  });

  it('never draws more lines or longer ones than there is room for, and says what is missing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 1, max: 150 }),
        fc.boolean(),
        (count, rows, columns, colour) => {
          const plants = Array.from({ length: count }, (_none, index) => plant(`plant-${index}`));
          const moment = {
            plants: seePlants([], plants),
            time: TIME,
            warnings: [{ kind: 'stale', text: 'stale' }],
          };
          const lines = renderPlantsLive(moment, { ...STYLE, rows, columns, colour });
          const widths = lines.map((line) => [...stripVTControlCharacters(line)].length);
          return lines.length <= rows && widths.every((width) => width <= columns);
        },
      ),
    );
    const plants = Array.from({ length: 30 }, (_none, index) => plant(`plant-${index}`));
    expect(live(plants, { rows: 10 }).at(-1)).toBe('and 23 more');
  });

  it('counts wide characters as two cells, and draws little of what is endless', () => {
    const names = ['日本語'.repeat(4), 'n'.repeat(4_000_000)];
    for (const columns of [10, 40, 120]) {
      const lines = live(
        names.map((name) => plant(name)),
        { columns },
      );
      expect(lines.every((line) => cellsOf(line) <= columns)).toBe(true);
    }
    const lines = Array.from({ length: 50_000 }, () => ({
      name: 'l',
      accelerator: 'kvm',
      vmm: '',
      cpuModel: '',
    }));
    expect(live([plant('a', { lines })], { columns: 10_000 }).join('').length).toBeLessThan(3_000);
  });

  it('marks what is not there, also without colours, and writes out escapes', () => {
    const lines = live([plant('a\u001b[2J'), silent('b')], { colour: true });
    expect(lines[2]).toContain('a\\x1b[2J');
    expect(lines[3]?.startsWith(`${RED}b.example.org:7071   unreachable`)).toBe(true);
    expect(lines[3]?.endsWith(PLAIN)).toBe(true);
    expect(lines[0]).toContain('2 plants (1 not there)');
  });
});

describe('the plain table', () => {
  it('draws brokers as a tree, and has costs in its wide form', () => {
    const plants = [plant('east', { behind: [plant('a', { quote: { cost: 4, networkCost: 50 } })] })];
    const text = renderPlants(plants, { wide: false, boxes: false });
    expect(text).toMatch(/^PLANT +ADDRESS +STATUS .*\neast +east\..*\n`-- a +a\.example\.org:7071 +ready/);
    expect(text).not.toContain('COST');
    const wide = renderPlants(plants, { wide: true, boxes: false });
    expect(wide).toMatch(/RESERVED +NETWORKS +IMAGES +COST +NETWORK COST.*\n.*\n.* 4 +\+50 /);
  });
});

it('draws again over what it drew, and over all of it when the terminal has become narrower', async () => {
  const kept = keptScreen({ isTTY: true, columns: 10 });
  const redraw = createRedraw(kept.screen);
  await redraw(['12345678', '\u001b[31m1234\u001b[0m']);
  await redraw(['1']);
  expect(kept.text().split('\u001b[J')).toEqual([
    '12345678\u001b[K\n\u001b[31m1234\u001b[0m\u001b[K\n',
    '\u001b[2A\r1\u001b[K\n',
    '',
  ]);
  const narrow = keptScreen({ isTTY: true, columns: 10 });
  const again = createRedraw(narrow.screen);
  await again(['12345678']);
  Object.assign(narrow.screen, { columns: 4 });
  await again([]);
  expect(narrow.text().endsWith('\u001b[2A\r\u001b[J')).toBe(true);
  // Each of the characters takes two columns.
  await again(['日本語日']);
  await again([]);
  expect(narrow.text().endsWith('\u001b[2A\r\u001b[J')).toBe(true);
  expect(narrow.text().split('\u001b[2A')).toHaveLength(3);
});

/** Watches a shop that gives these answers, one after the other, and is interrupted after the last. */
async function watched(
  fake: FakeEnvironment,
  answers: readonly (PlantsAnswer | VmplantsError)[],
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const left = [...answers];
  const ask = async (): Promise<PlantsAnswer> => {
    const answer = left.shift();
    if (left.length === 0) void nextTurn().then(() => fake.interrupt.abort());
    if (answer instanceof VmplantsError) throw answer;
    return answer ?? { plants: [] };
  };
  const show = momentScreen(fake.environment, false, async (text) => {
    warnings.push(text);
  });
  await watchPlants(fake.environment, 1, ask, show);
  return warnings;
}

describe('watching', () => {
  it('goes on when the shop is away, with what it knew, and says a warning once', async () => {
    const fake = fakeEnvironment([]);
    const away = new VmplantsError('UNAVAILABLE', 'nothing answers');
    const known = { plants: [plant('a')] };
    const stale = { ...known, warning: 'etcd does not answer' };
    const warnings = await watched(fake, [known, stale, stale, away, known, stale]);
    expect(warnings).toEqual([
      'etcd does not answer',
      'no answer from the shop for 0s: nothing answers',
      'etcd does not answer',
    ]);
    expect(fake.stdout().match(/^2026-11-20T10:00:00Z {2}1 plant, /gm)).toHaveLength(6);
    expect(fake.stdout().match(/^a +ready/gm)).toHaveLength(6);
  });

  it('says off a terminal that the shop is away when that begins or becomes another thing, not how long it lasts', async () => {
    const fake = fakeEnvironment([]);
    let seconds = 0;
    Object.assign(fake.environment, {
      monotonic: () => {
        seconds += 1;
        return seconds * 1000;
      },
    });
    const known = { plants: [plant('a')] };
    const away = new VmplantsError('UNAVAILABLE', 'nothing answers');
    const late = new VmplantsError('DEADLINE_EXCEEDED', 'no answer in time');
    const since = (age: number) => ({ ...known, warning: `etcd is away for ${age} s` });
    const warnings = await watched(fake, [
      known,
      away,
      away,
      away,
      late,
      late,
      since(1),
      since(2),
      known,
      away,
    ]);
    expect(warnings.map((text) => text.replace(/\d+s?/, 'N'))).toEqual([
      'no answer from the shop for N: nothing answers',
      'no answer from the shop for N: no answer in time',
      'etcd is away for N s',
      'no answer from the shop for N: nothing answers',
    ]);
  });

  it('rejects where the shop does not even answer the first time', async () => {
    const away = new VmplantsError('UNAVAILABLE', 'nothing answers');
    await expect(watched(fakeEnvironment([]), [away, { plants: [] }])).rejects.toBe(away);
  });

  it('shows a warning within the table on a terminal, in colours unless NO_COLOR is set', async () => {
    const stale = { plants: [plant('a')], warning: 'etcd \u001b[5mis away' };
    const coloured = fakeEnvironment([], { stdoutIsTerminal: true });
    expect(await watched(coloured, [stale])).toEqual([]);
    expect(coloured.stdout()).toContain('\u001b[33mwarning: etcd \\x1b[5mis away\u001b[0m');
    const plain = fakeEnvironment([], { stdoutIsTerminal: true, variables: { NO_COLOR: '1' } });
    await watched(plain, [stale]);
    expect(plain.stdout()).not.toContain('\u001b[3');
    expect(plain.stdout()).not.toContain(PLAIN);
  });
});

describe('vmshop plants --watch', () => {
  let shop: FakeShop;
  beforeAll(async () => {
    shop = await startFakeShop();
  });
  afterAll(() => shop.stop());

  it('prints a table again and again where there is no terminal, and ends well at Ctrl-C', async () => {
    const fake = fakeEnvironment(['--address', shop.address, 'plants', '--watch', '--every', '1ms']);
    const ended = runProgram(shopProgram(fake.environment, '1'), fake.environment);
    await expect.poll(() => fake.stdout().match(/^north +ready/gm)?.length ?? 0).toBeGreaterThan(2);
    fake.interrupt.abort(new VmplantsError('CANCELLED', 'interrupted', { reason: 'INTERRUPTED' }));
    expect([await ended, fake.stderr()]).toEqual([0, '']);
  });

  it.each([
    [['--watch', '-o', 'json'], 'drop -o json'],
    [['--watch', '-q'], 'drop -q'],
    [['--watch', '--every', 'soon'], '--every'],
    [['--every', '2s'], 'drop --every'],
  ])('refuses %j', async (args, why) => {
    const run = await runShop(['--address', shop.address, 'plants', ...args]);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(why);
  });
});
