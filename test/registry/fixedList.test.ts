import { describe, expect, it } from 'vitest';
import { fixedList } from '../../registry/fixedList.js';

describe('a fixed list', () => {
  it('has its plants in order, always', async () => {
    const registry = fixedList(['127.0.0.1:7071', 'unix:/run/plant.sock']);
    const plants = [{ address: '127.0.0.1:7071' }, { address: 'unix:/run/plant.sock' }];
    expect(registry.plants()).toEqual(plants);
    await registry.close();
    await registry.close();
    expect(registry.plants()).toEqual(plants);
  });

  it('may be empty', () => {
    expect(fixedList([]).plants()).toEqual([]);
  });

  it('says where an address is empty or there twice', () => {
    expect(() => fixedList(['a:1', '', 'b:1', 'a:1'])).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        violations: [
          expect.objectContaining({ field: 'plants[1]' }),
          expect.objectContaining({ field: 'plants[3]' }),
        ],
      }),
    );
  });
});
