import { appendFile, rename, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Console } from '../../../../plant/console.js';
import type { Machine } from '../../../../plant/line/line.js';
import { patience } from '../../../conformance/conversation.js';
import { Rig } from '../../../conformance/rig.js';
import { umlSubject } from '../../../conformance/umlSubject.js';

/** What the conformance suite cannot ask of every line. */
describe('the uml line', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.open(umlSubject);
  });
  afterEach(() => rig.clear());
  afterAll(() => rig.close());

  it('gives a guest nothing of the host but its own disks', async () => {
    const specimen = await rig.running();
    const { directory } = specimen.spec;
    for (const way of ['/', '/..', '/../../..']) {
      const script = `mkdir -p /tmp/host; mount -t hostfs -o ${way} none /tmp/host 2>&1 || echo refused`;
      expect(await rig.execute(specimen, script)).toMatch(/refused\n$/);
    }
    // A medium whose author wrote the header of a copy-on-write file into it, over a file of the host.
    const isoFile = join(directory, 'attached.iso');
    await writeFile(isoFile, copyOnWriteHeader('/etc/hostname'));
    await specimen.machine.addDevice({ kind: 'iso', action: 'cd', isoFile }, patience());
    const read = await rig.execute(specimen, 'head -c 4 /dev/sr1; head -c 20000 /dev/sr1 | tail -c 6000');
    expect(read).toMatch(/^OOOM/);
    expect(read).not.toContain(hostname());
    // A guest that writes one onto a disk of its own finds what it wrote.
    const disk = { kind: 'disk', action: 'data', sizeMiB: 8, serial: 'data' } as const;
    await specimen.machine.addDevice(disk, patience());
    await rig.execute(specimen, 'dd if=/dev/sr1 of=/dev/ubdd bs=4096 count=2 conv=fsync 2>/dev/null');
    expect(await rig.execute(specimen, 'head -c 4 /dev/ubdd; cat /sys/block/ubdd/size')).toBe('OOOM16384\n');
  });

  it('says with which words a kernel panicked, and leaves nothing running', async () => {
    const specimen = await rig.running();
    const nonce = 'panic';
    const script = 'echo c > /proc/sysrq-trigger\n';
    await specimen.machine.guest.send({ kind: 'exec', nonce, timeoutSeconds: 60, script }, patience());
    const exit = await specimen.machine.exited;
    expect(exit.status).not.toBe(0);
    expect(exit.message).toContain('Kernel panic');
    expect(rig.leftovers(specimen.spec.directory)).toEqual([specimen.spec.directory]);
  });

  it('takes along everything in the machine when the process outside is killed', async () => {
    const { spec, machine } = await rig.running();
    process.kill(machine.process?.pid ?? 0, 'SIGKILL');
    await machine.exited;
    expect(rig.leftovers(spec.directory)).toEqual([spec.directory]);
  });

  it('serves the console, to whom comes later too', async () => {
    const { machine } = await rig.start();
    const before = await openConsole(machine);
    await machine.run(patience());
    await untilShown(before, 'login: ');
    before.close();
    const later = await openConsole(machine);
    await later.write(Buffer.from('somebody\n'));
    await untilShown(later, 'Password: ');
    later.close();
  });

  it('is adopted after a plant that ended in the middle of a line, unless a pipe was replaced', async () => {
    const first = await rig.running();
    const { directory } = first.spec;
    first.machine.release();
    await appendFile(join(directory, 'guest.in'), 'exec half-a-li');
    const machine = await rig.line.adopt(directory, undefined, patience());
    if (machine === undefined) throw new Error('the machine was not found');
    const second = rig.hold(first.spec, machine);
    expect(await rig.execute(second, 'echo again')).toBe('again\n');
    machine.release();
    await rename(join(directory, 'guest.out'), join(directory, 'moved'));
    await symlink('moved', join(directory, 'guest.out'));
    await expect(rig.line.adopt(directory, undefined, patience())).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      reason: 'PIPE_REPLACED',
    });
  });
});

async function openConsole({ openConsole: open }: Machine): Promise<Console> {
  if (open === undefined) throw new Error('no console');
  return await open(patience());
}

async function untilShown({ output }: Console, words: string): Promise<void> {
  let text = '';
  for await (const part of output) {
    text += Buffer.from(part).toString();
    if (text.includes(words)) return;
  }
  throw new Error(`expected ${words}, found ${text}`);
}

/** Version 3, as arch/um/drivers/cow_user.c reads it, over this file. */
function copyOnWriteHeader(backingFile: string): Buffer {
  const header = Buffer.alloc(64 * 1024);
  header.write('OOOM', 0, 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(0, 8);
  header.writeBigUInt64BE(4096n, 12);
  header.writeUInt32BE(512, 20);
  header.writeUInt32BE(4096, 24);
  header.writeUInt32BE(0, 28);
  header.write(backingFile, 32, 'latin1');
  return header;
}
