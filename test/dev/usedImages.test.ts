import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { plantData } from '../../dev/clusterPlan.js';
import { removeFiles, usedWarehouse, usersFiles } from '../../dev/usedImages.js';
import { warehouseDirectory } from '../../plant/cli/directories.js';
import { openPlantId } from '../../plant/info/plantId.js';
import { openUserRegister } from '../../warehouse/userRegister.js';

it('finds the warehouse as plants do', () => {
  const sources = { variables: {}, directory: '/here', homeDirectory: '/home/me', userId: 1000 };
  const environments = [
    sources,
    { ...sources, userId: 0 },
    { ...sources, variables: { XDG_DATA_HOME: '/xdg' } },
    { ...sources, variables: { XDG_DATA_HOME: 'xdg' } },
    { ...sources, variables: { VMPLANT_WAREHOUSE: 'w', XDG_DATA_HOME: '/xdg' } },
    { ...sources, userId: 0, variables: { VMPLANT_WAREHOUSE: '' } },
  ];
  for (const environment of environments) {
    for (const warehouse of [undefined, '/given', 'given']) {
      const none = { warehouse, plantArguments: ['--networks', '3'], environment };
      expect(usedWarehouse(none)).toBe(warehouseDirectory(environment, warehouse));
      for (const plantArguments of [['--warehouse', 'x', '--warehouse', 'last'], ['--warehouse=last']]) {
        expect(usedWarehouse({ ...none, plantArguments })).toBe('/here/last');
      }
    }
  }
});

it('finds what plants have written of the images that they use, and only that', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'vmplants-used-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const [directory, warehouse] = [join(parent, 'cluster'), join(parent, 'warehouse')];
  const data = plantData(directory, 'plant-1');
  for (const path of [data, warehouse, plantData(directory, 'plant-2')]) {
    await mkdir(path, { recursive: true });
  }
  const clock = { now: () => 0, monotonic: () => 0 };
  const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  for (const plant of [openPlantId(data, 'plant-1', () => new Uint8Array(8)), `other-${'0'.repeat(16)}`]) {
    const users = (): ReadonlyMap<string, readonly string[]> => new Map([['micro', ['vm-1']]]);
    await openUserRegister({ warehouse, plant, users, keepListed: false, clock, log });
  }
  const entries = [`plant-1-${'0'.repeat(16)}.json`, `other-${'0'.repeat(16)}.json`];
  const present = (): readonly boolean[] =>
    entries.map((entry) => existsSync(join(warehouse, '.users', entry)));
  expect(present()).toEqual([true, true]);
  removeFiles(usersFiles(directory, warehouse));
  expect(present()).toEqual([false, true]);

  // It becomes part of a path.
  await writeFile(join(data, 'plant-id'), `../../${'x'.repeat(3)}-${'0'.repeat(16)}\n`);
  expect(usersFiles(directory, warehouse)).toEqual([]);
});
