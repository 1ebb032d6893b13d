import { randomBytes } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { brokersOf, VIA_HEADER } from '../../../proto/via.js';
import { brokerIdentity, isLoop, passThrough } from '../../../shop/broker/brokerId.js';

describe('a broker', () => {
  it('is known by its name and a suffix that no other has, and can be named in a call', () => {
    const one = brokerIdentity('site.a-1', randomBytes);
    const two = brokerIdentity('site.a-1', randomBytes);
    expect(one.name).toBe('site.a-1');
    expect(one.id).not.toBe(two.id);
    const metadata = new Metadata();
    metadata.set(VIA_HEADER, passThrough([one.id], two).join(','));
    expect(brokersOf(metadata)).toEqual([one.id, two.id]);
  });

  it.each(['', 'A', '-a', 'a/b', 'a,b', 'a b', 'a'.repeat(64), 'ä'])('is not called %j', (name) => {
    expect(() => brokerIdentity(name, randomBytes)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses a call that came through it, and names the circle', () => {
    const self = brokerIdentity('a', randomBytes);
    const error = caught(() => passThrough([self.id, 'b-1'], self));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'BROKER_LOOP' });
    expect(String(error)).toContain(`${self.id} -> b-1 -> ${self.id}`);
    expect(isLoop(error)).toBe(true);
  });

  it('passes eight on, and not more', () => {
    const self = brokerIdentity('a', randomBytes);
    const seven = Array.from({ length: 7 }, (_, index) => `b-${index}`);
    expect(passThrough(seven, self)).toEqual([...seven, self.id]);
    const error = caught(() => passThrough([...seven, 'b-7'], self));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'TOO_MANY_BROKERS' });
    expect(isLoop(error)).toBe(false);
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
}
