import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GuestMessage } from '../../guest/protocol.js';
import { buildIso, compileDaemon, DaemonUnderTest, outputOf, reasonOf } from './daemonUnderTest.js';

const build = mkdtempSync(join(tmpdir(), 'vmguestd-build-'));
let binary: string;
let daemon: DaemonUnderTest;

beforeAll(() => {
  binary = compileDaemon(build);
}, 120_000);
afterAll(() => rmSync(build, { recursive: true }));
beforeEach(async () => {
  daemon = new DaemonUnderTest(binary);
  await daemon.start();
  await daemon.until((message) => message.kind === 'ready');
});
afterEach(() => daemon.stop());

function kinds(messages: readonly GuestMessage[]): string {
  return messages.map((message) => message.kind).join(' ');
}

function ended(
  messages: readonly GuestMessage[],
): readonly { index: number; status: number; truncated: boolean }[] {
  return messages.flatMap((message) =>
    message.kind === 'ended'
      ? [{ index: message.index, status: message.status, truncated: message.truncated }]
      : [],
  );
}

/** A script that waits until the test makes the file `go`. */
function untilTold(under: DaemonUnderTest): string {
  return `while [ ! -e ${under.directory}/go ]; do sleep 0.05; done`;
}

/** `gone`, or the state of the process: what was killed stays a zombie until init reaps it. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) (.).*$/s, '$1');
  } catch {
    return 'gone';
  }
}

describe('configuration', () => {
  it('runs the actions in order, each in a directory of its own with its files and environment', async () => {
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [
          {
            script:
              'cat dir/a; ./run.sh; echo "$GREETING $HOME"; echo "port=80 81" >>"$VMPLANTS_ATTRIBUTES"; pwd; touch mine',
            environment: 'GREETING=hello, "world"\0PATH=/bin:/usr/bin\0',
            files: { 'dir/a': 'content\n', 'run.sh': '#!/bin/sh\necho ran\n' },
          },
          { script: '#!/bin/cat -E\nown interpreter\n' },
          { script: 'pwd; ls; echo oops >&2; cat' },
        ],
      }),
    );
    expect(kinds(messages)).toMatch(
      /^accepted started (output )+attribute ended started (output )+ended started (output )+ended done$/,
    );
    expect(outputOf(messages, 0)).toBe(`content\nran\nhello, "world" /root\n${daemon.run}/work/0\n`);
    expect(messages.find((message) => message.kind === 'attribute')).toMatchObject({
      index: 0,
      name: 'port',
      value: '80 81',
    });
    expect(outputOf(messages, 1)).toBe('#!/bin/cat -E$\nown interpreter$\n');
    expect(outputOf(messages, 2)).toBe(`${daemon.run}/work/2\noops\n`);
    expect(ended(messages).map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it('stops after the first action that does not end with 0', async () => {
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [{ script: 'true' }, { script: 'exit 7' }, { script: 'echo never' }],
      }),
    );
    expect(ended(messages)).toEqual([
      { index: 0, status: 0, truncated: false },
      { index: 1, status: 7, truncated: false },
    ]);
    expect(kinds(messages)).toMatch(/ended done$/);
  });

  it('tells a signal from an exit status', async () => {
    const messages = await daemon.configure(buildIso({ nonce: 'n1', actions: [{ script: 'kill -9 $$' }] }));
    expect(ended(messages)).toEqual([{ index: 0, status: 256 + 9, truncated: false }]);
  });

  it('leaves nothing of scripts, data and results behind', async () => {
    const canary = 'canary-1b7e';
    await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [
          { script: `echo ${canary} >file; echo a=${canary} >>$VMPLANTS_ATTRIBUTES`, files: { x: canary } },
        ],
      }),
    );
    expect(readdirSync(daemon.run, { recursive: true })).toEqual([]);
  });

  it('does not wait for a service that the script leaves behind', async () => {
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [{ script: 'sleep 1000 & echo pid=$! >>$VMPLANTS_ATTRIBUTES; echo left' }],
      }),
    );
    const attribute = messages.find((message) => message.kind === 'attribute');
    const pid = attribute?.kind === 'attribute' ? Number(attribute.value) : 0;
    // Throws when there is no such process.
    process.kill(pid);
    expect(outputOf(messages, 0)).toBe('left\n');
    expect(ended(messages)).toEqual([{ index: 0, status: 0, truncated: false }]);
  });

  it('kills the whole process group of a script that takes too long', async () => {
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [
          {
            timeoutSeconds: 1,
            script:
              "trap '' TERM; sleep 1000 & echo child=$! >>$VMPLANTS_ATTRIBUTES; while :; do sleep 1; done",
          },
        ],
      }),
    );
    expect(ended(messages)).toEqual([{ index: 0, status: -1, truncated: false }]);
    const attribute = messages.find((message) => message.kind === 'attribute');
    const pid = attribute?.kind === 'attribute' ? Number(attribute.value) : 0;
    await vi.waitFor(() => expect(stateOf(pid)).toMatch(/gone|Z/));
  });

  it('cuts what an action writes and goes on emptying the pipe', async () => {
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [{ script: 'head -c 1000000 /dev/zero; echo the end' }, { script: 'echo next' }],
      }),
    );
    expect(outputOf(messages, 0)).toHaveLength(64 * 1024);
    expect(ended(messages)).toEqual([
      { index: 0, status: 0, truncated: true },
      { index: 1, status: 0, truncated: false },
    ]);
  });

  it('skips bad attributes and keeps the good ones', async () => {
    const script = `{ echo 1bad=x; echo noequals; echo "good_1=a=b"; printf 'nul=a\\0b\\n'; echo "${'n'.repeat(65)}=x"; head -c 4097 /dev/zero | tr '\\0' x | sed 's/^/long=/'; echo; echo "empty="; printf 'last=1'; } >>$VMPLANTS_ATTRIBUTES`;
    const messages = await daemon.configure(buildIso({ nonce: 'n1', actions: [{ script }] }));
    expect(
      messages.flatMap((message) => (message.kind === 'attribute' ? [[message.name, message.value]] : [])),
    ).toEqual([
      ['good_1', 'a=b'],
      ['empty', ''],
      ['last', '1'],
    ]);
  });

  it('takes many files and one that is larger than its buffers', async () => {
    const large = 'x'.repeat(700_001);
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`d${index % 7}/f${index}`, `${index}`]),
    );
    const messages = await daemon.configure(
      buildIso({
        nonce: 'n1',
        actions: [{ script: 'wc -c <large; cat d3/f10; find . -type f | wc -l', files: { ...files, large } }],
      }),
    );
    expect(outputOf(messages, 0)).toBe('700001\n10201\n');
  });
});

describe('what is refused, with nothing run', () => {
  const actions = [{ script: 'echo ran', files: { f: 'data' } }];

  it('a manifest that is not the announced one', async () => {
    const iso = buildIso({ nonce: 'n1', actions });
    expect(reasonOf(await daemon.configure({ ...iso, digest: '00'.repeat(32) }))).toMatch(
      /not the announced one/,
    );
  });

  it('a file that was changed', async () => {
    const tamper = (files: readonly { path: string; data: Uint8Array }[]) =>
      files.map((file) => (file.path === '0/files/f' ? { ...file, data: Buffer.from('dAta') } : file));
    expect(reasonOf(await daemon.configure(buildIso({ nonce: 'n1', actions, tamper })))).toBe(
      '0/files/f differs from its digest in the manifest',
    );
  });

  it('a file that is missing', async () => {
    const tamper = (files: readonly { path: string; data: Uint8Array }[]) =>
      files.filter(({ path }) => path !== '0/files/f');
    expect(reasonOf(await daemon.configure(buildIso({ nonce: 'n1', actions, tamper })))).toMatch(
      /0\/files\/f is not on the medium/,
    );
  });

  it('the same nonce a second time', async () => {
    const iso = buildIso({ nonce: 'n1', actions });
    expect(kinds(await daemon.configure(iso))).toMatch(/done$/);
    expect(reasonOf(await daemon.configure(iso))).toBe('this nonce was carried out already');
  });

  it('a doorbell while another is carried out', async () => {
    daemon.send({ kind: 'exec', nonce: 'long', timeoutSeconds: 60, script: untilTold(daemon) });
    await daemon.until((message) => message.kind === 'started');
    expect(reasonOf(await daemon.configure(buildIso({ nonce: 'n2', actions })))).toBe('busy with long');
    writeFileSync(join(daemon.directory, 'go'), '');
    await daemon.outcome('long');
  });

  it('an identity, for a daemon that is under test', async () => {
    const identity = {
      hostname: 'h',
      machineId: '0'.repeat(32),
      bootId: '6f1d6f4e-0000-4000-8000-0123456789ab',
      seedPath: 'seed',
      macs: [],
      sshHostKeyPath: undefined,
    };
    const identityFiles = [{ path: 'seed', data: Buffer.alloc(64) }];
    expect(
      reasonOf(await daemon.configure(buildIso({ nonce: 'n1', identity, identityFiles, actions }))),
    ).toMatch(/under test/);
  });

  it.each<[string, (text: string) => string]>([
    ['an unknown line', (text) => `${text}extra 1\n`],
    ['an unknown version', (text) => text.replace('manifest 1', 'manifest 2')],
    ['a path that climbs', (text) => text.replace('0/files/f', '0/../../f')],
    ['an absolute path', (text) => text.replace('0/files/f', '/etc/f')],
    ['a directory that climbs', (text) => text.replace('20 0\n', '20 ..\n')],
    ['lines out of order', (text) => text.replace(/(vm .*\n)(nonce .*\n)/, '$2$1')],
    ['a line twice', (text) => text.replace(/(vm .*\n)/, '$1$1')],
    ['half an identity', (text) => text.replace(/(nonce .*\n)/, '$1hostname h\n')],
    ['no end of line', (text) => text.slice(0, -1)],
    ['a NUL', (text) => text.replace('vm-1', 'vm\u00001')],
    ['too many words', (text) => text.replace('vm vm-1', 'vm vm-1 vm-2 vm-3 vm-4')],
    ['a double space', (text) => text.replace('vm vm-1', 'vm  vm-1')],
    ['another nonce', (text) => text.replace('nonce n1', 'nonce n2')],
    ['an index out of order', (text) => text.replace('action 0', 'action 1')],
    ['no timeout', (text) => text.replace('action 0 20', 'action 0 0')],
    ['an empty manifest', () => ''],
  ])('%s', async (_, edit) => {
    const messages = await daemon.configure(buildIso({ nonce: 'n1', actions, edit }));
    expect(kinds(messages)).toBe('refused');
    expect(readdirSync(daemon.run, { recursive: true })).toEqual([]);
  });

  it('an environment that is not one', async () => {
    const plan = [{ script: 'echo ran', environment: '1A=x\0' }];
    expect(reasonOf(await daemon.configure(buildIso({ nonce: 'n1', actions: plan })))).toMatch(
      /not NAME=value/,
    );
    const open = [{ script: 'echo ran', environment: 'A=x' }];
    expect(reasonOf(await daemon.configure(buildIso({ nonce: 'n2', actions: open })))).toMatch(
      /does not end with NUL/,
    );
  });

  it('a medium that is no ISO, or none at all', async () => {
    const iso = buildIso({ nonce: 'n1', actions });
    expect(reasonOf(await daemon.configure({ ...iso, image: Buffer.alloc(100_000) }))).toMatch(
      /not an ISO 9660 volume/,
    );
    expect(reasonOf(await daemon.configure({ ...iso, image: Buffer.alloc(0) }))).toMatch(
      /cannot read the medium/,
    );
    rmSync(daemon.medium);
    daemon.send({ kind: 'configure', nonce: 'n2', manifestDigest: iso.digest, epochMilliseconds: 0 });
    expect(reasonOf(await daemon.outcome('n2'))).toMatch(/cannot open/);
  });

  it('any damaged image, without falling over', async () => {
    const iso = buildIso({ nonce: 'n1', actions: [{ script: 'true', files: { 'a/b/c': 'x', 'a/d': 'y' } }] });
    let trial = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.integer({ min: 16 * 2048, max: iso.image.length - 1 }),
            fc.integer({ min: 0, max: 255 }),
          ),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        async (changes) => {
          const image = Buffer.from(iso.image);
          for (const [at, value] of changes) image[at] = value;
          trial += 1;
          // A nonce that the manifest does not have: even what is still readable is refused.
          const messages = await daemon.configure({ ...iso, image, nonce: `other-${trial}` });
          expect(kinds(messages)).toBe('refused');
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('the port', () => {
  it('answers hello, and says ready again after the host was gone', async () => {
    daemon.send({ kind: 'hello' });
    const [ready] = await daemon.until((message) => message.kind === 'ready');
    expect(ready).toMatchObject({ kind: 'ready', protocol: 1 });
    await daemon.hangUp();
    await daemon.listen();
    expect(kinds(await daemon.until((message) => message.kind === 'ready'))).toBe('ready');
  });

  it('brings results to the host that comes back', async () => {
    daemon.send({
      kind: 'exec',
      nonce: 'x',
      timeoutSeconds: 20,
      script: `${untilTold(daemon)}; echo late`,
    });
    await daemon.until((message) => message.kind === 'started');
    await daemon.hangUp();
    daemon.insert(Buffer.alloc(0));
    writeFileSync(join(daemon.directory, 'go'), '');
    await daemon.listen();
    const messages = await daemon.until((message) => message.kind === 'done');
    expect(outputOf(messages, 0)).toBe('late\n');
    expect(ended(messages)).toEqual([{ index: 0, status: 0, truncated: false }]);
  });

  it('runs a command, several lines of it', async () => {
    daemon.send({ kind: 'exec', nonce: 'x', timeoutSeconds: 20, script: 'echo one\necho two >&2\nexit 3\n' });
    const messages = await daemon.outcome('x');
    expect(outputOf(messages, 0)).toBe('one\ntwo\n');
    expect(ended(messages)).toEqual([{ index: 0, status: 3, truncated: false }]);
  });

  it('cancels a command with its whole process group, and takes the next', async () => {
    const script = "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1; done";
    daemon.send({ kind: 'exec', nonce: 'x', timeoutSeconds: 600, script });
    const before = await daemon.until((message) => message.kind === 'output');
    daemon.send({ kind: 'cancel', nonce: 'x' });
    const messages = await daemon.outcome('x');
    expect(ended(messages)).toEqual([{ index: 0, status: -1, truncated: false }]);
    expect(kinds(messages)).toMatch(/ended done$/);
    const child = Number(outputOf(before, 0));
    expect(child).toBeGreaterThan(1);
    await vi.waitFor(() => expect(['Z', 'gone']).toContain(stateOf(child)));
    daemon.send({ kind: 'exec', nonce: 'y', timeoutSeconds: 20, script: 'echo next' });
    expect(outputOf(await daemon.outcome('y'), 0)).toBe('next\n');
  });

  it('cancels nothing but the command that is meant', async () => {
    daemon.send({ kind: 'cancel', nonce: 'x' });
    daemon.send({ kind: 'exec', nonce: 'x', timeoutSeconds: 20, script: untilTold(daemon) });
    await daemon.until((message) => message.kind === 'started');
    daemon.send({ kind: 'cancel', nonce: 'other' });
    writeFileSync(join(daemon.directory, 'go'), '');
    expect(ended(await daemon.outcome('x'))).toEqual([{ index: 0, status: 0, truncated: false }]);
    rmSync(join(daemon.directory, 'go'));
    const iso = buildIso({ nonce: 'n1', actions: [{ script: untilTold(daemon) }] });
    daemon.insert(iso.image);
    daemon.send({ kind: 'configure', nonce: 'n1', manifestDigest: iso.digest, epochMilliseconds: 0 });
    await daemon.until((message) => message.kind === 'started');
    daemon.send({ kind: 'cancel', nonce: 'n1' });
    writeFileSync(join(daemon.directory, 'go'), '');
    expect(ended(await daemon.outcome('n1'))).toEqual([{ index: 0, status: 0, truncated: false }]);
  });

  it('answers quiesce', async () => {
    daemon.send({ kind: 'quiesce', nonce: 'q' });
    expect(kinds(await daemon.outcome('q'))).toBe('done');
  });

  it('refuses lines that are not of the protocol, and those that are too long, and goes on', async () => {
    daemon.sendText(
      `nonsense\ncancel\nconfigure\nconfigure a b c\nexec x 1 !!!!\nexec x 1 QQ\n${'x'.repeat(40_000)}\n\nhello\n`,
    );
    const messages = await daemon.until((message) => message.kind === 'ready');
    expect(messages.map((message) => ('nonce' in message ? message.nonce : message.kind))).toEqual([
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      'ready',
    ]);
  });
});
