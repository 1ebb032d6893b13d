import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuestDecoder } from '../../guest/decode.js';
import { encodeHostMessage } from '../../guest/encode.js';
import type { GuestMessage, HostMessage } from '../../guest/protocol.js';
import { makeMicroImage } from '../conformance/microImage.js';
import { buildIso, outputOf, reasonOf } from './daemonUnderTest.js';

/** The daemon in a real machine that it owns: what no test on the host may do. One boot of the micro guest. */

const directory = mkdtempSync(join(tmpdir(), 'vmguestd-vm-'));
const messages: GuestMessage[] = [];
const waiting = new Set<() => void>();
let socket: Socket;
let machine: ChildProcess;

const EPOCH_MILLISECONDS = Date.UTC(2031, 0, 2, 3, 4, 5);
const MAC = '52:54:00:0a:0b:0c';
const identity = {
  hostname: 'renewed-1',
  machineId: '0123456789abcdef'.repeat(2),
  bootId: '6f1d6f4e-0000-4000-8000-0123456789ab',
  seedPath: 'identity/seed',
  macs: [MAC],
  sshHostKeyPath: 'identity/key',
};
const { privateKey } = generateKeyPairSync('ed25519');
const iso = buildIso({
  nonce: 'first',
  identity,
  identityFiles: [
    { path: 'identity/seed', data: randomBytes(64) },
    {
      path: 'identity/key',
      data: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    },
    { path: 'identity/key.pub', data: Buffer.from('ssh-ed25519 AAAA x\n') },
  ],
  actions: [
    {
      script:
        'hostname; cat /etc/hostname /etc/machine-id /proc/sys/kernel/random/boot_id /sys/class/net/eth0/address; date -u +%Y-%m-%dT%H; grep -c renewed-1 /etc/hosts; find /run/vmguestd/stage -path "*identity/*"',
    },
  ],
});

async function until(wanted: (message: GuestMessage) => boolean): Promise<readonly GuestMessage[]> {
  for (;;) {
    const found = messages.findIndex(wanted);
    if (found >= 0) return messages.splice(0, found + 1);
    await new Promise<void>((resolve) => waiting.add(resolve));
  }
}

function send(message: HostMessage): void {
  socket.write(encodeHostMessage(message));
}

function configure(nonce: string): Promise<readonly GuestMessage[]> {
  send({ kind: 'configure', nonce, manifestDigest: iso.digest, epochMilliseconds: EPOCH_MILLISECONDS });
  return until(
    (message) => (message.kind === 'done' || message.kind === 'refused') && message.nonce === nonce,
  );
}

beforeAll(async () => {
  const image = await makeMicroImage(join(directory, 'micro'));
  const { boot, disk } = image.descriptor;
  writeFileSync(join(directory, 'first.iso'), iso.image);
  // A second medium of the same label and layout, in the other drive: it must be left alone.
  writeFileSync(
    join(directory, 'other.iso'),
    buildIso({ nonce: 'first', actions: [{ script: 'echo intruder' }] }).image,
  );
  const server = createServer((connection) => {
    socket = connection;
    const decoder = createGuestDecoder();
    connection.on('error', () => undefined);
    connection.on('data', (bytes) => {
      messages.push(...decoder.push(bytes));
      for (const resolve of waiting) resolve();
      waiting.clear();
    });
  });
  server.listen(join(directory, 'port'));
  await once(server, 'listening');
  const cd = (id: string, file: string, target: number): readonly string[] => [
    ...[
      '-blockdev',
      `driver=raw,node-name=${id},read-only=on,file.driver=file,file.filename=${join(directory, file)}`,
    ],
    ...['-device', `scsi-cd,bus=scsi0.0,scsi-id=${target},drive=${id}`],
  ];
  machine = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-machine',
        'pc',
        '-accel',
        'tcg,tb-size=64',
        '-m',
        '256',
        '-nodefaults',
        '-no-user-config',
        '-vga',
        'none',
      ],
      ...['-display', 'none', '-no-reboot', '-kernel', join(image.directory, boot.kernel)],
      ...['-initrd', join(image.directory, boot.initrd), '-append', boot.commandLine],
      ...['-drive', `if=none,id=root,format=qcow2,snapshot=on,file=${join(image.directory, disk.file)}`],
      ...['-device', 'virtio-blk-pci,drive=root', '-device', 'virtio-scsi-pci,id=scsi0'],
      // The other drive first: the order of discovery must not matter.
      ...cd('cd1', 'other.iso', 1),
      ...cd('cd0', 'first.iso', 0),
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=port,path=${join(directory, 'port')}`],
      ...['-device', 'virtserialport,chardev=port,name=org.vmplants.guest', '-device', 'virtio-rng-pci'],
      ...['-netdev', 'hubport,id=net,hubid=0', '-device', 'virtio-net-pci,netdev=net'],
    ],
    { stdio: 'ignore' },
  );
  await until((message) => message.kind === 'ready');
  server.close();
});

afterAll(async () => {
  if (machine.exitCode === null && machine.signalCode === null) {
    machine.kill('SIGKILL');
    await once(machine, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

describe('the daemon in its machine', () => {
  it('renews the machine before it runs anything, and says what the machine now is', async () => {
    const answers = await configure('first');
    expect(reasonOf(answers)).toBeUndefined();
    expect(answers.map(({ kind }) => kind).slice(0, 3)).toEqual(['accepted', 'renewed', 'started']);
    expect(answers[1]).toMatchObject({
      hostname: identity.hostname,
      machineId: identity.machineId,
      bootId: identity.bootId,
      mac: MAC,
      sshHostKeyDigest: undefined,
    });
    expect(outputOf(answers, 0).split('\n')).toEqual([
      identity.hostname,
      identity.hostname,
      identity.machineId,
      identity.bootId,
      MAC,
      '2031-01-02T03',
      '1',
      '',
    ]);
  });

  it('runs commands and leaves no file of a configuration', async () => {
    send({
      kind: 'exec',
      nonce: 'x',
      timeoutSeconds: 30,
      script: 'find /run/vmguestd -type f; mount | grep -c iso9660',
    });
    const answers = await until((message) => message.kind === 'done');
    expect(outputOf(answers, 0).trim().split('\n').sort()).toEqual([
      '/run/vmguestd/boot_id',
      '/run/vmguestd/stage/exec/script',
      '0',
    ]);
  });

  it('refuses a second doorbell for the same ISO', async () => {
    expect(reasonOf(await configure('first'))).toBe('this nonce was carried out already');
  });

  it('makes users with the tool that busybox lacks', async () => {
    const script =
      'useradd -m -s /bin/sh ann && adduser -D bob && id ann && id bob && ls -ld /home/bob | cut -c1-10; adduser ann; echo $?; adduser "x;y"; echo $?';
    send({ kind: 'exec', nonce: 'users', timeoutSeconds: 30, script });
    expect(outputOf(await until((message) => message.kind === 'done'), 0)).toBe(
      [
        'uid=1000(ann) gid=1000(ann) groups=1000(ann)',
        'uid=1001(bob) gid=1001(bob) groups=1001(bob)',
        'drwxr-x---',
        'adduser: user ann exists',
        '9',
        'adduser: bad name: x;y',
        '2',
        '',
      ].join('\n'),
    );
  });

  it('answers quiesce, and stops the machine when it is asked to', async () => {
    send({ kind: 'quiesce', nonce: 'q' });
    await until((message) => message.kind === 'done' && message.nonce === 'q');
    send({ kind: 'stop' });
    await once(machine, 'exit');
    expect(machine.exitCode).toBe(0);
  });
});
