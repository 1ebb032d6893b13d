import { createHash } from 'node:crypto';
import {
  type GuestMessage,
  type HostMessage,
  MANIFEST_NAME,
  type Manifest,
  type ManifestAction,
  OUTPUT_LIMIT_BYTES,
  PROTOCOL_VERSION,
} from '../../../guest/protocol.js';
import type { FakeGuestState } from './guestState.js';
import { readIso } from './readIso.js';
import { readManifest } from './readManifest.js';
import { parseScript } from './script.js';

/** The daemon in a fake guest: answers the guest protocol as `vmguestd` does, and runs the scripts of `script.ts`. */
export interface FakeGuest {
  /** Takes a message; answers go to `say`. */
  receive(message: HostMessage): void;
  /** What a freeze of it would hold. */
  state(): FakeGuestState;
}

export interface FakeGuestParts {
  readonly state: FakeGuestState;
  readonly say: (message: GuestMessage) => void;
  /** What is in the configuration drive now. */
  readonly medium: () => Promise<Buffer | undefined>;
  /** Passes after that many milliseconds of the guest's time; false when the machine has ended before. */
  readonly pause: (milliseconds: number) => Promise<boolean>;
  readonly powerOff: () => void;
  readonly onAction: () => void;
  /** Confirms the identity it had in place of the one it was given. */
  readonly keepsIdentity: boolean;
}

interface Job {
  readonly nonce: string;
  readonly actions: readonly JobAction[];
}

interface JobAction {
  readonly index: number;
  readonly timeoutSeconds: number;
  readonly script: string;
}

const TIMED_OUT = -1;

export function createFakeGuest(parts: FakeGuestParts): FakeGuest {
  let state = parts.state;
  let busyWith: string | undefined;
  /** Nonce of the last `exec`. */
  let executing: string | undefined;
  /** Ends the pause of a command that may be cancelled. */
  let cancel: (() => void) | undefined;

  function refuse(nonce: string, reason: string): void {
    parts.say({ kind: 'refused', nonce, reason });
  }

  /** Why nothing may begin under this nonce; undefined when it may. */
  function obstacle(nonce: string): string | undefined {
    if (busyWith !== undefined) return `busy with ${busyWith}`;
    return state.nonces.includes(nonce) ? 'this nonce was carried out already' : undefined;
  }

  async function configure(message: Extract<HostMessage, { kind: 'configure' }>): Promise<void> {
    const { nonce } = message;
    const hindered = obstacle(nonce);
    if (hindered !== undefined) return refuse(nonce, hindered);
    busyWith = nonce;
    const taken = takeMedium(await parts.medium(), message, state.vmid);
    if (typeof taken === 'string') {
      busyWith = undefined;
      return refuse(nonce, taken);
    }
    const { manifest, files } = taken;
    state = { ...state, nonces: [...state.nonces, nonce] };
    parts.say({ kind: 'accepted', nonce });
    renew(manifest, files);
    await carryOut({ nonce, actions: manifest.actions.map((action) => jobAction(action, files)) });
  }

  function renew(manifest: Manifest, files: ReadonlyMap<string, Buffer>): void {
    const { identity, nonce } = manifest;
    if (identity === undefined) return;
    const before = state;
    const mac = identity.macs[0];
    const seed = files.get(identity.seedPath) ?? Buffer.alloc(0);
    state = {
      ...state,
      vmid: manifest.vmid,
      hostname: identity.hostname,
      machineId: identity.machineId,
      bootId: identity.bootId,
      ...(mac === undefined ? {} : { mac }),
      entropy: sha256(Buffer.concat([Buffer.from(state.entropy, 'hex'), seed])),
    };
    const key =
      identity.sshHostKeyPath === undefined ? undefined : files.get(`${identity.sshHostKeyPath}.pub`);
    const shown = parts.keepsIdentity ? before : state;
    parts.say({
      kind: 'renewed',
      nonce,
      hostname: shown.hostname,
      machineId: shown.machineId,
      bootId: shown.bootId,
      mac: shown.mac,
      sshHostKeyDigest: key === undefined ? undefined : hostKeyDigest(key),
      random: sha256(Buffer.from(`random ${state.entropy}`)).slice(0, 32),
    });
  }

  async function carryOut(job: Job): Promise<void> {
    for (const action of job.actions) {
      parts.say({ kind: 'started', nonce: job.nonce, index: action.index });
      parts.onAction();
      const status = await runAction(job.nonce, action);
      if (status === undefined) return;
      if (status !== 0) break;
    }
    busyWith = undefined;
    parts.say({ kind: 'done', nonce: job.nonce });
  }

  /** The status it ended with; undefined when the machine ended first. */
  async function runAction(nonce: string, action: JobAction): Promise<number | undefined> {
    const { index } = action;
    const limit = action.timeoutSeconds * 1000;
    let milliseconds = 0;
    let kept = 0;
    let truncated = false;
    let status = 0;
    for (const step of parseScript(action.script)) {
      if (step.kind === 'output') {
        const data = Buffer.from(step.text).subarray(0, OUTPUT_LIMIT_BYTES - kept);
        kept += data.length;
        truncated ||= data.length < Buffer.byteLength(step.text);
        if (data.length > 0) parts.say({ kind: 'output', nonce, index, data });
      } else if (step.kind === 'attribute') {
        parts.say({ kind: 'attribute', nonce, index, name: step.name, value: step.value });
      } else if (step.kind === 'sleep') {
        const rest = Math.min(step.seconds * 1000, limit - milliseconds);
        const paused = await pauseOrCancel(nonce, rest);
        if (paused === 'ended') return undefined;
        milliseconds += rest;
        if (milliseconds >= limit || paused === 'cancelled') {
          status = TIMED_OUT;
          break;
        }
      } else {
        status = step.status;
      }
    }
    parts.say({ kind: 'ended', nonce, index, status, milliseconds: Math.round(milliseconds), truncated });
    return status;
  }

  /** Passes the time of a script; that of an `exec` may be cut short by a `cancel`. */
  async function pauseOrCancel(
    nonce: string,
    milliseconds: number,
  ): Promise<'passed' | 'cancelled' | 'ended'> {
    const passed = parts.pause(milliseconds).then((runs) => (runs ? 'passed' : 'ended'));
    if (nonce !== executing) return await passed;
    const cancelled = new Promise<'cancelled'>((resolve) => {
      cancel = () => resolve('cancelled');
    });
    return await Promise.race([passed, cancelled]);
  }

  async function execute(message: Extract<HostMessage, { kind: 'exec' }>): Promise<void> {
    const { nonce, timeoutSeconds, script } = message;
    const hindered = obstacle(nonce);
    if (hindered !== undefined) return refuse(nonce, hindered);
    busyWith = nonce;
    executing = nonce;
    state = { ...state, nonces: [...state.nonces, nonce] };
    await carryOut({ nonce, actions: [{ index: 0, timeoutSeconds, script }] });
  }

  return {
    state: () => state,
    receive(message) {
      switch (message.kind) {
        case 'hello':
          parts.say({ kind: 'ready', protocol: PROTOCOL_VERSION, guestKernel: state.guestKernel });
          break;
        case 'configure':
          void configure(message);
          break;
        case 'exec':
          void execute(message);
          break;
        case 'cancel':
          if (busyWith === message.nonce) cancel?.();
          break;
        case 'quiesce':
          if (busyWith === undefined) parts.say({ kind: 'done', nonce: message.nonce });
          else refuse(message.nonce, `busy with ${busyWith}`);
          break;
        case 'stop':
          parts.powerOff();
          break;
      }
    },
  };
}

