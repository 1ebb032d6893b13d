import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../cli/runProgram.js';
import { invalidArgument, VmplantsError } from '../../../model/errors.js';
import { bidToMessage } from '../../../proto/mapping/bid.js';
import { planToMessage } from '../../../proto/mapping/plan.js';
import { shopProgram } from '../../../shop/cli/program.js';
import { fakeEnvironment } from '../../cli/fakeTerminal.js';
import { BID, type FakeShop, PLAN, REFUSAL, type ShopScript, startFakeShop, VMID } from './fakeShop.js';
import { type Run, runShop } from './runShop.js';

let directory: string;
let file: string;
let shop: FakeShop | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmplants-create-'));
  file = join(directory, 'request.yaml');
  await writeFile(join(directory, 'hello.txt'), 'hello');
  await writeFile(
    file,
    [
      'operatingSystem: { name: debian, version: "12" }',
      'actions:',
      '  - { name: install, script: "true", files: [{ path: hello.txt, source: hello.txt }] }',
    ].join('\n'),
  );
});
afterEach(async () => {
  await shop?.stop();
  shop = undefined;
  await rm(directory, { recursive: true });
});

async function create(script: ShopScript, ...args: string[]): Promise<Run> {
  shop = await startFakeShop(script);
  return runShop(['--address', shop.address, 'create', '-f', file, ...args]);
}

async function* untilCancelled(signal: AbortSignal): AsyncGenerator<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

describe('vmshop create', () => {
  it('prints plain progress on stderr and the classad on stdout', async () => {
    const run = await create({});
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toBe(
      [
        `${VMID}: accepted`,
        'auction: north takes it for 12 (1 bid, 1 plant made none)',
        'plan: debian-12-workspace (warm), 1 action in it, 3 actions to run, saves 41 s',
        'warning: action mount cannot be cached because it follows identity action user',
        'clone: copy-on-write (0.04 s)',
        '',
      ].join('\n'),
    );
    expect(run.stdout).toContain('Hostname = "ws1"');
  });

  it('sends the request with its local files, under a request ID of its own', async () => {
    await create({}, '-q');
    const request = shop?.requests[0];
    expect(request?.requestId).toBe('request-from-the-test');
    expect(JSON.parse(request?.document?.content.toString() ?? '')).toEqual({
      operatingSystem: { name: 'debian', version: '12' },
      actions: [
        {
          name: 'install',
          script: 'true',
          files: [{ path: 'hello.txt', mode: '0644', base64: Buffer.from('hello').toString('base64') }],
        },
      ],
    });
  });

  it('sends the given request ID and whether to keep a VM that failed', async () => {
    await create({}, '-q', '--request-id', 'job-1', '--keep-failed');
    expect(shop?.requests[0]).toMatchObject({ requestId: 'job-1', keepFailed: true });
  });

  it('prints the VMID alone with -q', async () => {
    expect(await create({}, '-q')).toEqual({ exitCode: 0, stdout: `${VMID}\n`, stderr: '' });
  });

  it('does not wait when told so, but until a plant has the order', async () => {
    const run = await create(
      {
        async *create(_request, signal) {
          yield { accepted: { vmid: VMID } };
          yield { auction: { bids: [bidToMessage(BID)], refusals: [], winner: 'north' } };
          yield { plan: planToMessage(PLAN, 'north') };
          yield* untilCancelled(signal);
        },
      },
      '--no-wait',
      '-q',
    );
    expect(run).toEqual({ exitCode: 0, stdout: `${VMID}\n`, stderr: '' });
  });

  it('prints the VMID alone in the form that was asked for', async () => {
    const taken: ShopScript = {
      async *create(_request, signal) {
        yield { accepted: { vmid: VMID } };
        yield { plan: planToMessage(PLAN, 'north') };
        yield* untilCancelled(signal);
      },
    };
    expect(JSON.parse((await create(taken, '--no-wait', '-o', 'json')).stdout)).toEqual({ vmid: VMID });
    await shop?.stop();
    expect((await create(taken, '--no-wait', '-o', 'yaml')).stdout).toBe(`vmid: ${VMID}\n`);
    await shop?.stop();
    expect((await create(taken, '--no-wait')).stdout).toBe(`${VMID}\n`);
  });

  it.each([
    [[], 'the VM was removed; --keep-failed keeps one'],
    [['--keep-failed'], `${VMID} was kept as it is`],
  ])('says what became of the VM of a failed action (%j)', async (flags, hint) => {
    const run = await create(
      {
        async *create() {
          yield { accepted: { vmid: VMID } };
          throw new VmplantsError('FAILED_PRECONDITION', 'action install failed with status 7', {
            reason: 'ACTION_FAILED',
            actionFailure: { action: 'install', status: 7, outputTail: 'no\n' },
          });
        },
      },
      ...flags,
    );
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`error: action install failed with status 7\n  | no\nhint: ${hint}`);
    expect(run.stderr.match(/status 7/g)).toHaveLength(1);
  });

  it('does not offer a default of --wait twice', async () => {
    const { stdout } = await runShop(['create', '--help']);
    expect(stdout).toContain('(default)');
    expect(stdout).not.toContain('default: true');
  });

  it('says how to go on when its time is over, and ends with 6', async () => {
    const run = await create(
      {
        async *create(_request, signal) {
          yield { accepted: { vmid: VMID } };
          yield* untilCancelled(signal);
        },
      },
      '--timeout',
      '300ms',
    );
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain(
      [
        'error: gave up waiting after 0.3 s',
        `hint: the creation of ${VMID} goes on; follow it:`,
        `  vmshop create -f ${file} --request-id request-from-the-test`,
        'or give it up:',
        `  vmshop destroy ${VMID}`,
        '',
      ].join('\n'),
    );
  });

  it('stops waiting at the first Ctrl-C, says how to go on, and ends with 130', async () => {
    let accepted: () => void = () => {};
    const isAccepted = new Promise<void>((resolve) => {
      accepted = resolve;
    });
    let cancelled = false;
    shop = await startFakeShop({
      async *create(_request, signal) {
        yield { accepted: { vmid: VMID } };
        accepted();
        yield* untilCancelled(signal);
        cancelled = signal.aborted;
      },
    });
    const fake = fakeEnvironment(['create', '-f', file, '--address', shop.address, '-o', 'json']);
    const running = runProgram(shopProgram(fake.environment, '1'), fake.environment);
    await isAccepted;
    await expect.poll(fake.stderr).toContain('accepted');
    fake.interrupt.abort(new VmplantsError('CANCELLED', 'interrupted', { reason: 'INTERRUPTED' }));
    expect(await running).toBe(130);
    await expect.poll(() => cancelled).toBe(true);
    expect(JSON.parse(fake.stderr().replace(/^.*accepted\n/, ''))).toEqual({
      code: 'CANCELLED',
      message: 'interrupted',
      reason: 'INTERRUPTED',
      hint: expect.stringContaining('--request-id request-from-the-test'),
    });
    expect(shop.collected).toEqual([]);
  });

  it.each<[string, () => VmplantsError, number, string]>([
    [
      'a wrong field',
      () => invalidArgument([{ field: 'actions[0].name', description: 'is reserved' }]),
      2,
      'actions[0].name: is reserved',
    ],
    [
      'no golden image',
      () => new VmplantsError('FAILED_PRECONDITION', 'no image', { reason: 'NO_MATCHING_IMAGE' }),
      5,
      'no image',
    ],
    [
      'a failed action',
      () =>
        new VmplantsError('FAILED_PRECONDITION', 'action install failed', {
          reason: 'ACTION_FAILED',
          actionFailure: { action: 'install', status: 256 + 9, outputTail: 'dpkg: \u001b[1mno\n' },
        }),
      1,
      'action install was ended by signal 9\n  | dpkg: \\x1b[1mno\n',
    ],
    [
      'a used request ID',
      () => new VmplantsError('ALREADY_EXISTS', 'used for another request'),
      1,
      'used for another request',
    ],
    [
      'a full queue',
      () => new VmplantsError('RESOURCE_EXHAUSTED', 'too many', { reason: 'BUSY' }),
      4,
      'too many',
    ],
  ])('ends for %s with the code that says so', async (_what, error, exitCode, text) => {
    const run = await create({
      // biome-ignore lint/correctness/useYield: it fails before the first event
      async *create() {
        throw error();
      },
    });
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(text);
  });

  it('finds what is not even YAML itself, with its place', async () => {
    await writeFile(file, 'actions: [\n');
    const run = await create({});
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(`error: ${file}: `);
    expect(run.stderr).toMatch(/line 2/);
    expect(shop?.requests).toEqual([]);
  });
});

