import { randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeIso } from '../../guest/iso.js';
import { OUTPUT_LIMIT_BYTES } from '../../guest/protocol.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Machine, NewDevice } from '../../plant/line/line.js';
import { readDiskHeader } from '../../warehouse/disk.js';
import { newNonce, patience } from './conversation.js';
import { fakeSubject } from './fakeSubject.js';
import { qemuSubject } from './qemuSubject.js';
import { Rig, type Specimen } from './rig.js';
import type { LineSubject } from './subject.js';
import { umlSubject } from './umlSubject.js';

/**
 * What `ProductionLine` promises, tried on every line there is. Where a line differs, it says so in its
 * capabilities, and nothing else is asked for its name here.
 */
describe.each<LineSubject>([fakeSubject, qemuSubject, umlSubject])('production line $name', (subject) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.open(subject);
  });
  afterEach(() => rig.clear());
  afterAll(() => rig.close());

  describe('clone', () => {
    it('makes a private directory and changes nothing of the golden image, whatever its clones write', async () => {
      const before = [await rig.digests(rig.golden), await rig.digests(rig.base)];
      const [one, two] = [await rig.running(), await rig.running()];
      expect((await stat(one.spec.directory)).mode & 0o777).toBe(0o700);
      for (const specimen of [one, two]) await rig.personalise(specimen);
      if (rig.line.capabilities.runsPrograms) {
        await rig.execute(one, 'echo one > /written && sync && cat /written');
        expect(await rig.execute(two, 'ls /written 2>/dev/null; echo looked')).toBe('looked\n');
      }
      await one.machine.stop(0, patience());
      expect([await rig.digests(rig.golden), await rig.digests(rig.base)]).toEqual(before);
    });

    it('may be repeated until the machine is started, and then refuses', async () => {
      const spec = rig.spec();
      await rig.line.clone(spec, patience());
      await rig.line.clone(spec, patience());
      await rig.line.start(spec, patience());
      await expect(rig.line.clone(spec, patience())).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    });

    it('is needed before a start', async () => {
      await expect(rig.line.start(rig.spec(), patience())).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
      });
    });
  });

  describe('start', () => {
    it('leaves the machine paused, and what is sent waits until it runs', async () => {
      const { machine, listening } = await rig.start();
      await machine.guest.send({ kind: 'hello' }, patience());
      expect(await machine.responds(patience())).toBe(true);
      expect(listening.messages).toEqual([]);
      await machine.run(patience());
      expect(await listening.until((one) => one.kind === 'ready')).toMatchObject({ protocol: 1 });
    });

    it('boots a disk to a guest that is ready', async () => {
      const specimen = await rig.running({ image: rig.base, rung: 'disk' });
      const guestKernel = rig.line.environment.guestKernel ?? rig.base.descriptor.boot.guestKernel;
      expect(specimen.listening.messages[0]).toMatchObject({ kind: 'ready', guestKernel });
      expect((await rig.personalise(specimen)).renewed?.hostname).toBe(specimen.identity.hostname);
    });
  });

  describe('configuration', () => {
    it('renews the identity before anything runs, and confirms it', async () => {
      const specimen = await rig.start();
      const result = await rig.personalise(specimen, [{ script: 'echo hello' }]);
      const { hostname, machineId, bootId, macs } = specimen.identity;
      const [mac] = macs;
      expect(result.renewed).toMatchObject({ hostname, machineId, bootId, mac });
      expect(result.kinds).toEqual(['accepted', 'renewed', 'started', 'output', 'ended', 'done']);
      expect(result.actions).toMatchObject([{ index: 0, output: 'hello\n', status: 0, truncated: false }]);
      if (!rig.line.capabilities.runsPrograms) return;
      expect(await rig.execute(specimen, 'hostname; cat /proc/sys/kernel/random/boot_id')).toBe(
        `${hostname}\n${bootId}\n`,
      );
      expect(await rig.execute(specimen, 'cat /etc/machine-id /sys/class/net/eth0/address')).toBe(
        `${machineId}\n${mac}\n`,
      );
    });

    it('gives two clones of one memory nothing in common, random numbers included', async () => {
      const [one, two] = [await rig.start(), await rig.start()];
      const results = [await rig.personalise(one), await rig.personalise(two)];
      const [first, second] = results.map((result) => result.renewed);
      expect(first?.random).toMatch(/^[0-9a-f]{32}$/);
      for (const key of ['hostname', 'machineId', 'bootId', 'mac', 'random'] as const) {
        expect(first?.[key]).not.toBe(second?.[key]);
      }
      if (!rig.line.capabilities.runsPrograms) return;
      const draw = 'head -c 32 /dev/urandom | od -An -tx1';
      expect(await rig.execute(one, draw)).not.toBe(await rig.execute(two, draw));
    });

    it('runs actions in order, with their attributes, and sends output while they run', async () => {
      const specimen = await rig.start();
      const script = [
        'echo first',
        'sleep 1',
        'echo second',
        'echo PORT=80 >> "$VMPLANTS_ATTRIBUTES"',
        'exit 0',
      ];
      const result = await rig.personalise(specimen, [
        { script: script.join('\n') },
        { script: 'echo third' },
      ]);
      expect(result.kinds.join(' ')).toBe(
        'accepted renewed started output output attribute ended started output ended done',
      );
      expect(result.actions).toMatchObject([
        { index: 0, output: 'first\nsecond\n', attributes: { PORT: '80' }, status: 0 },
        { index: 1, output: 'third\n', attributes: {}, status: 0 },
      ]);
    });

    it('stops after the first action that fails, and tells its status', async () => {
      const specimen = await rig.start();
      const result = await rig.personalise(specimen, [
        { script: 'echo no\nexit 3' },
        { script: 'echo never' },
      ]);
      expect(result.actions).toMatchObject([{ output: 'no\n', status: 3 }]);
      const next = await rig.configure(specimen, { actions: [{ script: 'no-such-program --at-all' }] });
      expect(next.actions).toMatchObject([{ status: 127 }]);
      expect(next.actions[0]?.output).toContain('no-such-program');
    });

    it('cuts output at its limit and marks it', async () => {
      const specimen = await rig.start();
      const line = `echo ${'x'.repeat(999)}`;
      const exact = Array.from({ length: 65 }, () => line).join('\n');
      const over = Array.from({ length: 70 }, () => line).join('\n');
      const result = await rig.personalise(specimen, [{ script: exact }, { script: over }]);
      expect(result.actions).toMatchObject([
        { outputBytes: 65_000, status: 0, truncated: false },
        { outputBytes: OUTPUT_LIMIT_BYTES, status: 0, truncated: true },
      ]);
    });

    it('ends an action whose time is over, inside the guest', async () => {
      const specimen = await rig.start();
      const result = await rig.personalise(specimen, [
        { script: 'echo begun\nsleep 50', timeoutSeconds: 1 },
        { script: 'echo never' },
      ]);
      expect(result.actions).toMatchObject([{ output: 'begun\n', status: -1 }]);
      expect(result.kinds.at(-1)).toBe('done');
    });

    it('can be delivered again and again', async () => {
      const specimen = await rig.start();
      await rig.personalise(specimen);
      for (const word of ['one', 'two', 'three']) {
        const result = await rig.configure(specimen, { actions: [{ script: `echo ${word}` }] });
        expect(result.actions).toMatchObject([{ output: `${word}\n`, status: 0 }]);
      }
    });

    it('runs a single script outside of any order', async () => {
      const specimen = await rig.running();
      expect(await rig.execute(specimen, 'echo alone')).toBe('alone\n');
    });

    it('ends a single script that is cancelled, and runs the next', async () => {
      const specimen = await rig.running();
      const { guest } = specimen.machine;
      const nonce = 'to-be-cancelled';
      await guest.send({ kind: 'exec', nonce, timeoutSeconds: 3_000, script: 'sleep 2000\n' }, patience());
      await specimen.listening.until((one) => one.kind === 'started' && one.nonce === nonce);
      await guest.send({ kind: 'cancel', nonce }, patience());
      expect((await rig.outcome(specimen, nonce)).actions).toMatchObject([{ status: -1 }]);
      expect(await rig.execute(specimen, 'echo next')).toBe('next\n');
    });
  });

  describe('an ISO that is not the one announced', () => {
    const actions = [{ script: 'echo never' }];

    it('is refused when its manifest has another digest', async () => {
      const specimen = await rig.start();
      const manifestDigest = randomBytes(32).toString('hex');
      const identity = specimen.identity;
      const result = await rig.configure(specimen, { identity, actions }, { manifestDigest });
      expect(result).toMatchObject({ accepted: false, renewed: undefined, actions: [], kinds: ['refused'] });
      expect((await rig.personalise(specimen, [{ script: 'echo ours' }])).actions).toMatchObject([
        { status: 0 },
      ]);
    });

    it('is refused when it was made for another doorbell', async () => {
      const specimen = await rig.start();
      const result = await rig.configure(
        specimen,
        { identity: specimen.identity, actions },
        { nonce: newNonce() },
      );
      expect(result).toMatchObject({ accepted: false, kinds: ['refused'] });
    });

    it('is refused when it was made for another VM', async () => {
      const specimen = await rig.start();
      await rig.personalise(specimen);
      const result = await rig.configure(specimen, { vmid: 'vm-of-somebody-else', actions });
      expect(result).toMatchObject({ accepted: false, kinds: ['refused'] });
    });

    it('is refused when a file of it was changed', async () => {
      const specimen = await rig.start();
      const result = await rig.configure(specimen, {
        identity: specimen.identity,
        actions,
        tamper: (files) =>
          files.map((file) =>
            file.path === '0/script' ? { ...file, data: Buffer.from('echo evil\n') } : file,
          ),
      });
      expect(result).toMatchObject({ accepted: false, kinds: ['refused'] });
    });

    it('is refused when its nonce was carried out before', async () => {
      const specimen = await rig.start();
      const nonce = newNonce();
      await rig.configure(specimen, {
        nonce,
        identity: specimen.identity,
        actions: [{ script: 'echo once' }],
      });
      await rig.deliver(specimen, { vmid: specimen.spec.vmid, nonce, actions });
      await specimen.listening.until((one) => one.kind === 'refused' && one.nonce === nonce);
      const ran = specimen.listening.messages.filter((one) => one.kind === 'started' && one.nonce === nonce);
      expect(ran).toHaveLength(1);
    });
  });

  describe('stop', () => {
    it('lets the guest shut down, and may be repeated', async () => {
      const { machine } = await rig.running();
      const exit = await machine.stop(60_000, patience());
      expect(exit).toMatchObject({ status: 0, signal: undefined });
      expect(await machine.stop(60_000, patience())).toEqual(exit);
      expect(await machine.exited).toEqual(exit);
      expect(await machine.responds(patience())).toBe(false);
      await expect(machine.guest.send({ kind: 'hello' }, patience())).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });

    it('kills a guest that does not listen, when the grace is over', async () => {
      const { vmid, script, untilDeaf } = subject.deaf;
      const specimen = await rig.running({ vmid });
      await rig.execute(specimen, script);
      await untilDeaf?.(specimen.machine);
      expect(await specimen.machine.stop(1000, patience())).toMatchObject({
        status: undefined,
        signal: 'SIGKILL',
      });
    });

    it('kills a machine that never ran', async () => {
      const { machine } = await rig.start();
      expect(await machine.stop(60_000, patience())).toMatchObject({ signal: 'SIGKILL' });
    });
  });

  describe('the monitor', () => {
    it('is noticed when it is killed from outside', async () => {
      const { spec, machine } = await rig.running();
      if (machine.process === undefined) return;
      process.kill(machine.process.pid, 'SIGKILL');
      expect(await machine.exited).toMatchObject({ status: undefined, signal: 'SIGKILL' });
      expect(await machine.responds(patience())).toBe(false);
      expect(await rig.line.adopt(spec.directory, machine.process, patience())).toBeUndefined();
    });
  });

  describe('adopt', () => {
    it('takes over a machine that was let go, and everything works on it', async () => {
      const first = await rig.running();
      await rig.personalise(first);
      first.machine.release();
      const machine = await adopted(rig, first);
      expect(machine.vmid).toBe(first.spec.vmid);
      expect(machine.process).toEqual(first.machine.process);
      const second = rig.hold(first.spec, machine);
      const result = await rig.configure(second, { actions: [{ script: 'echo again' }] });
      expect(result.actions).toMatchObject([{ output: 'again\n', status: 0 }]);
      await machine.stop(60_000, patience());
      await machine.exited;
      expect(await rig.line.adopt(first.spec.directory, first.machine.process, patience())).toBeUndefined();
    });

    it('finds the machine when nobody wrote down its process', async () => {
      const { spec, machine } = await rig.running();
      machine.release();
      const found = await rig.line.adopt(spec.directory, undefined, patience());
      expect(found?.process).toEqual(machine.process);
    });

    it('does not take another process for it', async () => {
      const { spec, machine } = await rig.running();
      if (machine.process === undefined) return;
      machine.release();
      const { process: identity } = machine;
      for (const other of [
        { ...identity, startTicks: identity.startTicks + 1 },
        { ...identity, bootId: '00000000-0000-4000-8000-000000000000' },
        { ...identity, pid: process.pid },
      ]) {
        expect(await rig.line.adopt(spec.directory, other, patience())).toBeUndefined();
      }
    });
  });

  describe('discard', () => {
    it('ends the machine and leaves nothing, however often it is called', async () => {
      const { spec, machine } = await rig.running();
      await rig.line.discard(spec.directory, machine.process, patience());
      expect(rig.leftovers(spec.directory)).toEqual([]);
      await machine.exited;
      await rig.line.discard(spec.directory, machine.process, patience());
      await rig.line.discard(spec.directory, undefined, patience());
    });

    it('finds the process when nobody wrote it down', async () => {
      const { spec, machine } = await rig.running();
      machine.release();
      await rig.line.discard(spec.directory, undefined, patience());
      expect(rig.leftovers(spec.directory)).toEqual([]);
    });
  });

  describe('devices', () => {
    it('are seen by the guest', async () => {
      const specimen = await rig.running();
      for (const device of await someDevices(rig, specimen))
        await specimen.machine.addDevice(device, patience());
      if (rig.line.capabilities.runsPrograms) await expectDevices(rig, specimen, ADDED_MAC);
    });

    it('do not take a missing file', async () => {
      if (!rig.line.capabilities.attachIso) return;
      const { spec, machine } = await rig.start();
      const device = { kind: 'iso', action: 'none', isoFile: join(spec.directory, 'missing.iso') } as const;
      await expect(machine.addDevice(device, patience())).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
      });
    });
  });

  describe('freeze', () => {
    it('keeps the whole machine, added devices included: its clones go on where it stood', async () => {
      if (!rig.line.capabilities.freeze) return;
      const { runsPrograms } = rig.line.capabilities;
      const nonce = newNonce();
      const specimen = await rig.running({ purpose: 'bake' });
      const identity = specimen.identity;
      await rig.configure(specimen, { nonce, identity, actions: [{ script: 'echo baked' }] });
      const devices = await someDevices(rig, specimen);
      for (const device of devices) await specimen.machine.addDevice(device, patience());
      if (runsPrograms) {
        await expectDevices(rig, specimen, ADDED_MAC);
        await rig.execute(
          specimen,
          'echo kept > /kept; sleep 54321 >/dev/null 2>&1 & echo $! > /run/sleeper',
        );
        await rig.execute(
          specimen,
          `${ADDED_DISK}; echo persisted | dd of=$disk bs=512 conv=sync 2>/dev/null; sync`,
        );
      }
      const image = await rig.freeze(specimen, 'with-devices', devices);
      expect(await specimen.machine.exited).toMatchObject({ status: 0 });
      const before = await rig.digests(image);

      for (const round of [1, 2]) {
        const mac = rig.mac();
        const clone = await rig.start({ image, macs: [rig.mac(), mac] });
        const refused = await rig.configure(clone, { nonce, identity: clone.identity, actions: [] });
        expect(refused.kinds, 'the guest remembers what ran in it').toEqual(['refused']);
        const renewed = await rig.personalise(clone);
        expect(renewed.renewed).toMatchObject({
          hostname: clone.identity.hostname,
          mac: clone.identity.macs[0],
        });
        if (runsPrograms) {
          await expectDevices(rig, clone, mac);
          expect(
            await rig.execute(clone, 'cat /kept; tr "\\0" " " < /proc/$(cat /run/sleeper)/cmdline'),
          ).toBe('kept\nsleep 54321 ');
          const read = `${ADDED_DISK}; head -c 9 $disk; echo changed ${round} | dd of=$disk bs=512 conv=sync 2>/dev/null`;
          expect(await rig.execute(clone, read)).toBe('persisted');
        }
        await clone.machine.stop(0, patience());
      }
      expect(await rig.digests(image)).toEqual(before);
    });

    it('can be done again to a clone that was made for it', async () => {
      if (!rig.line.capabilities.freeze) return;
      const before = await rig.digests(rig.golden);
      const specimen = await rig.running({ purpose: 'bake' });
      await rig.personalise(specimen, [{ script: 'echo once more' }]);
      const image = await rig.freeze(specimen, 'sibling');
      expect(await rig.digests(rig.golden)).toEqual(before);
      expect((await rig.personalise(await rig.start({ image }))).accepted).toBe(true);
    });

    it('is refused for a machine that was made to be used', async () => {
      if (!rig.line.capabilities.freeze) return;
      const { machine } = await rig.running();
      await expect(machine.freeze(patience())).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
      expect(await machine.responds(patience())).toBe(true);
    });
  });

  describe('snapshot', () => {
    // Moved into place: a reader never finds the file empty.
    const counting =
      'n=0; while :; do n=$((n + 1)); echo $n > /run/new; mv /run/new /run/count; sleep 0.1; done';
    const untilCounts = 'was=$(cat /run/count); until [ $(cat /run/count) -gt $was ]; do sleep 0.1; done';

    it('with memory: clones go on where the machine was at that moment, and so does the machine', async () => {
      const { snapshot, runsPrograms } = rig.line.capabilities;
      if (!snapshot) return;
      const nonce = newNonce();
      const specimen = await rig.running();
      await rig.configure(specimen, { nonce, identity: specimen.identity, actions: [] });
      const devices = await someDevices(rig, specimen);
      for (const device of devices) await specimen.machine.addDevice(device, patience());
      if (runsPrograms) {
        await expectDevices(rig, specimen, ADDED_MAC);
        await rig.execute(specimen, `echo before > /kept; (${counting}) >/dev/null 2>&1 &`);
        await rig.execute(
          specimen,
          `${ADDED_DISK}; echo persisted | dd of=$disk bs=512 conv=sync 2>/dev/null; sync`,
        );
      }
      const files = await readdir(specimen.spec.directory);
      const { snapshot: taken, image } = await rig.snapshot(specimen, 'live', true, devices);
      expect(taken.pausedMilliseconds).toBeGreaterThanOrEqual(0);
      expect(taken.devices.map(({ kind, action }) => [kind, action])).toEqual(
        devices.map(({ kind, action }) => [kind, action]),
      );
      const before = await rig.digests(image);
      expect(await readdir(specimen.spec.directory)).toEqual(files);
      expect(await specimen.machine.responds(patience())).toBe(true);
      if (runsPrograms) {
        await rig.execute(specimen, untilCounts);
        expect(await rig.execute(specimen, 'cat /kept; echo after > /kept; sync')).toBe('before\n');
        await rig.execute(specimen, `${ADDED_DISK}; echo altered | dd of=$disk bs=512 conv=sync; sync`);
      }
      for (const _round of [1, 2]) {
        const mac = rig.mac();
        const clone = await rig.start({ image, macs: [rig.mac(), mac] });
        const refused = await rig.configure(clone, { nonce, identity: clone.identity, actions: [] });
        expect(refused.kinds, 'the guest remembers what ran in it').toEqual(['refused']);
        // It has an identity already, which nobody may take from it but under its own name.
        const renewed = await rig.configure(clone, {
          vmid: specimen.spec.vmid,
          identity: clone.identity,
          actions: [],
        });
        expect(renewed.renewed).toMatchObject({ hostname: clone.identity.hostname });
        if (runsPrograms) {
          await expectDevices(rig, clone, mac);
          await rig.execute(clone, untilCounts);
          expect(await rig.execute(clone, `cat /kept; ${ADDED_DISK}; head -c 9 $disk; echo x > /kept`)).toBe(
            'before\npersisted',
          );
        }
        await clone.machine.stop(0, patience());
      }
      if (runsPrograms) expect(await rig.execute(specimen, 'cat /kept')).toBe('after\n');
      expect(await rig.digests(image)).toEqual(before);
    });

    it('without memory: the copy of the disk boots, and has what was on it at that moment', async () => {
      if (!rig.line.capabilities.snapshot) return;
      const { runsPrograms } = rig.line.capabilities;
      // Of an image whose disk stands alone, and of one that hangs on it: the copy hangs on the same one.
      for (const [name, asked] of [
        ['live-of-base', { image: rig.base, rung: 'disk' }],
        ['live-of-sibling', {}],
      ] as const) {
        const specimen = await rig.running(asked);
        await rig.personalise(specimen);
        if (runsPrograms) await rig.execute(specimen, 'echo before > /kept; sync');
        const files = await readdir(specimen.spec.directory);
        const { image, snapshot } = await rig.snapshot(specimen, name, false);
        expect(snapshot.memory).toBeUndefined();
        expect(await readdir(specimen.spec.directory)).toEqual(files);
        const header = await readDiskHeader(image.directory, image.descriptor.disk.file, name);
        expect(header.backingFile?.path).toBe('../base/disk.qcow2');
        if (runsPrograms)
          expect(await rig.execute(specimen, 'cat /kept; echo after > /kept; sync')).toBe('before\n');
        const clone = await rig.running({ image });
        await rig.personalise(clone);
        if (runsPrograms) expect(await rig.execute(clone, 'cat /kept')).toBe('before\n');
        await rig.clear();
      }
    });

    it('can be taken again and again, each of its own moment, of a machine that never stops writing', async () => {
      if (!rig.line.capabilities.snapshot) return;
      const { runsPrograms } = rig.line.capabilities;
      const specimen = await rig.running();
      await rig.personalise(specimen);
      const { directory } = specimen.spec;
      const files = await readdir(directory);
      if (runsPrograms) {
        const writing = 'while :; do dd if=/dev/urandom of=/noise bs=64k count=16 conv=fsync; done';
        await rig.execute(specimen, `(${writing}) >/dev/null 2>&1 &`);
      }
      const images: LocatedImage[] = [];
      for (const round of [1, 2, 3]) {
        if (runsPrograms) await rig.execute(specimen, `echo ${round} > /round; sync`);
        images.push((await rig.snapshot(specimen, `live-${round}`, round !== 2)).image);
        expect(await readdir(directory)).toEqual(files);
      }
      if (runsPrograms) expect(await rig.execute(specimen, 'cat /round')).toBe('3\n');
      await rig.line.discard(directory, specimen.machine.process, patience());
      expect(rig.leftovers(directory)).toEqual([]);
      for (const [index, image] of images.entries()) {
        const clone = await rig.running({ image });
        if (runsPrograms) expect(await rig.execute(clone, 'cat /round')).toBe(`${index + 1}\n`);
      }
    });

    it('is refused for a machine that does not run', async () => {
      if (!rig.line.capabilities.snapshot) return;
      const { machine } = await rig.start();
      const request = { directory: await rig.snapshotDirectory(), memory: false };
      await expect(machine.snapshot(request, patience())).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'NOT_RUNNING',
      });
    });

    it('that is cut off leaves a machine that runs, with its files as before', async () => {
      if (!rig.line.capabilities.snapshot) return;
      const specimen = await rig.running();
      await rig.personalise(specimen);
      const { directory } = specimen.spec;
      const files = await readdir(directory);
      const cuts = [0, 5, 20, 50, 100, 150, 200, 300, 500].map((milliseconds) => ({ milliseconds }));
      // The cuts are tried, not timed; the last one is where the machine has just gone on.
      for (const { milliseconds } of [...cuts, { milliseconds: undefined }]) {
        for (const memory of [true, false]) {
          const cut = new AbortController();
          const timer = milliseconds === undefined ? undefined : setTimeout(() => cut.abort(), milliseconds);
          const request = {
            directory: await rig.snapshotDirectory(),
            memory,
            onGoesOn: () => (milliseconds === undefined ? cut.abort() : undefined),
          };
          const outcome = await specimen.machine.snapshot(request, cut.signal).then(
            () => 'taken',
            (error: unknown) => error,
          );
          clearTimeout(timer);
          if (outcome !== 'taken') expect(outcome).toMatchObject({ code: 'CANCELLED' });
          expect(await readdir(directory)).toEqual(files);
          expect(rig.leftovers(join(directory, 'receiver'))).toEqual([]);
          await rig.execute(specimen, 'echo runs');
        }
      }
      await rig.snapshot(specimen, 'after-all', true);
      await rig.execute(specimen, 'echo runs');
    });
  });

  describe('an aborted call', () => {
    const aborted = AbortSignal.abort();
    const cancelled = { name: 'VmplantsError', code: 'CANCELLED' };

    it('does nothing when it was aborted before', async () => {
      const spec = rig.spec();
      await expect(rig.line.clone(spec, aborted)).rejects.toMatchObject(cancelled);
      expect(rig.leftovers(spec.directory)).toEqual([]);
      await rig.line.clone(spec, patience());
      await expect(rig.line.start(spec, aborted)).rejects.toMatchObject(cancelled);
      const machine = await rig.line.start(spec, patience());
      const device = { kind: 'network-interface', action: 'more', mac: rig.mac() } as const;
      await expect(machine.deliver(join(spec.directory, 'none.iso'), aborted)).rejects.toMatchObject(
        cancelled,
      );
      await expect(machine.run(aborted)).rejects.toMatchObject(cancelled);
      await expect(machine.addDevice(device, aborted)).rejects.toMatchObject(cancelled);
      await expect(machine.guest.send({ kind: 'hello' }, aborted)).rejects.toMatchObject(cancelled);
      await expect(machine.freeze(aborted)).rejects.toMatchObject(cancelled);
      await expect(machine.snapshot({ directory: rig.root, memory: true }, aborted)).rejects.toMatchObject(
        cancelled,
      );
      await expect(machine.stop(0, aborted)).rejects.toMatchObject(cancelled);
      await expect(rig.line.adopt(spec.directory, undefined, aborted)).rejects.toMatchObject(cancelled);
      await expect(rig.line.discard(spec.directory, undefined, aborted)).rejects.toMatchObject(cancelled);
      expect(await machine.responds(aborted)).toBe(false);
      expect(await machine.responds(patience())).toBe(true);
    });

    it('leaves nothing that discard does not remove, wherever it was cut off', async () => {
      // The cuts are tried, not timed: whichever of them falls into the call, the outcome must be the same.
      for (const milliseconds of [0, 1, 3, 10, 20, 30, 40, 60, 100]) {
        const spec = rig.spec();
        const cut = AbortSignal.timeout(milliseconds);
        const outcome = await rig.line
          .clone(spec, cut)
          .then(() => rig.line.start(spec, cut))
          .then(
            () => 'started',
            (error: unknown) => error,
          );
        if (outcome !== 'started') expect(outcome).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
        await rig.line.discard(spec.directory, undefined, patience());
        expect(rig.leftovers(spec.directory)).toEqual([]);
      }
    });

    it('cuts the grace of a stop short, and the machine can still be ended', async () => {
      const { vmid, script, untilDeaf } = subject.deaf;
      const specimen = await rig.running({ vmid });
      await rig.execute(specimen, script);
      await untilDeaf?.(specimen.machine);
      const cut = AbortSignal.timeout(100);
      await expect(specimen.machine.stop(60_000, cut)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(await specimen.machine.stop(0, patience())).toMatchObject({ signal: 'SIGKILL' });
    });
  });
});

