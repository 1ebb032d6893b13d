import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, runCommand } from '../../../warehouse/assemble/command.js';
import { hostDebianSources } from '../../../warehouse/assemble/debianSources.js';
import { compileGuestProgram } from '../../../warehouse/assemble/program.js';
import { inWorkplace } from '../../../warehouse/assemble/workplace.js';

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assemble-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function command(tool: string, args: readonly string[], timeoutMs = 20_000): Command {
  return { tool, arguments: args, debianPackage: 'some-package', environment, timeoutMs };
}

describe('runCommand', () => {
  const { signal } = new AbortController();

  it('gives what the program writes, with arguments as they are and no shell', async () => {
    expect(await runCommand(command('printf', ['%s|', '$HOME', 'a b', '; ls']), signal)).toBe(
      '$HOME|a b|; ls|',
    );
  });

  it('gives no more of the environment than it was given', async () => {
    expect(await runCommand(command('env', []), signal)).toBe(`PATH=${environment.PATH}\nLC_ALL=C\n`);
  });

  it('says which package brings a missing tool', async () => {
    await expect(runCommand(command('no-such-tool-here', []), signal)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'TOOL_MISSING',
      hint: 'apt-get install some-package',
    });
  });

  it('says how a program failed', async () => {
    await expect(runCommand(command('ls', ['/no/such/place']), signal)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/^ls failed: exit status 2: .*No such file/),
    });
  });

  it('ends a program at its deadline', async () => {
    await expect(runCommand(command('sleep', ['600'], 50), signal)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('ends a program when it is cancelled, and is done only after it is gone', async () => {
    const controller = new AbortController();
    const pidFile = join(directory, 'pid');
    const running = runCommand(
      command('sh', ['-c', `echo $$ >${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600`]),
      controller.signal,
    );
    const outcome = expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(() => expect(existsSync(pidFile)).toBe(true), { timeout: 10_000 });
    controller.abort();
    await outcome;
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('does not start one that is cancelled already', async () => {
    const file = join(directory, 'made');
    await expect(runCommand(command('touch', [file]), AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(existsSync(file)).toBe(false);
  });
});

describe('inWorkplace', () => {
  it('makes the target at the end, readable by all, and leaves nothing else', async () => {
    const target = join(directory, 'target');
    const answer = await inWorkplace(target, async ({ result, scratch }) => {
      writeFileSync(join(result, 'a'), 'x');
      writeFileSync(join(scratch, 'b'), 'y');
      expect(existsSync(target)).toBe(false);
      return 7;
    });
    expect(answer).toBe(7);
    expect(readdirSync(directory, { recursive: true })).toEqual(['target', 'target/a']);
    expect(statSync(target).mode & 0o777).toBe(0o755);
  });

  it('leaves nothing when the work fails', async () => {
    const failing = inWorkplace(join(directory, 'target'), async ({ result }) => {
      writeFileSync(join(result, 'a'), 'x');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses a target that exists, before any work', async () => {
    writeFileSync(join(directory, 'target'), '');
    const work = vi.fn();
    await expect(inWorkplace(join(directory, 'target'), work)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(work).not.toHaveBeenCalled();
  });
});

/** elf(5): a program that needs a dynamic loader names it in such a header. */
const PT_INTERP = 3;

/** Types of the program headers of a 64-bit ELF file. */
function programHeaderTypes(file: Buffer): readonly number[] {
  const start = Number(file.readBigUInt64LE(32));
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) =>
    file.readUInt32LE(start + index * file.readUInt16LE(54)),
  );
}

describe('compileGuestProgram', () => {
  it('makes a static program once', async () => {
    const { signal } = new AbortController();
    const first = await compileGuestProgram('initrd', directory, environment, signal);
    const made = statSync(first);
    expect(made.mode & 0o111).not.toBe(0);
    expect(programHeaderTypes(readFileSync(first))).not.toContain(PT_INTERP);
    expect(await compileGuestProgram('initrd', directory, environment, signal)).toBe(first);
    expect(statSync(first).ino).toBe(made.ino);
    expect(readdirSync(join(directory, 'programs'))).toHaveLength(1);
  }, 60_000);
});

describe('hostDebianSources', () => {
  it('says what to do when the host has none', async () => {
    await expect(hostDebianSources(directory, 'bookworm')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
  });

  it('reads the list and its parts', async () => {
    writeFileSync(join(directory, 'sources.list'), 'deb http://mirror.example/debian bookworm main\n');
    expect(await hostDebianSources(directory, 'bookworm')).toMatch(
      /^Types: deb\nURIs: http:\/\/mirror\.example\/debian\n/,
    );
  });
});
