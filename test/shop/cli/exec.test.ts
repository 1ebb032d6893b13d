import { afterEach, describe, expect, it } from 'vitest';
import type { ExecEvent } from '../../../proto/gen/vmplants/v1/ExecEvent.js';
import { exitCodeOfStatus } from '../../../shop/cli/exec.js';
import { scriptOf } from '../../../shop/cli/quote.js';
import { type FakeShop, startFakeShop, VMID } from './fakeShop.js';
import { runShop } from './runShop.js';

let shop: FakeShop | undefined;
afterEach(async () => {
  await shop?.stop();
  shop = undefined;
});

async function exec(
  events: readonly ExecEvent[],
  options: { readonly stdoutIsTerminal?: boolean } = {},
  ...flags: string[]
) {
  const seen: { script: string; timeoutSeconds: number }[] = [];
  shop = await startFakeShop({
    async *exec({ script, timeoutSeconds }) {
      seen.push({ script, timeoutSeconds });
      yield* events;
    },
  });
  const args = ['--address', shop.address, 'exec', ...flags, VMID, '--', 'ls', '-l', "it's"];
  return { run: await runShop(args, options), seen };
}

const ended = (status: number, truncated = false): ExecEvent => ({ ended: { status, truncated } });
const output = (text: string): ExecEvent => ({ output: Buffer.from(text) });

describe('vmshop exec', () => {
  it('runs exactly the given words and hands the output on as it is', async () => {
    const { run, seen } = await exec([output('a\u001b[1m'), output('b\n'), ended(0)], {}, '--timeout', '5s');
    expect(run).toEqual({ exitCode: 0, stdout: 'a\u001b[1mb\n', stderr: '' });
    expect(seen).toEqual([{ script: "exec 'ls' '-l' 'it'\\''s'\n", timeoutSeconds: 5 }]);
  });

  it('shows escapes on a terminal instead of obeying them, also when a character is cut in two', async () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const events = [{ output: first }, { output: second }, output('\u001b[2J'), ended(0)];
    const { run } = await exec(events, { stdoutIsTerminal: true });
    expect(run.stdout).toBe('é\\x1b[2J');
  });

  it('obeys them with --raw', async () => {
    const { run } = await exec([output('\u001b[2J'), ended(0)], { stdoutIsTerminal: true }, '--raw');
    expect(run.stdout).toBe('\u001b[2J');
  });

  it('has a JSON form with the output and how the command ended', async () => {
    const { run } = await exec([output('a\u001b[1m'), output('b\n'), ended(3)], {}, '-o', 'json');
    expect(run.exitCode).toBe(3);
    expect(JSON.parse(run.stdout)).toEqual({ status: 3, truncated: false, output: 'a\u001b[1mb\n' });
  });

  it('says where -- belongs when an option of the command is taken for one of its own', async () => {
    const run = await runShop(['exec', VMID, 'uname', '-a']);
    expect(run).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: "error: unknown option '-a'\nhint: put -- before the command: vmshop exec VMID -- COMMAND...\n",
    });
  });

  it('exits as the command does', async () => {
    const { run } = await exec([ended(42)]);
    expect(run).toEqual({ exitCode: 42, stdout: '', stderr: '' });
  });

  it('says when the output was cut and when the time ran out', async () => {
    const { run } = await exec([ended(-1, true)]);
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toBe(
      'warning: the output was cut at 64 KiB\nthe command ran out of its 60 s (see --timeout)\n',
    );
  });

  it.each([
    [0, 0],
    [255, 255],
    [256 + 9, 137],
    [-1, 6],
  ])('turns the status %d into the exit code %d', (status, exitCode) => {
    expect(exitCodeOfStatus(status)).toBe(exitCode);
  });

  it('refuses NUL in an argument', () => {
    expect(() => scriptOf(['a\0b'])).toThrow('without NUL');
  });
});