describe('vmshop plan', () => {
  it('draws what would be cloned and run, and why the others lose', async () => {
    shop = await startFakeShop();
    const { stdout, exitCode } = await runShop(['plan', '-f', file, '--address', shop.address]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'plant north would win with a bid of 12: compute 12 (4 x 3 VMs)',
        '  golden image  debian-12-workspace (warm: its frozen memory is resumed)',
        '',
        '    start                 (= 1 action in the image, + 3 actions to run)',
        '      = install   111111111111   in the image',
        '      + user      222222222222   guest, ISO 1',
        '      + data      333333333333   host',
        '      + mount     444444444444   guest, ISO 2',
        '    end',
        '',
        '  saves 41 s, leaves about 2.0 s',
        '  warning: action mount cannot be cached because it follows identity action user',
        '',
        '  other images',
        '    IMAGE       TEST         ACTION   REASON',
        '    debian-12   saves-less   -        saves 0.0 s, debian-12-workspace 41.2 s',
        '    other       subset       mysql    the order has no action mysql',
        '',
        'south made no bid: no golden image matches (FAILED_PRECONDITION)',
        '  IMAGE   TEST               ACTION   REASON',
        '  micro   operating-system   -        is micro, not debian',
        '',
      ].join('\n'),
    );
  });

  it('has a JSON form with the flat sequence of what is left', async () => {
    shop = await startFakeShop();
    const { stdout } = await runShop(['plan', '-f', file, '--address', shop.address, '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      offers: [
        {
          bid: { plant: 'north', cost: 12 },
          plan: { image: 'debian-12-workspace', residual: ['user', 'data', 'mount'] },
        },
      ],
      refusals: [REFUSAL_DOCUMENT],
    });
  });

  it('ends with 5 when nobody would bid', async () => {
    shop = await startFakeShop({ plan: async () => ({ plans: [], bids: [], refusals: [REFUSAL] }) });
    const { stdout, exitCode } = await runShop(['plan', '-f', file, '--address', shop.address]);
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/^south made no bid/);
  });
});

const REFUSAL_DOCUMENT = {
  ...REFUSAL,
  rejected: [{ image: 'micro', test: 'operating-system', reason: 'is micro, not debian' }],
};
