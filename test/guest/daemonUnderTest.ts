import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGuestDecoder } from '../../guest/decode.js';
import { encodeHostMessage } from '../../guest/encode.js';
import { type IsoFile, makeIso } from '../../guest/iso.js';
import { writeManifest } from '../../guest/manifest.js';
import type { GuestMessage, HostMessage, Manifest, ManifestIdentity } from '../../guest/protocol.js';
import { guestSources } from '../../warehouse/assemble/program.js';

/** The daemon with the compiler's checks for memory and undefined behaviour: they end it at the first mistake. */
export function compileDaemon(directory: string): string {
  const sources = join(guestSources(), 'vmguestd');
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
  const binary = join(directory, 'vmguestd');
  const checks = [
    '-O1',
    '-g',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
  ];
  execFileSync('gcc', [...checks, '-o', binary, ...files.map((name) => join(sources, name))], {
    timeout: 120_000,
  });
  return binary;
}

/** A daemon on this host, connected through a unix socket. It never renews this host or stops it. */
export class DaemonUnderTest {
  readonly directory = mkdtempSync(join(tmpdir(), 'vmguestd-test-'));
  readonly run = join(this.directory, 'run');
  readonly medium = join(this.directory, 'medium.iso');
  #messages: GuestMessage[] = [];
  readonly #waiting = new Set<() => void>();
  #server: Server | undefined;
  #socket: Socket | undefined;
  #child: ChildProcess | undefined;
  #errors = '';

  constructor(readonly binary: string) {}

  async start(): Promise<void> {
    mkdirSync(this.run, { mode: 0o700 });
    await this.listen();
    this.#child = spawn(this.binary, [join(this.directory, 'port'), this.medium, this.run], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ASAN_OPTIONS: 'detect_leaks=0' },
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    this.#child.once('exit', () => this.#wake());
  }

  /** The host's side of the port; again after `hangUp`. */
  async listen(): Promise<void> {
    const decoder = createGuestDecoder();
    this.#server = createServer((socket) => {
      this.#socket = socket;
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        this.#messages.push(...decoder.push(bytes));
        this.#wake();
      });
    });
    rmSync(join(this.directory, 'port'), { force: true });
    this.#server.listen(join(this.directory, 'port'));
    await once(this.#server, 'listening');
  }

  async hangUp(): Promise<void> {
    const server = this.#server;
    this.#socket?.destroy();
    if (server?.listening) {
      server.close();
      await once(server, 'close');
    }
  }

  send(message: HostMessage): void {
    this.sendText(encodeHostMessage(message));
  }

  sendText(text: string): void {
    this.#socket?.write(text);
  }

  /** Resolves with all messages since the last call, once one of them is wanted. Rejects when the daemon ends. */
  async until(wanted: (message: GuestMessage) => boolean): Promise<readonly GuestMessage[]> {
    for (;;) {
      const found = this.#messages.findIndex(wanted);
      if (found >= 0) return this.#messages.splice(0, found + 1);
      if (this.#child?.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the daemon ended: ${this.#errors}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Answers to the ISO or command with this nonce, up to the last. */
  outcome(nonce: string): Promise<readonly GuestMessage[]> {
    return this.until(
      (message) => (message.kind === 'done' || message.kind === 'refused') && message.nonce === nonce,
    );
  }

  insert(image: Uint8Array): void {
    writeFileSync(this.medium, image);
  }

  /** Inserts the ISO, rings the doorbell, and resolves with all that comes of it. */
  async configure(iso: BuiltIso): Promise<readonly GuestMessage[]> {
    this.insert(iso.image);
    this.send({
      kind: 'configure',
      nonce: iso.nonce,
      manifestDigest: iso.digest,
      epochMilliseconds: 1_795_168_018_000,
    });
    return await this.outcome(iso.nonce);
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.hangUp();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export interface BuiltIso {
  readonly image: Uint8Array;
  readonly nonce: string;
  readonly digest: string;
}

export interface IsoPlan {
  readonly nonce: string;
  readonly vmid?: string;
  readonly identity?: ManifestIdentity;
  readonly identityFiles?: readonly IsoFile[];
  readonly actions: readonly {
    readonly script: string;
    readonly timeoutSeconds?: number;
    readonly environment?: string;
    readonly files?: Readonly<Record<string, string>>;
  }[];
  /** Changes the manifest's text before its digest is taken. */
  readonly edit?: (text: string) => string;
  /** Changes the files after their digests are taken. */
  readonly tamper?: (files: readonly IsoFile[]) => readonly IsoFile[];
}

export function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function buildIso(plan: IsoPlan): BuiltIso {
  const files: readonly IsoFile[] = [
    ...(plan.identityFiles ?? []),
    ...plan.actions.flatMap((action, index) => [
      { path: `${index}/script`, data: Buffer.from(action.script) },
      { path: `${index}/environment`, data: Buffer.from(action.environment ?? '') },
      ...Object.entries(action.files ?? {}).map(([path, text]) => ({
        path: `${index}/files/${path}`,
        data: Buffer.from(text),
        executable: path.endsWith('.sh'),
      })),
    ]),
  ];
  const manifest: Manifest = {
    vmid: plan.vmid ?? 'vm-1',
    nonce: plan.nonce,
    identity: plan.identity,
    files: files.map(({ path, data }) => ({ path, digest: sha256(data) })),
    actions: plan.actions.map(({ timeoutSeconds }, index) => ({
      index,
      timeoutSeconds: timeoutSeconds ?? 20,
      directory: String(index),
    })),
  };
  const text = Buffer.from((plan.edit ?? ((same) => same))(writeManifest(manifest)));
  const placed = (plan.tamper ?? ((same) => same))(files);
  return {
    image: makeIso('VMPLANTS', [{ path: 'manifest', data: text }, ...placed]),
    nonce: plan.nonce,
    digest: sha256(text),
  };
}

/** What an action wrote, all pieces together. */
export function outputOf(messages: readonly GuestMessage[], index: number): string {
  return Buffer.concat(
    messages.flatMap((message) =>
      message.kind === 'output' && message.index === index ? [message.data] : [],
    ),
  ).toString();
}

export function reasonOf(messages: readonly GuestMessage[]): string | undefined {
  const last = messages.at(-1);
  return last?.kind === 'refused' ? last.reason : undefined;
}
