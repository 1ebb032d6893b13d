import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectVmshop } from '../../shop/client.js';
import { endAllIn, processesIn } from './leftovers.js';
import { outputOf, type StartedProgram, startProgram, toEnd } from './program.js';

/** `vmshop dev` with fake VMs: what is tested is that it starts, serves, and leaves nothing. */
describe('a cluster in one command', () => {
  const programs: StartedProgram[] = [];
  afterEach(async () => {
    for (const { child } of programs.splice(0)) {
      child.kill('SIGKILL');
      for (const directory of await directoriesOf(child.pid)) await endAllIn(directory);
    }
  });

  /** What it keeps among the temporary files. */
  async function directoriesOf(pid: number | undefined): Promise<readonly string[]> {
    const names = await readdir(tmpdir());
    return names
      .filter((name) => name.startsWith(`vmplants-dev-${pid}-`))
      .map((name) => join(tmpdir(), name));
  }

  /** Starts it and waits until it says that it is ready. */
  async function started(args: readonly string[]): Promise<{
    readonly program: StartedProgram;
    readonly directory: string;
    readonly variables: Readonly<Record<string, string>>;
  }> {
    const program = startProgram('vmshop', ['dev', '--line', 'fake', ...args]);
    programs.push(program);
    const line = /^export VMSHOP_ADDRESS=(\S+)\n$/;
    await expect.poll(program.stdout, { timeout: 90_000 }).toMatch(line);
    const [directory = ''] = await directoriesOf(program.child.pid);
    return { program, directory, variables: { VMSHOP_ADDRESS: line.exec(program.stdout())?.[1] ?? '' } };
  }

  it('serves with eight plants, outlives one of them, and leaves nothing', async () => {
    const { program, directory, variables } = await started(['--plants', '8']);
    // As a user copies it from what is printed.
    const command = /^ {2}vmshop create -f (\S+)$/m.exec(program.stderr());
    const request = command?.[1] ?? '';
    const vmshop = (...args: readonly string[]): Promise<string> =>
      outputOf(startProgram('vmshop', args, { variables }));
    expect(await vmshop('create', '-f', request, '-q')).toMatch(/^vm-/);
    const client = connectVmshop({ address: variables.VMSHOP_ADDRESS ?? '' });
    const small = { operatingSystem: { name: 'micro' }, hardware: { memory: '128MiB' }, actions: [] };
    await Promise.all([client.create(small), client.create(small)]).finally(() => client.close());
    const { plants } = JSON.parse(await vmshop('plants', '-o', 'json')) as {
      readonly plants: readonly { readonly name: string; readonly vms: number }[];
    };
    expect(plants.map(({ name }) => name).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `plant-${n}`));
    expect(plants.reduce((sum, { vms }) => sum + vms, 0)).toBe(3);

    const victim = plants.find(({ vms }) => vms === 0)?.name ?? '';
    const pid = Number(new RegExp(`^${victim} +\\S+ +(\\d+) `, 'm').exec(program.stderr())?.[1]);
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(program.stderr, { timeout: 10_000 })
      .toContain(`${victim} was killed; the others go on`);
    expect(await processesIn(directory)).toHaveLength(7);

    program.child.kill('SIGINT');
    const run = await toEnd(program);
    expect(run.stderr).toContain('collected 3 VMs');
    expect([run.exitCode, run.stderr.trimEnd().split('\n').at(-1)]).toEqual([0, 'nothing is left of it']);
    expect(await processesIn(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it('ends at once at the second Ctrl-C, and leaves no process and no file all the same', async () => {
    const { program, directory } = await started(['--plants', '1']);
    expect(await processesIn(directory)).toHaveLength(1);
    const shop = Number(/^shop +\S+ +(\d+) /m.exec(program.stderr())?.[1]);
    program.child.kill('SIGINT');
    program.child.kill('SIGTERM');
    const run = await toEnd(program);
    expect(run.exitCode).toBe(130);
    await expect.poll(() => existsSync(`/proc/${shop}`), { timeout: 10_000 }).toBe(false);
    expect(await processesIn(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});
