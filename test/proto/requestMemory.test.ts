import { describe, expect, it } from 'vitest';
import { createRequestMemory } from '../../proto/requestMemory.js';

const LIMITS = { requests: 3, bytes: 100, longestBytes: 50 };

function counting(): { readonly decode: (bytes: Buffer) => unknown; readonly count: () => number } {
  let count = 0;
  return {
    decode: (bytes) => {
      count += 1;
      return { text: bytes.toString() };
    },
    count: () => count,
  };
}

describe('a memory of requests', () => {
  it('gives one message for the same bytes, and others for others', () => {
    const memory = createRequestMemory(LIMITS);
    const { decode, count } = counting();
    const first = memory.decoded(Buffer.from('a'), decode);
    expect(memory.decoded(Buffer.from('a'), decode)).toBe(first);
    expect(memory.decoded(Buffer.from('b'), decode)).toEqual({ text: 'b' });
    expect(count()).toBe(2);
  });

  it('forgets what was used longest ago, by number', () => {
    const memory = createRequestMemory(LIMITS);
    const { decode, count } = counting();
    const ask = (text: string): unknown => memory.decoded(Buffer.from(text), decode);
    for (const text of ['a', 'b', 'c', 'a', 'd']) ask(text);
    expect(count()).toBe(4);
    ask('a');
    expect(count()).toBe(4);
    ask('b');
    expect(count()).toBe(5);
  });

  it('forgets by bytes, and keeps nothing that is too long', () => {
    const memory = createRequestMemory(LIMITS);
    const { decode, count } = counting();
    const ask = (text: string): unknown => memory.decoded(Buffer.from(text), decode);
    ask('x'.repeat(51));
    ask('x'.repeat(51));
    expect(count()).toBe(2);
    ask('a'.repeat(50));
    ask('b'.repeat(50));
    ask('c'.repeat(50));
    ask('b'.repeat(50));
    expect(count()).toBe(5);
    ask('a'.repeat(50));
    expect(count()).toBe(6);
  });

  it('remembers nothing of what could not be decoded', () => {
    const memory = createRequestMemory(LIMITS);
    const fails = (): never => {
      throw new Error('no message');
    };
    expect(() => memory.decoded(Buffer.from('a'), fails)).toThrow('no message');
    expect(memory.decoded(Buffer.from('a'), counting().decode)).toEqual({ text: 'a' });
  });
});
