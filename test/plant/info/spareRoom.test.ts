import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, STORE_FILE } from '../../../plant/info/database.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a store has room to write in before the disk is asked for any, each time that it is opened', async () => {
  const size = async (suffix = ''): Promise<number> =>
    (await stat(join(directory, STORE_FILE + suffix))).size;
  const sizes: number[] = [];
  for (let opened = 0; opened < 3; opened += 1) {
    const { database } = openDatabase(directory, 0);
    expect(database.pragma('freelist_count', { simple: true })).toBeGreaterThanOrEqual(500);
    const before = await size('-wal');
    expect(before).toBeGreaterThan(2 * 1024 * 1024);
    const insert = database.prepare("INSERT INTO history VALUES (NULL, 'd', 'k', 1, 1, 1)");
    for (let writes = 0; writes < 1000; writes += 1) insert.run();
    expect(await size('-wal')).toBe(before);
    database.close();
    sizes.push(await size());
  }
  // The room is made once; a start makes up for what was used of it.
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(512 * 1024);
});
