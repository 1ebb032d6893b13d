import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SpawnedCli, spawnCli } from '../../cli/spawnCli.js';
import { temporaryDirectory, unpublished, writeImage } from '../../warehouse/imageFixture.js';

const REQUEST = `
operatingSystem: { name: debian, version: "12" }
hardware: { memory: 512MiB }
actions: []
`;

/** The address that a server has said it serves on. */
async function addressOf(server: SpawnedCli): Promise<string> {
  await expect.poll(server.stdout, { timeout: 25_000 }).toMatch(/ serves on \S+\n/);
  return / serves on (\S+)\n/.exec(server.stdout())?.[1] ?? '';
}

/** Lets a program end and gives its output. */
async function outputOf(run: SpawnedCli, exitCode = 0): Promise<string> {
  expect([await run.ended, run.stderr()]).toEqual([exitCode, expect.anything()]);
  return run.stdout();
}

describe('vmplant and vmshop together, as processes', () => {
  it('serve, create, show and remove a VM of the fake line, and stop in order', async () => {
    const directory = await temporaryDirectory();
    const warehouse = join(directory, 'warehouse');
    const data = join(directory, 'data');
    await mkdir(warehouse);
    const image = unpublished('base', {
      performed: [],
      devices: [],
      lines: ['fake'],
      hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 2, diskMiB: 16 },
    });
    await writeImage(join(warehouse, 'base'), image);
    const request = join(directory, 'request.yaml');
    await writeFile(request, REQUEST);

    const plant = spawnCli('plant/cli/main.ts', [
      ...['serve', '--line', 'fake', '--listen', '127.0.0.1:0', '--name', 'north'],
      ...['--data', data, '--warehouse', warehouse, '--cost', 'compute=3', '--memory', '2048'],
    ]);
    const plantAddress = await addressOf(plant);
    const shop = spawnCli('shop/cli/main.ts', [
      ...['serve', '--listen', '127.0.0.1:0', '--plants', plantAddress, '--seed', '1'],
    ]);
    const variables = { VMSHOP_ADDRESS: await addressOf(shop) };
    const vmshop = (...args: string[]): SpawnedCli => spawnCli('shop/cli/main.ts', args, { variables });
    const audit = (): SpawnedCli => spawnCli('plant/cli/main.ts', ['audit', '--data', data, '-o', 'json']);

    const vmid = (await outputOf(vmshop('create', '-f', request, '-q'))).trim();
    expect(vmid).toMatch(/^vm-[a-z2-7]{26}$/);
    const [shown, plants, audited] = await Promise.all([
      outputOf(vmshop('get', vmid, '-o', 'json')),
      outputOf(vmshop('plants', '-o', 'json')),
      outputOf(audit()),
    ]);
    expect(JSON.parse(shown)).toMatchObject({ vmid, state: 'running', plant: 'north', line: 'fake' });
    expect(JSON.parse(plants)).toMatchObject({ plants: [{ name: 'north', vms: 1, totalMemoryMiB: 2048 }] });
    expect(JSON.parse(audited)).toMatchObject({ vms: 1, served: true, differences: [] });

    const second = spawnCli('plant/cli/main.ts', [
      ...['serve', '--line', 'fake', '--listen', '127.0.0.1:0', '--data', data, '--warehouse', warehouse],
    ]);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toContain('belongs to another running plant');

    expect(await outputOf(vmshop('destroy', vmid))).toBe(`${vmid}\n`);
    shop.child.kill('SIGTERM');
    plant.child.kill('SIGTERM');
    expect([await shop.ended, await plant.ended]).toEqual([0, 0]);
    expect(plant.stderr()).toContain('plant north stops');
    expect(JSON.parse(await outputOf(audit()))).toMatchObject({ vms: 0, served: false, differences: [] });
    expect(await digestOf(join(warehouse, 'base', 'disk.qcow2'))).toBe(
      (await descriptorDigests(join(warehouse, 'base', 'image.json'))).get('disk.qcow2'),
    );
  }, 120_000);

  it('refuse an address that other machines reach, unless told so', async () => {
    const run = spawnCli('shop/cli/main.ts', ['serve', '--listen', '0.0.0.0:0']);
    expect(await run.ended).toBe(2);
    expect(run.stderr()).toContain('can be reached from other machines');
  });
});

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

async function descriptorDigests(file: string): Promise<ReadonlyMap<string, string>> {
  const { files }: { files: { path: string; digest: string }[] } = JSON.parse(await readFile(file, 'utf8'));
  return new Map(files.map(({ path, digest }) => [path, digest]));
}
