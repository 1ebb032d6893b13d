import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGuestDecoder, decodeGuestLine } from '../../guest/decode.js';
import { LINE_LIMIT_BYTES } from '../../guest/protocol.js';

const key = 'cd'.repeat(32);
const renewed = `renewed n vm-1 ${'0a'.repeat(16)} 6f1d6f4e-0000-4000-8000-0123456789ab 52:54:00:aa:bb:cc ${key} ${'f0'.repeat(16)}`;

const lines: readonly (readonly [string, unknown])[] = [
  ['ready 1 6.1.0-56-cloud-amd64', { kind: 'ready', protocol: 1, guestKernel: '6.1.0-56-cloud-amd64' }],
  ['accepted n', { kind: 'accepted', nonce: 'n' }],
  ['refused - bm8=', { kind: 'refused', nonce: '-', reason: 'no' }],
  [
    renewed,
    {
      kind: 'renewed',
      nonce: 'n',
      hostname: 'vm-1',
      machineId: '0a'.repeat(16),
      bootId: '6f1d6f4e-0000-4000-8000-0123456789ab',
      mac: '52:54:00:aa:bb:cc',
      sshHostKeyDigest: key,
      random: 'f0'.repeat(16),
    },
  ],
  ['started n 3', { kind: 'started', nonce: 'n', index: 3 }],
  ['output n 0 aGk=', { kind: 'output', nonce: 'n', index: 0, data: Buffer.from('hi') }],
  ['attribute n 0 port ODA=', { kind: 'attribute', nonce: 'n', index: 0, name: 'port', value: '80' }],
  ['attribute n 0 empty ', { kind: 'attribute', nonce: 'n', index: 0, name: 'empty', value: '' }],
  [
    'ended n 0 -1 2500 1',
    { kind: 'ended', nonce: 'n', index: 0, status: -1, milliseconds: 2500, truncated: true },
  ],
  [
    'ended n 0 265 1 0',
    { kind: 'ended', nonce: 'n', index: 0, status: 265, milliseconds: 1, truncated: false },
  ],
  ['done n', { kind: 'done', nonce: 'n' }],
];

describe('decodeGuestLine', () => {
  it.each(lines)('reads %s', (line, message) => {
    expect(decodeGuestLine(line)).toEqual(message);
  });

  it('takes a dash for no interface and no key', () => {
    const line = renewed.replace('52:54:00:aa:bb:cc', '-').replace(key, '-');
    expect(decodeGuestLine(line)).toMatchObject({ mac: undefined, sshHostKeyDigest: undefined });
  });

  it.each([
    'ready 1',
    'ready one 6.1',
    'ready 1 6.1 more',
    'accepted a\u001bb',
    'refused n no!',
    'refused n bm9=',
    renewed.replace('52:', '53:'),
    renewed.replace('vm-1', '-vm'),
    'started n -1',
    'output n 0 a',
    'attribute n 0 1x ODA=',
    `attribute n 0 ${'x'.repeat(65)} ODA=`,
    'ended n 0 -2 1 0',
    'ended n 0 0 1 2',
    'ended n 0 1e2 1 0',
    '__proto__ n',
    'constructor n',
    ' done n',
  ])('drops %j', (line) => {
    expect(decodeGuestLine(line)).toBeUndefined();
  });
});

describe('a decoder', () => {
  it('gives the same messages however the bytes are cut', () => {
    const bytes = Buffer.from(`${lines.map(([line]) => line).join('\n')}\n`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
        const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
        const decoder = createGuestDecoder();
        const messages = places
          .slice(1)
          .flatMap((end, index) => decoder.push(bytes.subarray(places[index], end)));
        expect(messages).toEqual(lines.map(([, message]) => message));
        expect(decoder.dropped).toBe(0);
      }),
    );
  });

  it('drops a line that is too long, once, and goes on with the next', () => {
    const decoder = createGuestDecoder();
    for (let sent = 0; sent < 4 * LINE_LIMIT_BYTES; sent += 1000) decoder.push(Buffer.alloc(1000, 'x'));
    expect(decoder.push(Buffer.from('\ndone n\n'))).toEqual([{ kind: 'done', nonce: 'n' }]);
    expect(decoder.dropped).toBe(1);
  });

  it('never throws and counts every line that is not a message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoder = createGuestDecoder();
        const messages = decoder.push(bytes);
        const whole = Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
        expect(messages.length + decoder.dropped).toBe(whole.filter((line) => line !== '').length);
      }),
    );
  });

  it('keeps no reference to a buffer that the caller uses again', () => {
    const decoder = createGuestDecoder();
    const buffer = Buffer.from('done ');
    decoder.push(buffer);
    buffer.fill('x');
    expect(decoder.push(Buffer.from('n\n'))).toEqual([{ kind: 'done', nonce: 'n' }]);
  });
});
