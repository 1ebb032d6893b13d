import { describe, expect, it } from 'vitest';
import { encodeHostMessage } from '../../guest/encode.js';
import type { HostMessage } from '../../guest/protocol.js';

const digest = 'ab'.repeat(32);

describe('encodeHostMessage', () => {
  it.each<[HostMessage, string]>([
    [{ kind: 'hello' }, 'hello\n'],
    [{ kind: 'stop' }, 'stop\n'],
    [{ kind: 'quiesce', nonce: 'n.1' }, 'quiesce n.1\n'],
    [{ kind: 'cancel', nonce: 'n.1' }, 'cancel n.1\n'],
    [
      { kind: 'configure', nonce: 'n-1', manifestDigest: digest, epochMilliseconds: 1_795_168_018_123.7 },
      `configure n-1 ${digest} 1795168018123\n`,
    ],
    [{ kind: 'exec', nonce: 'x', timeoutSeconds: 5, script: 'echo "ü"\n' }, 'exec x 5 ZWNobyAiw7wiCg==\n'],
  ])('writes %j', (message, line) => {
    expect(encodeHostMessage(message)).toBe(line);
  });

  it.each<HostMessage>([
    { kind: 'quiesce', nonce: 'a b' },
    { kind: 'quiesce', nonce: 'a\nstop' },
    { kind: 'quiesce', nonce: '' },
    { kind: 'cancel', nonce: 'a\nstop' },
    { kind: 'quiesce', nonce: 'a'.repeat(129) },
    { kind: 'configure', nonce: 'n', manifestDigest: digest.toUpperCase(), epochMilliseconds: 1 },
    { kind: 'configure', nonce: 'n', manifestDigest: digest, epochMilliseconds: Number.NaN },
    { kind: 'configure', nonce: 'n', manifestDigest: digest, epochMilliseconds: -1 },
    { kind: 'exec', nonce: 'n', timeoutSeconds: 0.5, script: '' },
    { kind: 'exec', nonce: 'n', timeoutSeconds: 1, script: 'x'.repeat(16_000) },
  ])('refuses %j', (message) => {
    expect(() => encodeHostMessage(message)).toThrow(RangeError);
  });
});
