import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openInformationSystem } from '../../../plant/info/informationSystem.js';
import {
  flipBit,
  published,
  temporaryDirectory,
  unpublished,
  unpublishedOver,
  writeImage,
} from '../../warehouse/imageFixture.js';
import { rememberingLog } from '../produce/rig.js';
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
    expect(run.stdout.split('\n')[1]).toMatch(/^old .* planning-only .* -$/);
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
    expect(await verify()).toEqual({
      exitCode: 0,
      stdout:
        'bad: good (6 files, 2.5 MiB compared)\ngood: good (6 files, 2.5 MiB compared)\n' +
        '2 images: all good; descriptors, disk headers, bases, and 5.0 MiB in 12 files against their SHA-256\n',
      stderr: '',
    });
    await flipBit(join(warehouse, 'bad', 'memory'), 100_000);
    const run = await verify();
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(
      /^bad: BAD \(.*\)\n {2}memory: wrong-digest: expected the SHA-256 .*\n(?: {2}.*\n)*good: good \(.*\)\n2 images: 1 BAD; /,
    );
    expect((await verify('good')).exitCode).toBe(0);
    expect((await verify('missing')).exitCode).toBe(3);
    const { stdout } = await verify('bad', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      images: [{ name: 'bad', good: false }],
      totals: { images: 1, bad: 1, files: 6 },
    });
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

  it('does not remove what VMs and prepared machines of the plant live on, and names them', async () => {
    const warehouse = await temporaryDirectory();
    const data = await temporaryDirectory();
    await published(warehouse, unpublished('used'));
    await published(warehouse, unpublished('other'));
    const info = openInformationSystem({
      directory: data,
      clock: { now: () => 1_000, monotonic: () => 0 },
      log: rememberingLog(),
    });
    const machine = { line: 'fake', vcpus: 1, memoryMiB: 64, createdAt: 1 };
    info.insert(
      {
        vm: {
          ...machine,
          vmid: 'vm-a',
          state: 'running',
          plant: 'p',
          clientDomain: 'default',
          image: 'used',
          rung: 'warm',
          classad: {},
          hostname: 'vm-a',
          orderDigest: 'd',
        },
        directory: '/somewhere/vm-a',
        macs: [],
        holds: true,
      },
      'reserve',
    );
    info.prepared.insert({
      ...machine,
      id: 'prepared-b',
      image: 'used',
      rung: 'warm',
      network: 'none',
      state: 'waiting',
      directory: '/somewhere/prepared-b',
      macs: [],
    });
    const remove = (name: string) =>
      runPlant(['warehouse', 'remove', name, '--warehouse', warehouse, '--data', data]);
    const refused = await remove('used');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('it is in use by vm-a, prepared-b');
    info.remove('vm-a');
    expect((await remove('used')).stderr).toContain('it is in use by prepared-b\n');
    info.prepared.remove('prepared-b');
    info.close();
    expect((await remove('used')).exitCode).toBe(0);
    expect((await remove('other')).exitCode).toBe(0);
  });

  it('shares, pins and unpins an image, and removes none that is pinned', async () => {
    const warehouse = await temporaryDirectory();
    const data = await temporaryDirectory();
    await published(warehouse, unpublished('mine', { owner: 'a.example', origin: 'learned', parent: 'x' }));
    await published(warehouse, unpublished('free'));
    const run = (...args: string[]) => runPlant(['warehouse', ...args, '--warehouse', warehouse]);
    const row = async () => (await run('list', '-o', 'wide')).stdout.split('\n')[2];
    expect(await row()).toMatch(/ learned +x +a\.example +no +no /);
    expect(await run('share', 'mine', 'disk')).toEqual({ exitCode: 0, stdout: 'mine\n', stderr: '' });
    expect((await run('pin', 'mine')).exitCode).toBe(0);
    expect(await row()).toMatch(/ learned +x +a\.example +disk +yes /);
    const refused = await run('remove', 'mine', '--data', data);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('it is pinned')]);
    expect((await run('unpin', 'mine')).exitCode).toBe(0);
    expect((await run('remove', 'mine', '--data', data)).exitCode).toBe(0);

    expect((await run('share', 'free', 'memory')).stderr).toContain('belongs to no client domain');
    expect((await run('share', 'free', 'all')).exitCode).toBe(2);
    expect((await run('pin', 'none')).exitCode).toBe(3);
  });

  it('lists what images take, once, and those in quarantine with the reason', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('base'));
    await published(warehouse, unpublishedOver('over', 'base'));
    const list = (...args: string[]) => runPlant(['warehouse', 'list', '--warehouse', warehouse, ...args]);
    const good = await list();
    expect([good.exitCode, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/\n2 images, \d.* on disk, of which .* shared by siblings\n$/);
    await flipBit(join(warehouse, 'base', 'disk.qcow2'), 200_000);
    const bad = await list();
    expect(bad.stdout).toMatch(/^base .* quarantined .*\nover .* quarantined /m);
    expect(bad.stderr).toMatch(
      /^warning: base is in quarantine: base\/disk\.qcow2: expected the SHA-256 .*\nwarning: over is in quarantine: over: its disk hangs on base, /,
    );
    await writeFile(join(warehouse, 'over', 'policy.json'), 'x');
    expect((await list()).stderr).toContain('warning: over/policy.json: expected {');
    const document = JSON.parse((await list('-o', 'json')).stdout);
    expect(document).toMatchObject({
      images: [
        { name: 'base', state: 'quarantined', uniqueBytes: expect.any(Number), sharedBytes: 0 },
        { name: 'over', state: 'quarantined' },
      ],
      problems: [
        { name: 'base', reason: 'DIGEST_MISMATCH' },
        { name: 'over', reason: 'BASE_UNUSABLE' },
      ],
      policyProblems: [{ name: 'over', reason: 'BAD_POLICY' }],
      totals: { images: 2 },
    });
    expect(document.totals.sharedBytes).toBe(document.images[1].sharedBytes);
    expect(document.totals.uniqueBytes).toBe(document.images[0].uniqueBytes + document.images[1].uniqueBytes);
  });

  it('takes only a domain for the owner of what it builds', async () => {
    const run = await runPlant(['warehouse', 'build', 'micro', '--owner', 'Not A Domain']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('--owner <DOMAIN>');
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