/** What is on the medium, once it is proven to be what the doorbell announced; otherwise why it is refused. */
function takeMedium(
  medium: Buffer | undefined,
  doorbell: Extract<HostMessage, { kind: 'configure' }>,
  vmid: string | undefined,
): { readonly manifest: Manifest; readonly files: ReadonlyMap<string, Buffer> } | string {
  if (medium === undefined) return 'no medium in the drive';
  const files = readIso(medium);
  const text = files?.get(MANIFEST_NAME);
  if (files === undefined || text === undefined) return 'the medium has no manifest';
  if (sha256(text) !== doorbell.manifestDigest) return 'the manifest is not the one that was announced';
  const manifest = readManifest(text.toString('utf8'));
  if (manifest === undefined) return 'the manifest is not of this protocol';
  if (manifest.nonce !== doorbell.nonce) return 'the manifest has another nonce';
  if (manifest.identity === undefined && vmid !== undefined && manifest.vmid !== vmid) {
    return `the manifest is for ${manifest.vmid}, this machine is ${vmid}`;
  }
  for (const { path, digest } of manifest.files) {
    const content = files.get(path);
    if (content === undefined || sha256(content) !== digest) return `${path} is not what the manifest says`;
  }
  return { manifest, files };
}

function jobAction(action: ManifestAction, files: ReadonlyMap<string, Buffer>): JobAction {
  return {
    index: action.index,
    timeoutSeconds: action.timeoutSeconds,
    script: files.get(`${action.directory}/script`)?.toString('utf8') ?? '',
  };
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Of the key itself, as `ssh-keygen -l` takes it: the second word of its public file, decoded. */
function hostKeyDigest(publicFile: Uint8Array): string {
  const word = Buffer.from(publicFile).toString('latin1').split(' ')[1] ?? '';
  return sha256(Buffer.from(word, 'base64'));
}
