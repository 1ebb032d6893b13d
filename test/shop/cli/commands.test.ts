import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeShop, startFakeShop, VMID } from './fakeShop.js';
import { type Run, runShop } from './runShop.js';

const UNKNOWN = 'vm-zzzzzzzzzzzzzzzzzzzzzzzzzz';
const REQUEST = 'operatingSystem: { name: debian }\nactions: []\n';

let shop: FakeShop;
beforeAll(async () => {
  shop = await startFakeShop();
});
afterAll(() => shop.stop());

const vmshop = (...args: string[]): Promise<Run> => runShop(['--address', shop.address, ...args]);

const NO_VM = `error: no VM ${UNKNOWN}\nhint: vmshop list shows the VMs that there are\n`;

describe('vmshop get', () => {
  it('prints the classad, escapes of the guest shown', async () => {
    const run = await vmshop('get', VMID);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain(`VMID = "${VMID}"`);
    expect(run.stdout).toContain('MemoryMiB = 512');
    expect(run.stdout).not.toContain('\u001b');
  });

  it('prints the VM as JSON', async () => {
    const { stdout } = await vmshop('get', VMID, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      vmid: VMID,
      state: 'running',
      createdAt: '2026-11-20T09:58:30.000Z',
      classad: { Hostname: 'ws1', Motd: 'hi\u001b[31m "there"' },
    });
  });

  it('prints a table', async () => {
    const { stdout } = await vmshop('get', VMID, '-o', 'table');
    expect(stdout).toBe(
      [
        'VMID                            STATE     HOSTNAME   PLANT   IMAGE                 AGE',
        `${VMID}   running   ws1        north   debian-12-workspace   90s`,
        '',
      ].join('\n'),
    );
  });

  it('says how old an answer is that it was content with', async () => {
    const age = ['--max-age', '2500ms'];
    expect((await vmshop('get', VMID, ...age)).stdout).toContain('CachedSeconds = 2.5');
    expect(JSON.parse((await vmshop('get', VMID, ...age, '-o', 'json')).stdout)).toMatchObject({
      ageMilliseconds: 2500,
    });
    for (const command of [['get', VMID, '-o', 'table'], ['list']]) {
      expect((await vmshop(...command, ...age)).stdout).toMatch(/ AGE +CACHED\n.* 2\.5 s\n/);
      expect((await vmshop(...command)).stdout).not.toContain('CACHED');
    }
    expect((await vmshop('get', VMID, '--max-age', 'yesterday')).exitCode).toBe(2);
  });

  it('ends with 3 for a VM that is not there', async () => {
    const run = await vmshop('get', UNKNOWN);
    expect(run).toEqual({ exitCode: 3, stdout: '', stderr: NO_VM });
  });

  it('says errors as JSON under -o json', async () => {
    const run = await vmshop('get', UNKNOWN, '-o', 'json');
    expect(run.stdout).toBe('');
    expect(JSON.parse(run.stderr)).toEqual({
      code: 'NOT_FOUND',
      message: `no VM ${UNKNOWN}`,
      reason: 'NO_SUCH_VM',
      hint: 'vmshop list shows the VMs that there are',
    });
  });
});

describe('vmshop list', () => {
  it('prints a wide table and who did not answer', async () => {
    const run = await vmshop('list', '-o', 'wide');
    expect(run.stdout.split('\n')[0]).toMatch(
      /^VMID +STATE +HOSTNAME +PLANT +IMAGE +RUNG +LINE +VCPUS +MEMORY +DOMAIN +AGE +REASON$/,
    );
    expect(run.stderr).toBe('warning: plant south did not answer; what it holds is missing here\n');
  });

  it('prints the VMIDs alone with -q', async () => {
    expect((await vmshop('list', '-q')).stdout).toBe(`${VMID}\n`);
  });

  it('says in JSON what is missing', async () => {
    const { stdout } = await vmshop('list', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ vms: [{ vmid: VMID }], unreachable: ['south'] });
  });

  it('refuses a form that a list has not', async () => {
    const run = await vmshop('list', '-o', 'classad');
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('expected table, wide, json, yaml');
  });
});

