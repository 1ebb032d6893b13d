import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type SpawnedCli, spawnCli } from '../../cli/spawnCli.js';
import { temporaryDirectory, unpublished, writeImage } from '../../warehouse/imageFixture.js';

const REQUEST = `
operatingSystem: { name: debian, version: "12" }
hardware: { memory: 512MiB }
actions: []
`;

async function addressOf(server: SpawnedCli): Promise<string> {
  await expect.poll(server.stdout, { timeout: 25_000 }).toMatch(/ serves on \S+\n/);
  return / serves on (\S+)\n/.exec(server.stdout())?.[1] ?? '';
}

async function outputOf(run: SpawnedCli): Promise<string> {
  expect([await run.ended, run.stderr()]).toEqual([0, expect.anything()]);
  return run.stdout();
}

it('a plant that is killed goes on to protect the image of its VM from the commands of another', async () => {
  const directory = await temporaryDirectory();
  const warehouse = join(directory, 'warehouse');
  await mkdir(warehouse);
  await writeImage(
    join(warehouse, 'base'),
    unpublished('base', { performed: [], devices: [], lines: ['fake'] }),
  );
  const request = join(directory, 'request.yaml');
  await writeFile(request, REQUEST);
  const plant = (name: string): SpawnedCli =>
    spawnCli('plant/cli/main.ts', [
      ...['serve', '--line', 'fake', '--listen', '127.0.0.1:0', '--name', name, '--memory', '2048'],
      ...['--data', join(directory, name), '--warehouse', warehouse, '--learn-disk', '0'],
    ]);
  const remove = (data: string): SpawnedCli =>
    spawnCli('plant/cli/main.ts', [
      ...['warehouse', 'remove', 'base', '--warehouse', warehouse, '--data', join(directory, data)],
    ]);

  const north = plant('north');
  const address = await addressOf(north);
  const south = plant('south');
  await addressOf(south);
  const shop = spawnCli('shop/cli/main.ts', ['serve', '--listen', '127.0.0.1:0', '--plants', address]);
  const variables = { VMSHOP_ADDRESS: await addressOf(shop) };
  const vmid = (
    await outputOf(spawnCli('shop/cli/main.ts', ['create', '-f', request, '-q'], { variables }))
  ).trim();

  north.child.kill('SIGKILL');
  await north.ended;
  const id = (await readFile(join(directory, 'north', 'plant-id'), 'utf8')).trim();
  expect(id).toMatch(/^north-[0-9a-f]{16}$/);
  const refused = remove('south');
  expect(await refused.ended).not.toBe(0);
  expect(refused.stderr()).toContain(`in use by the plant ${id} (${vmid})`);

  // With nothing left that uses it, the last plant takes its entry with it.
  const again = plant('north');
  const back = spawnCli('shop/cli/main.ts', [
    ...['serve', '--listen', '127.0.0.1:0', '--plants', await addressOf(again)],
  ]);
  const now = { VMSHOP_ADDRESS: await addressOf(back) };
  await outputOf(spawnCli('shop/cli/main.ts', ['destroy', vmid], { variables: now }));
  for (const server of [shop, back, again, south]) {
    server.child.kill('SIGTERM');
    await server.ended;
  }
  expect(await readdir(join(warehouse, '.users'))).toEqual([]);
  await outputOf(remove('south'));
  expect((await readdir(warehouse)).filter((name) => !name.startsWith('.'))).toEqual([]);
}, 120_000);
