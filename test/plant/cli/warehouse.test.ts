import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  flipBit,
  published,
  temporaryDirectory,
  unpublished,
  writeImage,
} from '../../warehouse/imageFixture.js';
import { runPlant } from './runPlant.js';

describe('vmplant warehouse', () => {
  it('lists the images, and says what is none', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('workspace'));
    await mkdir(join(warehouse, 'empty'));
    const run = await runPlant(['warehouse', 'list', '--warehouse', warehouse]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout.split('\n')[1]).toMatch(/^workspace +debian 12 +warm +1 +2 MiB +2\.\d MiB +1 +0s$/);
    expect(run.stderr).toMatch(/^warning: empty is no usable image: /);
    const names = await runPlant(['warehouse', 'ls', '-q'], { variables: { VMPLANT_WAREHOUSE: warehouse } });
    expect(names.stdout).toBe('workspace\n');
  });

  it('writes - for the age of an image of unknown age, and lists all that is wrong with a descriptor', async () => {
    const warehouse = await temporaryDirectory();
    const hardware = { memoryMiB: 512, diskMiB: 1024 };
    const operatingSystem = { name: 'debian', version: '12' };
    await mkdir(join(warehouse, 'old'));
    await mkdir(join(warehouse, 'wrong'));
    await writeFile(join(warehouse, 'old', 'image.json'), JSON.stringify({ hardware, operatingSystem }));
    await writeFile(
      join(warehouse, 'wrong', 'image.json'),
      JSON.stringify({
        operatingSystem,
        hardware: { ...hardware, memoryMiB: '512' },
        created: 'today',
        extra: 1,
      }),
    );
    const run = await runPlant(['warehouse', 'list', '--warehouse', warehouse]);
    expect(run.stdout.split('\n')[1]).toMatch(/^old .* -$/);
    expect(run.stderr.split('\n')).toEqual([
      'warning: wrong is no usable image: wrong/image.json: 3 places are wrong',
      '  created: expected a time such as 2026-11-20T09:30:00Z',
      '  hardware.memoryMiB: expected number; found string',
      '  extra: expected no such field',
      '',
    ]);
    const verified = await runPlant(['warehouse', 'verify', '--warehouse', warehouse, 'wrong']);
    expect(verified.stdout).toContain('\n  created: expected a time');
  });

  it('names the directory of a warehouse that is not there', async () => {
    const run = await runPlant(['warehouse', 'list', '--warehouse', '/nonexistent/warehouse']);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('the warehouse directory /nonexistent/warehouse cannot be read');
  });

  it('verifies every byte', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('good'));
    await published(warehouse, unpublished('bad'));
    const verify = (...args: string[]) =>
      runPlant(['warehouse', 'verify', '--warehouse', warehouse, ...args]);
    expect(await verify()).toEqual({ exitCode: 0, stdout: 'bad: good\ngood: good\n', stderr: '' });
    await flipBit(join(warehouse, 'bad', 'memory'), 100_000);
    const run = await verify();
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(
      /^bad: BAD\n {2}memory: wrong-digest: expected the SHA-256 .*\n(?: {2}.*\n)*good: good\n$/,
    );
    expect((await verify('good')).exitCode).toBe(0);
    expect((await verify('missing')).exitCode).toBe(3);
    const { stdout } = await verify('bad', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ name: 'bad', good: false }] });
  });

  it('publishes a directory that was made elsewhere, once, and makes the warehouse for it', async () => {
    const warehouse = join(await temporaryDirectory(), 'new', 'warehouse');
    const source = join(await temporaryDirectory(), 'made');
    await writeImage(source, unpublished('made'));
    const publish = () =>
      runPlant(['warehouse', 'publish', source, '--warehouse', warehouse, '--name', 'taken']);
    expect(await publish()).toEqual({ exitCode: 0, stdout: 'taken\n', stderr: '' });
    const again = await publish();
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('the warehouse already has something named taken');
  });

  it('removes an image that nothing depends on', async () => {
    const warehouse = await temporaryDirectory();
    const data = await temporaryDirectory();
    await published(warehouse, unpublished('old'));
    const remove = () => runPlant(['warehouse', 'remove', 'old', '--warehouse', warehouse, '--data', data]);
    expect(await remove()).toEqual({ exitCode: 0, stdout: 'old\n', stderr: '' });
    expect((await remove()).exitCode).toBe(3);
  });

  it('says what garbage there is, and leaves what may be somebody else’s', async () => {
    const warehouse = await temporaryDirectory();
    const gc = (...args: string[]) => runPlant(['warehouse', 'gc', '--warehouse', warehouse, ...args]);
    expect((await gc()).stdout).toBe('no garbage\n');
    await writeFile(join(warehouse, 'notes.txt'), 'mine');
    const run = await gc('--dry-run', '-o', 'json');
    expect(JSON.parse(run.stdout)).toEqual({
      dryRun: true,
      garbage: [{ path: 'notes.txt', kind: 'orphan', removable: false }],
    });
    expect((await gc()).stdout).toMatch(/notes\.txt +orphan +kept/);
  });
});
