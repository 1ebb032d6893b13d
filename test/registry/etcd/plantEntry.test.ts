import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../registry/etcd/plantEntry.js';
import { plantEntry } from './entry.js';

const ID = 'one-0123456789abcdef';
const anything = (): boolean => true;
const decode = (value: unknown, id = ID): unknown =>
  decodeEntry(id, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), anything);

describe('an entry', () => {
  it('is read as it was written', () => {
    expect(decode(encodeEntry(plantEntry()))).toEqual(plantEntry());
  });

  it('may have fields of a later version, which are left out', () => {
    expect(decode({ ...plantEntry(), later: 1 })).toEqual(plantEntry());
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'no JSON object'],
    ['an array', '[]', 'no JSON object'],
    ['nothing', '', 'no JSON object'],
    ['no address', { ...plantEntry(), address: undefined }, 'address'],
    ['a long address', { ...plantEntry(), address: 'a'.repeat(301) }, 'address'],
    ['escape codes in the name', { ...plantEntry(), name: '\u001b[31m' }, 'name'],
    ['a line that is no name', { ...plantEntry(), lines: ['../qemu'] }, 'lines'],
    ['too many lines', { ...plantEntry(), lines: Array.from({ length: 17 }, () => 'qemu') }, 'lines'],
    ['a version of two lines', { ...plantEntry(), version: '1\n2' }, 'version'],
    ['a start that is no time', { ...plantEntry(), started: 'yesterday' }, 'started'],
    ['no lease', { ...plantEntry(), leaseSeconds: 0 }, 'leaseSeconds'],
    ['a lease of years', { ...plantEntry(), leaseSeconds: 1e9 }, 'leaseSeconds'],
    ['an instance that is none', { ...plantEntry(), instance: 'x' }, 'instance'],
    ['much', { ...plantEntry(), much: 'x'.repeat(20_000) }, 'longer than'],
  ])('with %s is none', (_what, value, problem) => {
    expect(decode(value)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it.each(['', 'a/b', '..', 'A', 'x'.repeat(129), 'a\nb'])('under the key %j is none', (id) => {
    expect(decode(plantEntry(), id)).toEqual({ problem: expect.stringContaining('key') });
  });

  it('is none when no client could be opened for its address', () => {
    const value = Buffer.from(encodeEntry(plantEntry()));
    expect(decodeEntry(ID, value, () => false)).toEqual({ problem: expect.stringContaining('address') });
  });
});
