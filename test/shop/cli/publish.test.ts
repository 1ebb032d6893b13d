import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../cli/runProgram.js';
import { invalidArgument, VmplantsError } from '../../../model/errors.js';
import type { PublishRequest__Output } from '../../../proto/gen/vmplants/v1/PublishRequest.js';
import { shopProgram } from '../../../shop/cli/program.js';
import { fakeEnvironment } from '../../cli/fakeTerminal.js';
import { type FakeShop, IMAGE, type ShopScript, startFakeShop, VMID } from './fakeShop.js';
import { type Run, runShop } from './runShop.js';

const KEY = 'f'.repeat(64);
let directory: string;
let shop: FakeShop | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmplants-publish-cli-'));
  await writeFile(join(directory, 'request.yaml'), 'operatingSystem: { name: debian }\nactions: []\n');
  await writeFile(join(directory, 'scrub.sh'), 'rm -rf /home/me/.ssh\n');
  await writeFile(join(directory, 'empty.sh'), '');
  await writeFile(join(directory, 'long.sh'), 'x'.repeat(65_537));
  await writeFile(join(directory, 'binary'), Buffer.from([0xff, 0xfe]));
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(async () => {
  await shop?.stop();
  shop = undefined;
});

async function publish(
  flags: readonly string[],
  script: ShopScript = {},
): Promise<{ readonly run: Run; readonly asked: readonly PublishRequest__Output[] }> {
  const asked: PublishRequest__Output[] = [];
  shop = await startFakeShop({
    async *publish(request, signal) {
      asked.push(request);
      if (script.publish !== undefined) yield* script.publish(request, signal);
      else {
        yield { progress: { phase: 'pause', message: 'froze\u001b its disk', seconds: 0.42 } };
        yield {
          published: {
            image: { ...IMAGE, name: request.name },
            opaqueKey: KEY,
            pausedSeconds: 0.42,
            scrubbed: ['ssh-host-keys', 'machine-id'],
          },
        };
      }
    },
  });
  const args = ['--address', shop.address, 'publish', VMID, '--as', 'tuned', ...flags];
  return { run: await runShop(args, { directory }), asked };
}

