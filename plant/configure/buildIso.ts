import { createHash } from 'node:crypto';
import type { IsoFile } from '../../guest/iso.js';
import { writeManifest } from '../../guest/manifest.js';
import { ISO_LABEL, MANIFEST_NAME, type Manifest, type ManifestIdentity } from '../../guest/protocol.js';
import type { GuestAction } from '../../model/action.js';
import type { FreshIdentity } from './identity.js';
import { isExecutable, packIso } from './packIso.js';

/** What one configuration ISO carries. */
export interface IsoContent {
  readonly vmid: string;
  readonly nonce: string;
  /** On the first ISO of a clone. */
  readonly identity?: FreshIdentity;
  readonly actions: readonly IsoAction[];
}

export interface IsoAction {
  readonly action: GuestAction;
  readonly environment: readonly (readonly [name: string, value: string])[];
}

export interface BuiltIso {
  readonly bytes: Uint8Array;
  /** SHA-256 of the manifest, for the doorbell: it proves the whole ISO. */
  readonly manifestDigest: string;
}

const SEED_PATH = 'identity/seed';
const HOST_KEY_PATH = 'identity/ssh_host_ed25519_key';

/**
 * Puts the actions, and the identity if any, on an ISO image, each action in a directory named after its position.
 * @throws VmplantsError INVALID_ARGUMENT when the actions' files do not fit on one
 */
export function buildIso(content: IsoContent): BuiltIso {
  const files = [...identityFiles(content.identity), ...content.actions.flatMap(filesOfAction)];
  const manifest: Manifest = {
    vmid: content.vmid,
    nonce: content.nonce,
    identity: content.identity === undefined ? undefined : manifestIdentity(content.identity),
    files: files.map(({ path, data, digest }) => ({ path, digest: digest ?? sha256(data) })),
    actions: content.actions.map(({ action }, index) => ({
      index,
      timeoutSeconds: Math.max(1, Math.ceil(action.timeoutSeconds)),
      directory: String(index),
    })),
  };
  const text = Buffer.from(writeManifest(manifest), 'utf8');
  return {
    bytes: packIso(ISO_LABEL, [{ path: MANIFEST_NAME, data: text }, ...files]),
    manifestDigest: sha256(text),
  };
}

interface ContentFile extends IsoFile {
  /** Known already for a client's file. */
  readonly digest?: string;
}

function identityFiles(identity: FreshIdentity | undefined): readonly ContentFile[] {
  if (identity === undefined) return [];
  return [
    { path: SEED_PATH, data: identity.seed },
    { path: HOST_KEY_PATH, data: Buffer.from(identity.sshHostKey.privateKey) },
    { path: `${HOST_KEY_PATH}.pub`, data: Buffer.from(identity.sshHostKey.publicKey) },
  ];
}

function filesOfAction({ action, environment }: IsoAction, index: number): readonly ContentFile[] {
  const variables = environment.map(([name, value]) => `${name}=${value}\0`).join('');
  return [
    { path: `${index}/script`, data: Buffer.from(action.script), executable: true },
    { path: `${index}/environment`, data: Buffer.from(variables) },
    ...action.files.map((file) => ({
      path: `${index}/files/${file.path}`,
      data: file.content,
      digest: file.digest,
      executable: isExecutable(file.mode),
    })),
  ];
}

function manifestIdentity(identity: FreshIdentity): ManifestIdentity {
  return {
    hostname: identity.hostname,
    machineId: identity.machineId,
    bootId: identity.bootId,
    seedPath: SEED_PATH,
    macs: identity.macs,
    sshHostKeyPath: HOST_KEY_PATH,
  };
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
