import { describe, expect, it } from 'vitest';
import { cacheDirectory, dataDirectory, warehouseDirectory } from '../../../plant/cli/directories.js';

const user = { variables: {}, directory: '/work', homeDirectory: '/home/ivan', userId: 1000 };
const root = { ...user, homeDirectory: '/root', userId: 0 };

describe('where the files of a plant lie', () => {
  it.each([
    ['root has the system directories', root, undefined, '/var/lib/vmplants/plant'],
    ['others have their own', user, undefined, '/home/ivan/.local/share/vmplants/plant'],
    [
      'XDG_DATA_HOME moves them',
      { ...user, variables: { XDG_DATA_HOME: '/x' } },
      undefined,
      '/x/vmplants/plant',
    ],
    [
      'a relative XDG_DATA_HOME does not',
      { ...user, variables: { XDG_DATA_HOME: 'x' } },
      undefined,
      '/home/ivan/.local/share/vmplants/plant',
    ],
    ['VMPLANT_DATA names it', { ...root, variables: { VMPLANT_DATA: '/d' } }, undefined, '/d'],
    ['the flag comes first', { ...root, variables: { VMPLANT_DATA: '/d' } }, 'here', '/work/here'],
  ])('%s', (_what, sources, flag, expected) => {
    expect(dataDirectory(sources, flag)).toBe(expected);
  });

  it('has the warehouse and the cache beside it', () => {
    expect(warehouseDirectory(root, undefined)).toBe('/var/lib/vmplants/warehouse');
    expect(warehouseDirectory({ ...root, variables: { VMPLANT_WAREHOUSE: '/w' } }, undefined)).toBe('/w');
    expect(cacheDirectory(root)).toBe('/var/cache/vmplants');
    expect(cacheDirectory(user)).toBe('/home/ivan/.cache/vmplants');
  });
});