describe('vmshop publish', () => {
  it('makes an image of the request, shows what happens, and says what is not in it', async () => {
    shop = await startFakeShop();
    const run = await runShop(['--address', shop.address, 'publish', VMID, '--as', 'web']);
    expect(run).toEqual({
      exitCode: 0,
      stdout: [
        'web on north: warm, 1 action in it, 140 MiB',
        'left out, because it belongs to this VM alone: user, mount',
        '',
      ].join('\n'),
      stderr: 'freeze: froze it (1.2 s)\n',
    });
  });

  it('asks for a live image as the options say, and says how a request gets the change', async () => {
    const { run, asked } = await publish([
      '--live',
      '--memory',
      '--scrub',
      'scrub.sh',
      '--keep-identity',
      'user',
      'mount',
      '--share',
      'disk',
      '--pin',
    ]);
    expect(asked).toMatchObject([
      {
        vmid: VMID,
        name: 'tuned',
        shared: 'disk',
        pinned: true,
        way: 'live',
        live: { memory: true, scrub: 'rm -rf /home/me/.ssh\n', keep: ['user', 'mount'] },
      },
    ]);
    expect(run.stdout.split('\n')).toEqual([
      'tuned on north: warm, 1 action in it, 140 MiB',
      'the VM stood still for 420 ms',
      'scrubbed, as the guest confirmed: ssh-host-keys, machine-id',
      "the VM's request gets what was changed by hand, too, with this added to its actions:",
      '  - name: my-change',
      `    opaque: ${KEY}`,
      '',
    ]);
    expect(run.stderr).toBe('pause: froze\\x1b its disk (0.42 s)\n');
  });

  it.each([
    [undefined, 'the VM did not have to stand still'],
    [0.0004, 'the VM stood still for 1 ms'],
    [2.34, 'the VM stood still for 2.3 s'],
  ])('says how long the VM stood still: %s s', async (pausedSeconds, expected) => {
    const { run } = await publish(['--live'], {
      async *publish(request) {
        const image = { ...IMAGE, name: request.name };
        yield {
          published: { image, opaqueKey: KEY, ...(pausedSeconds === undefined ? {} : { pausedSeconds }) },
        };
      },
    });
    expect(run.stdout.split('\n')[1]).toBe(expected);
  });

  it('tells programs the same', async () => {
    const { run } = await publish(['--live', '-o', 'json']);
    expect(JSON.parse(run.stdout)).toMatchObject({
      image: { name: 'tuned', plant: 'north', createdAt: '2026-11-20T08:00:00.000Z' },
      opaqueKey: KEY,
      pausedSeconds: 0.42,
      leftOut: [],
      scrubbed: ['ssh-host-keys', 'machine-id'],
    });
  });

  it('sends the request that the plant does not know any more', async () => {
    const { asked } = await publish(['-f', 'request.yaml']);
    expect(asked[0]?.shared).toBe('');
    expect(JSON.parse(asked[0]?.recipe?.document?.content.toString() ?? '')).toEqual({
      operatingSystem: { name: 'debian' },
      actions: [],
    });
  });

  it('names the file in what is wrong with the request, and nowhere else', async () => {
    const refuse = (field: string) =>
      publish(['-f', 'request.yaml'], {
        // biome-ignore lint/correctness/useYield: it fails before there is anything to say
        async *publish() {
          throw invalidArgument([{ field, description: 'is wrong' }]);
        },
      });
    expect((await refuse('actions[0].name')).run.stderr).toBe(
      'error: request.yaml: actions[0].name: is wrong\n',
    );
    await shop?.stop();
    const { run } = await refuse('name');
    expect([run.exitCode, run.stderr]).toEqual([2, 'error: name: is wrong\n']);
  });

  it.each([
    ['FAILED_PRECONDITION', 'RECIPE_UNKNOWN', 1, 'vmshop publish VMID --as NAME -f FILE'],
    ['ALREADY_EXISTS', 'IMAGE_EXISTS', 1, 'as it was said'],
    ['NOT_FOUND', 'NO_SUCH_VM', 3, 'vmshop list shows the VMs'],
  ] as const)('ends on %s %s with a hint', async (code, reason, exitCode, hint) => {
    const { run } = await publish([], {
      // biome-ignore lint/correctness/useYield: it fails before there is anything to say
      async *publish() {
        throw new VmplantsError(code, 'not possible', { reason, hint: 'as it was said' });
      },
    });
    expect([run.exitCode, run.stdout]).toEqual([exitCode, '']);
    expect(run.stderr).toMatch(/^error: not possible\nhint: /);
    expect(run.stderr).toContain(hint);
  });

  it('ends the publication with the call, and says so', async () => {
    let heard: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      heard = resolve;
    });
    shop = await startFakeShop({
      async *publish(_request, signal) {
        signal.addEventListener('abort', heard, { once: true });
        yield { progress: { phase: 'boot', message: 'boots the copy' } };
        await new Promise(() => {});
      },
    });
    const args = ['--address', shop.address, 'publish', VMID, '--as', 'tuned'];
    const { environment, interrupt, stdout, stderr } = fakeEnvironment(args);
    const running = runProgram(shopProgram(environment, '1'), environment);
    await expect.poll(stderr).toContain('boots the copy');
    interrupt.abort(new VmplantsError('CANCELLED', 'interrupted', { reason: 'INTERRUPTED' }));
    expect(await running).toBe(130);
    await ended;
    expect(stdout()).toBe('');
    expect(stderr()).toContain('the publication was ended, and nothing of it is left; the VM runs on');
  });

  it('does not say that nothing is left when the image is there already', async () => {
    shop = await startFakeShop({
      async *publish() {
        yield { progress: { phase: 'publish', message: 'it is in the warehouse' } };
        await new Promise(() => {});
      },
    });
    const args = ['--address', shop.address, 'publish', VMID, '--as', 'tuned'];
    const { environment, interrupt, stderr } = fakeEnvironment(args);
    const running = runProgram(shopProgram(environment, '1'), environment);
    await expect.poll(stderr).toContain('it is in the warehouse');
    interrupt.abort(new VmplantsError('CANCELLED', 'interrupted', { reason: 'INTERRUPTED' }));
    expect(await running).toBe(130);
    expect(stderr()).toContain('hint: it was too late: tuned is in the warehouse already');
    expect(stderr()).not.toContain('nothing of it is left');
  });

  it.each([
    ['no name', [VMID], '--as <NAME>'],
    ['--memory alone', [VMID, '--as', 'x', '--memory'], '--memory needs --live'],
    ['--scrub alone', [VMID, '--as', 'x', '--scrub', 'scrub.sh'], '--scrub needs --live'],
    ['--keep-identity alone', [VMID, '--as', 'x', '--keep-identity', 'a'], '--keep-identity needs --live'],
    ['a request and --live', [VMID, '--as', 'x', '--live', '-f', 'a'], '-f cannot be combined with --live'],
    ['no such sharing', [VMID, '--as', 'x', '--share', 'no'], 'Allowed choices are disk, memory'],
    ['no script', [VMID, '--as', 'x', '--live', '--scrub', 'none'], '"none": there is no such file'],
    ['an empty script', [VMID, '--as', 'x', '--live', '--scrub', 'empty.sh'], 'found an empty file'],
    ['a long script', [VMID, '--as', 'x', '--live', '--scrub', 'long.sh'], 'at most 65536 bytes'],
    ['no text', [VMID, '--as', 'x', '--live', '--scrub', 'binary'], 'expected UTF-8 text'],
  ])('with %s is wrong usage', async (_what, args, text) => {
    const run = await runShop(['publish', ...args], { directory });
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(text);
  });
});
