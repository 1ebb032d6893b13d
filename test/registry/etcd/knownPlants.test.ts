import { describe, expect, it } from 'vitest';
import {
  addresses,
  type KnownPlants,
  nextExpiry,
  withList,
  withoutExpired,
  withoutPlant,
  withPlant,
} from '../../../registry/etcd/knownPlants.js';
import { plantEntry } from './entry.js';

const ONE = plantEntry({ name: 'one', address: 'a:1' });
const TWO = plantEntry({ name: 'two', address: 'b:1', leaseSeconds: 10 });
const NOBODY: KnownPlants = new Map();
const NOW = 1_000_000;

const names = (known: KnownPlants): readonly (string | undefined)[] =>
  addresses(known).map(({ name }) => name);
const list = (...entries: readonly (typeof ONE)[]) => new Map(entries.map((entry) => [entry.name, entry]));
const both = withList(NOBODY, list(ONE, TWO), false, NOW);

describe('the known plants, while etcd is there', () => {
  it('are those that it lists, by id', () => {
    expect(names(withList(NOBODY, list(TWO, ONE), false, NOW))).toEqual(['one', 'two']);
  });

  it('vanish as soon as etcd no longer has them', () => {
    expect(names(withList(both, list(TWO), false, NOW))).toEqual(['two']);
    expect(names(withoutPlant(both, 'one', NOW))).toEqual(['two']);
    expect(withoutPlant(both, 'nobody', NOW)).toBe(both);
    expect(nextExpiry(both)).toBeUndefined();
  });

  it('have the address of which they registered last', () => {
    const moved = withPlant(both, 'one', { ...ONE, address: 'c:1' });
    expect(addresses(moved)).toContainEqual({ address: 'c:1', name: 'one' });
  });
});

describe('the known plants, after etcd was away', () => {
  it('are kept for one more lease of theirs, also when the list is empty', () => {
    const after = withList(both, list(), true, NOW);
    expect(names(after)).toEqual(['one', 'two']);
    expect(nextExpiry(after)).toBe(NOW + 5000);
    expect(names(withoutExpired(after, NOW + 4999))).toEqual(['one', 'two']);
    expect(names(withoutExpired(after, NOW + 5000))).toEqual(['two']);
    expect(names(withoutExpired(after, NOW + 10_000))).toEqual([]);
  });

  it('are kept when their leases run out only after the list', () => {
    const after = withList(both, list(ONE, TWO), true, NOW);
    expect(nextExpiry(after)).toBeUndefined();
    const without = withoutPlant(after, 'one', NOW + 100);
    expect(names(without)).toEqual(['one', 'two']);
    expect(names(withoutExpired(without, NOW + 5000))).toEqual(['two']);
    expect(names(withoutPlant(after, 'one', NOW + 5000))).toEqual(['two']);
  });

  it('are no longer kept once they registered again', () => {
    const missing = withList(both, list(), true, NOW);
    const again = withPlant(missing, 'one', { ...ONE, instance: 'f'.repeat(32) });
    expect(nextExpiry(again)).toBe(NOW + 10_000);
    expect(names(withoutPlant(again, 'one', NOW + 1))).toEqual(['two']);
    const listed = withList(both, list({ ...ONE, instance: 'f'.repeat(32) }), true, NOW);
    expect(names(withoutPlant(listed, 'one', NOW + 1))).toEqual(['two']);
  });

  it('are still kept after a second list without an outage', () => {
    const missing = withList(both, list(), true, NOW);
    expect(names(withList(missing, list(), false, NOW + 4999))).toEqual(['one', 'two']);
    expect(names(withList(missing, list(), false, NOW + 5000))).toEqual(['two']);
  });

  it('are kept anew after another outage, since nobody could register in between', () => {
    const missing = withList(both, list(), true, NOW);
    expect(nextExpiry(withList(missing, list(), true, NOW + 60_000))).toBe(NOW + 65_000);
  });
});

describe('an address that several plants say', () => {
  it('is there once, with the one that began last', () => {
    const older = plantEntry({ name: 'z-older', address: 'a:1', started: '2026-01-01T00:00:00Z' });
    const newer = plantEntry({ name: 'newer', address: 'a:1', started: '2026-01-01T01:30:00+01:00' });
    expect(names(withList(NOBODY, list(older, newer), false, NOW))).toEqual(['newer']);
    expect(names(withList(NOBODY, list(newer, older), false, NOW))).toEqual(['newer']);
  });

  it('is of one that etcd has rather than of one that is kept', () => {
    const gone = plantEntry({ name: 'gone', address: 'a:1', started: '2026-06-01T00:00:00Z' });
    const known = withList(withList(NOBODY, list(gone), false, NOW), list(ONE), true, NOW);
    expect(names(known)).toEqual(['one']);
  });
});