describe('vmshop destroy', () => {
  it('goes on after one that is not there, and ends with its code', async () => {
    const run = await vmshop('destroy', UNKNOWN, VMID);
    expect(run).toEqual({ exitCode: 3, stdout: `${VMID}\n`, stderr: NO_VM });
    expect(shop.collected).toContain(VMID);
  });

  it('takes one that is gone for done when told so', async () => {
    expect(await vmshop('destroy', '--ignore-not-found', UNKNOWN)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('vmshop images, plants and bids', () => {
  it('prints images', async () => {
    const { stdout } = await vmshop('images');
    expect(stdout.split('\n')[1]).toMatch(
      /^micro +north +micro 1 +installed +- +warm +1 +128 MiB +140 MiB +1 +2h$/,
    );
  });

  it('prints plants', async () => {
    const { stdout } = await vmshop('plants');
    expect(stdout.split('\n')[1]).toMatch(
      /^north +127\.0\.0\.1:7071 +ready +3\/32 +1\.5 GiB\/16 GiB +2 \(256 MiB\) +1\/4 +2 +qemu\(tcg\)$/,
    );
  });

  it('prints bids and refusals', async () => {
    const { stdout } = await runShop(['--address', shop.address, 'bids', '-f', '-'], { stdin: REQUEST });
    expect(stdout).toMatch(/north +12 +debian-12-workspace +warm +2\.0 s +compute 12 \(4 x 3 VMs\)/);
    expect(stdout).toContain('south made no bid: no golden image matches (FAILED_PRECONDITION)');
    expect(stdout).toMatch(/ {2}micro +operating-system +- +is micro, not debian/);
  });
});

describe('vmshop version', () => {
  it('tells both sides as JSON', async () => {
    const { stdout, exitCode } = await vmshop('version', '-o', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      client: { version: '1.2.3' },
      server: {
        address: shop.address,
        plants: [{ name: 'north', version: '0.1.0', address: '127.0.0.1:7071' }],
      },
    });
  });

  it('calls a plant that does not answer by its address', async () => {
    const lame = await startFakeShop({ unreachable: ['127.0.0.1:7072'] });
    try {
      const { stdout } = await runShop(['--address', lame.address, 'version']);
      expect(stdout).toMatch(/\nplant north: 0\.1\.0\nplant 127\.0\.0\.1:7072: unreachable\n$/);
      expect((await runShop(['--address', lame.address, 'plants', '-q'])).stdout).toBe('north\n');
    } finally {
      await lame.stop();
    }
  });

  it('tells its own where no shop answers', async () => {
    const { stdout, exitCode } = await runShop(['version', '--address', '127.0.0.1:1']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^client: 1\.2\.3\nserver: none at 127\.0\.0\.1:1 \(/);
  });
});

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['lisst'], 'Did you mean list?'],
    ['an unknown option', ['list', '--outptu', 'json'], 'Did you mean --output?'],
    ['a form that does not exist', ['list', '-o', 'xml'], '-o, --output <FORMAT>'],
    ['a missing argument', ['get'], "missing required argument 'vmid'"],
    ['a missing option', ['plan'], '-f, --file <FILE>'],
    ['what is no duration', ['list', '--timeout', 'soon'], '--timeout: expected a duration'],
    ['what is no address', ['list', '--address', 'nowhere'], '--address: expected host:port'],
    ['a command that is too long', ['exec', VMID, '--', 'x'.repeat(9000)], 'at most 8192 bytes'],
    ['a file that is not there', ['plan', '-f', '/nonexistent/a.yaml'], 'there is no such file'],
  ])('%s ends with 2', async (_what, args, text) => {
    const run = await runShop(args);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain(text);
  });

  it('is said as JSON when asked for', async () => {
    const run = await runShop(['lisst', '-o', 'json']);
    expect(JSON.parse(run.stderr)).toEqual({
      code: 'INVALID_ARGUMENT',
      message: "unknown command 'lisst'",
      reason: 'USAGE',
      hint: 'Did you mean list?',
    });
  });
});

describe('a shop that is away', () => {
  it('ends with 7 and says what to do', async () => {
    const run = await runShop(['list', '--address', '127.0.0.1:1']);
    expect(run.exitCode).toBe(7);
    expect(run.stderr).toContain('no shop answers at 127.0.0.1:1');
    expect(run.stderr).toContain('hint: start one with: vmshop serve');
  });

  it('ends with 6 when it does not answer in time', async () => {
    const silent = await startFakeShop({ list: () => new Promise<never>(() => {}) });
    try {
      const run = await runShop(['list', '--address', silent.address, '--timeout', '200ms']);
      expect(run.exitCode).toBe(6);
    } finally {
      await silent.stop();
    }
  });
});
