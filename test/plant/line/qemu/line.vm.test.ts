import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import {
  copyFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GoldenImage, LocatedImage, MemoryState } from '../../../../model/goldenImage.js';
import { migrateToFile } from '../../../../plant/line/qemu/migrateToFile.js';
import { openQmp } from '../../../../plant/line/qemu/qmp.js';
import { runState } from '../../../../plant/line/qemu/runState.js';
import { switchover } from '../../../../plant/line/qemu/switchover.js';
import { connectUnix } from '../../../../plant/line/qemu/unixSocket.js';
import { patience } from '../../../conformance/conversation.js';
import { qemuSubject } from '../../../conformance/qemuSubject.js';
import { Rig } from '../../../conformance/rig.js';

/** What only the QEMU line can be asked; the rest is in the conformance suite. */
describe('the QEMU line', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.open(qemuSubject);
  });
  afterEach(() => rig.clear());
  afterAll(() => rig.close());

  /** A copy of the frozen image that a test may spoil. */
  async function spoilt(
    name: string,
    change: (directory: string, memory: MemoryState) => Promise<void>,
  ): Promise<LocatedImage> {
    const directory = join(rig.root, 'images', name);
    await cp(rig.golden.directory, directory, { recursive: true });
    const { memory } = rig.golden.descriptor;
    if (memory === undefined) throw new Error('the golden image has no memory');
    await change(directory, memory);
    return { ...rig.golden, directory, descriptor: { ...rig.golden.descriptor, name } };
  }

  function described(change: Partial<GoldenImage>): LocatedImage {
    return { ...rig.golden, descriptor: { ...rig.golden.descriptor, ...change } };
  }

  describe('does not start what cannot work', () => {
    it('a device state that is cut off: DATA_LOSS, and no process is left', async () => {
      const image = await spoilt('cut-state', (directory, memory) =>
        truncate(join(directory, memory.deviceStateFile), 100_000),
      );
      const spec = rig.spec({ image });
      await rig.line.clone(spec, patience());
      await expect(rig.line.start(spec, patience())).rejects.toMatchObject({
        code: 'DATA_LOSS',
        reason: 'DEVICE_STATE_UNUSABLE',
      });
      expect(rig.leftovers(spec.directory)).toEqual([spec.directory]);
    });

    it('a device state that is something else', async () => {
      const image = await spoilt('no-state', (directory, memory) =>
        writeFile(join(directory, memory.deviceStateFile), 'nothing of the kind'),
      );
      const spec = rig.spec({ image });
      await rig.line.clone(spec, patience());
      await expect(rig.line.start(spec, patience())).rejects.toMatchObject({ code: 'DATA_LOSS' });
    });

    it('a memory of another size, which QEMU would lengthen', async () => {
      const image = await spoilt('short-memory', (directory, memory) =>
        truncate(join(directory, memory.file), 128 * 1024 * 1024),
      );
      await expect(rig.line.clone(rig.spec({ image }), patience())).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'IMAGE_INCONSISTENT',
      });
    });

    it('a memory that was frozen on another machine', async () => {
      const { memory } = rig.golden.descriptor;
      if (memory === undefined) throw new Error('the golden image has no memory');
      for (const other of [
        { cpuModel: 'host X' },
        { accelerator: 'other' },
        { vmm: 'QEMU 1.0.0' },
        { vcpus: 3 },
      ]) {
        const image = described({ memory: { ...memory, ...other } });
        await expect(rig.line.clone(rig.spec({ image }), patience())).rejects.toMatchObject({
          code: 'FAILED_PRECONDITION',
          reason: 'SPEC_UNSUITABLE',
        });
      }
    });

    it('files that are links, or names that lead outside', async () => {
      const image = await spoilt('linked', async (directory, memory) => {
        await rename(join(directory, memory.file), join(directory, 'elsewhere'));
        await symlink('elsewhere', join(directory, memory.file));
      });
      const boot = { ...rig.golden.descriptor.boot, kernel: '../base/vmlinuz' };
      for (const one of [image, described({ boot })]) {
        const spec = rig.spec({ image: one });
        await expect(rig.line.clone(spec, patience())).rejects.toMatchObject({
          code: 'FAILED_PRECONDITION',
          reason: 'IMAGE_FILE_REFUSED',
        });
      }
    });

    it('a directory too deep for a socket', async () => {
      const spec = rig.spec();
      const deep = { ...spec, directory: join(rig.root, 'vms', 'x'.repeat(100)) };
      await expect(rig.line.clone(deep, patience())).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'PATH_TOO_LONG',
      });
    });

    it.each([{ vmid: '-rf' }, { vmid: 'a,b' }, { macs: ['52:54:00:00:00:0G'] }, { macs: [] }])(
      '%j',
      async (asked) => {
        const spec = { ...rig.spec(), ...asked };
        await expect(rig.line.clone(spec, patience())).rejects.toMatchObject({ reason: 'SPEC_UNSUITABLE' });
      },
    );

    it('a disk that names a backing file of its own choice', async () => {
      // The chain is given to QEMU from the descriptors: a name in the header is compared, never followed.
      const base = rig.base.descriptor.disk.file;
      const image = await spoilt('evil-disk', async (directory) => {
        const file = join(directory, rig.golden.descriptor.disk.file);
        const disk = await readFile(file);
        const at = Number(disk.readBigUInt64BE(8));
        const path = '/etc/passwd';
        disk.write(path.padEnd(disk.readUInt32BE(16), '/'), at, 'latin1');
        await writeFile(file, disk);
      });
      const spec = rig.spec({ image });
      await expect(rig.line.clone(spec, patience())).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
      expect(base).toBe('disk.qcow2');
    });
  });

  describe('sockets', () => {
    it('are unix sockets in a private directory, and there is no other', async () => {
      const { machine } = await rig.running();
      const inodes = socketInodes(machine.process?.pid ?? 0);
      for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
        const rows = readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1);
        const mine = rows.filter((row) => inodes.has(row.trim().split(/\s+/)[9] ?? ''));
        expect(mine, table).toEqual([]);
      }
      expect(inodes.size).toBeGreaterThanOrEqual(3);
    });

    it('that were replaced by a link are refused', async () => {
      const { spec, machine } = await rig.running();
      machine.release();
      const socket = join(spec.directory, 'qmp.sock');
      await rename(socket, join(spec.directory, 'real.sock'));
      await symlink('real.sock', socket);
      await expect(rig.line.adopt(spec.directory, machine.process, patience())).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        reason: 'SOCKET_REPLACED',
      });
    });

    it('reach the console of the guest', async () => {
      const { spec } = await rig.running();
      const console_ = connect(join(spec.directory, 'console.sock'));
      const heard = new Promise<string>((resolve) => {
        let text = '';
        console_.on('data', (data) => {
          text += data.toString('latin1');
          if (text.includes('\n')) resolve(text);
        });
      });
      console_.write('\n');
      expect((await heard).length).toBeGreaterThan(1);
      console_.destroy();
    });
  });

  describe('a snapshot', () => {
    it('whose plant goes away in the middle leaves a machine that runs on, and is put right by the next', async () => {
      let specimen = await rig.running();
      await rig.personalise(specimen);
      const { directory } = specimen.spec;
      const files = await readdir(directory);
      // Tried, not timed: wherever it falls, the outcome is the same.
      for (const milliseconds of [30, 80, 150, 250, 400, 700]) {
        const request = { directory: await rig.snapshotDirectory(), memory: true };
        const taken = specimen.machine.snapshot(request, patience()).catch(() => undefined);
        await delay(milliseconds);
        specimen.machine.release();
        await taken;
        const found = await rig.line.adopt(directory, undefined, patience());
        if (found === undefined) throw new Error('the machine was not found');
        specimen = rig.hold(specimen.spec, found);
        await rig.execute(specimen, 'echo runs');
        expect(rig.leftovers(join(directory, 'receiver'))).toEqual([]);
      }
      const { image } = await rig.snapshot(specimen, 'after-crashes', true);
      expect(await readdir(directory)).toEqual(files);
      await rig.running({ image });
    });

    it('left behind with its second monitor is ended by discard', async () => {
      const { spec, machine } = await rig.running();
      const request = { directory: await rig.snapshotDirectory(), memory: true };
      const taken = machine.snapshot(request, patience()).catch(() => undefined);
      while (!existsSync(join(spec.directory, 'receiver', 'qmp.sock'))) await delay(1);
      machine.release();
      await rig.line.discard(spec.directory, undefined, patience());
      await taken;
      expect(rig.leftovers(spec.directory)).toEqual([]);
    });

    it('can be sent while the machine runs, as it is where the monitor sees every write', async () => {
      const { spec, machine } = await rig.running();
      machine.release();
      const qmp = await openQmp(await connectUnix(join(spec.directory, 'qmp.sock'), patience()), patience());
      const order: string[] = [];
      qmp.subscribe(({ event }) => order.push(event));
      const target = join(await rig.snapshotDirectory(), 'stream');
      const whileStopped = async () => {
        order.push('stopped');
        expect(await runState(qmp, patience())).toBe('finish-migrate');
      };
      const send = async (uri: string) => {
        const paused = await switchover(qmp, { uri, whileRunning: true, whileStopped }, patience());
        expect(paused).toBeGreaterThan(0);
      };
      await migrateToFile(join(spec.directory, 'freeze.sock'), target, send, patience());
      expect(order.filter((one) => one === one.toLowerCase() || one === 'STOP' || one === 'RESUME')).toEqual([
        'STOP',
        'stopped',
        'RESUME',
      ]);
      expect(await runState(qmp, patience())).toBe('running');
      expect((await stat(target)).size).toBeGreaterThan(1024 * 1024);
      qmp.close();
    });
  });

  it('discards nothing through a link that stands where the directory was', async () => {
    const victim = join(rig.root, 'victim');
    await mkdir(victim);
    await copyFile(join(rig.golden.directory, 'initrd'), join(victim, 'file'));
    const link = join(rig.root, 'vms', 'linked');
    await symlink(victim, link);
    await expect(rig.line.discard(link, undefined, patience())).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(readdirSync(victim)).toEqual(['file']);
  });

  it('answers false, and can still end it, when the monitor hangs', async () => {
    const { machine } = await rig.running();
    process.kill(machine.process?.pid ?? 0, 'SIGSTOP');
    expect(await machine.responds(AbortSignal.timeout(200))).toBe(false);
    expect(await machine.stop(200, patience())).toMatchObject({ signal: 'SIGKILL' });
  });
});

/** Inodes of all sockets that a process has open. */
function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const entry of readdirSync(`/proc/${pid}/fd`)) {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${entry}`)) ?? [];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}