const ADDED_MAC = '52:54:00:aa:bb:cc';

/** Shell: the added disk, found by its serial number, as `$disk`. */
const ADDED_DISK = 'disk=/dev/$(cd /sys/block; grep -lx data */serial | cut -d/ -f1)';

/** One of each kind that the line can add. */
async function someDevices(rig: Rig, { spec }: Specimen): Promise<readonly NewDevice[]> {
  const { addDisk, attachIso, addNetworkInterface } = rig.line.capabilities;
  const isoFile = join(spec.directory, 'attached.iso');
  await writeFile(isoFile, makeIso('CLIENT', [{ path: 'hello', data: Buffer.from('from the client\n') }]));
  return [
    ...(addDisk ? [{ kind: 'disk', action: 'data', sizeMiB: 8, serial: 'data' } as const] : []),
    ...(attachIso ? [{ kind: 'iso', action: 'cd', isoFile } as const] : []),
    ...(addNetworkInterface ? [{ kind: 'network-interface', action: 'nic', mac: ADDED_MAC } as const] : []),
  ];
}

/** Waits, inside the guest, until all three are there: a guest takes its time to notice. */
async function expectDevices(rig: Rig, specimen: Specimen, mac: string): Promise<void> {
  const tries = (condition: string) =>
    `n=0; until ${condition}; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done`;
  const { addDisk, attachIso, addNetworkInterface } = rig.line.capabilities;
  if (addDisk) {
    await rig.execute(specimen, tries('grep -qx data /sys/block/*/serial'));
    expect(await rig.execute(specimen, `${ADDED_DISK}; cat /sys/block/\${disk#/dev/}/size`)).toBe('16384\n');
  }
  if (addNetworkInterface) await rig.execute(specimen, tries(`grep -qx ${mac} /sys/class/net/*/address`));
  if (attachIso) {
    const mounted = 'mount -t iso9660 -o ro /dev/sr1 /tmp/cd 2>/dev/null';
    const script = `mkdir -p /tmp/cd; ${tries(mounted)}; cat /tmp/cd/hello; umount /tmp/cd`;
    expect(await rig.execute(specimen, script)).toBe('from the client\n');
  }
}

async function adopted(rig: Rig, { spec, machine }: Specimen): Promise<Machine> {
  const found = await rig.line.adopt(spec.directory, machine.process, patience());
  if (found === undefined) throw new Error('the machine was not found');
  return found;
}
