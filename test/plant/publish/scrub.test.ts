import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import type { ActionRun, ConfigurationResult } from '../../../plant/configure/configuration.js';
import { asScrubError, scrubbedOf, scrubDag } from '../../../plant/publish/scrub.js';
import { SCRUB_SCRIPT } from '../../../plant/publish/scrubScript.js';

const SUBJECT = {
  hostname: 'old-name',
  machineId: '0123456789abcdef0123456789abcdef',
  script: undefined,
  runsPrograms: true,
};

test("the client's script comes first, because ours wipes what was deleted", () => {
  const { dag, stages } = scrubDag({ ...SUBJECT, script: 'rm /secret\n' });
  expect(stages).toMatchObject([
    { kind: 'guest', actions: [{ name: 'scrub-script' }, { name: 'scrub-identity' }] },
  ]);
  expect(dag.predecessors.get('scrub-identity')).toEqual(['scrub-script']);
});

test('what is known of the VM goes to the script as data, never into it', () => {
  const [own] = scrubDag({ ...SUBJECT, hostname: 'a-$(reboot)' }).dag.actions;
  expect(own).toMatchObject({
    script: SCRUB_SCRIPT,
    environment: [
      ['OLD_HOSTNAME', 'a-$(reboot)'],
      ['OLD_MACHINE_ID', SUBJECT.machineId],
    ],
  });
  const [unknown] = scrubDag({ ...SUBJECT, machineId: undefined }).dag.actions;
  expect(unknown).toMatchObject({ environment: [expect.anything(), ['OLD_MACHINE_ID', '']] });
});

test('the script is one for a shell', async () => {
  await promisify(execFile)('sh', ['-n', '-c', SCRUB_SCRIPT], { timeout: 10_000 });
});

describe('what was confirmed', () => {
  const resultOf = (attributes: Readonly<Record<string, string>>): ConfigurationResult => {
    const run: ActionRun = {
      path: ['scrub-identity'],
      key: '',
      status: 0,
      seconds: 0,
      attributes: new Map(Object.entries(attributes)),
      output: new Uint8Array(),
      truncated: false,
    };
    const other = { ...run, path: ['scrub-script'], attributes: new Map([['SCRUBBED_1', 'claimed']]) };
    return {
      renewed: {
        kind: 'renewed',
        nonce: '',
        hostname: '',
        machineId: '',
        bootId: '',
        mac: undefined,
        sshHostKeyDigest: undefined,
        random: '',
      },
      outcomes: new Map(),
      runs: [other, run],
      addedDevices: [],
      seconds: { renew: 0, configure: 0 },
    };
  };

  test('is read in order, from our own script alone', () => {
    const result = resultOf({ SCRUBBED_2: 'logs', SCRUBBED_1: 'ssh-host-keys', SCRUBBED_4: 'never' });
    expect(scrubbedOf(result)).toEqual(['ssh-host-keys', 'logs']);
  });

  test.each([{}, { SCRUBBED_1: '\u001b[31mred' }])('has to be something that we say: %j', (attributes) => {
    expect(() => scrubbedOf(resultOf(attributes))).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'IDENTITY_REMAINS' }),
    );
  });
});

describe('an error', () => {
  const failed = (action: string, outputTail: string) =>
    new VmplantsError('FAILED_PRECONDITION', `action ${action} failed`, {
      reason: 'ACTION_FAILED',
      actionFailure: { action, status: 1, outputTail },
    });

  test('of our script names what remains, in printable characters', () => {
    expect(asScrubError(failed('scrub-identity', 'remains: /etc/\u001b[2Jmailname\n'))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'IDENTITY_REMAINS',
      message: expect.stringContaining('remains: /etc/ [2Jmailname'),
    });
  });

  test("of the client's script says so, and of anything else stays as it is", () => {
    expect(asScrubError(failed('scrub-script', ''))).toMatchObject({ reason: 'SCRUB_FAILED' });
    for (const other of [failed('other', ''), new VmplantsError('UNAVAILABLE', 'gone'), 'thrown']) {
      expect(asScrubError(other)).toBe(other);
    }
  });
});
