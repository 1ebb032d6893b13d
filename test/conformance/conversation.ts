import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type IsoFile, makeIso } from '../../guest/iso.js';
import { type GuestMessage, ISO_LABEL } from '../../guest/protocol.js';
import type { Machine } from '../../plant/line/line.js';

/** Long enough for an emulated guest on a busy host: a test that waits for it has failed. */
export const PATIENCE_MILLISECONDS = 60_000;

export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MILLISECONDS);
}

/** Everything a guest says, from now on. */
export interface Listening {
  readonly messages: readonly GuestMessage[];
  /** The first message, heard already or to come, that passes. Rejects when patience ends or the machine does. */
  until(passes: (message: GuestMessage) => boolean): Promise<GuestMessage>;
}

export function listen(machine: Machine): Listening {
  const messages: GuestMessage[] = [];
  const waiting = new Set<(message: GuestMessage) => void>();
  machine.guest.subscribe((message) => {
    messages.push(message);
    for (const one of waiting) one(message);
  });
  return {
    messages,
    until(passes) {
      const heard = messages.find(passes);
      if (heard !== undefined) return Promise.resolve(heard);
      return new Promise((resolve, reject) => {
        const told = () => `heard: ${JSON.stringify(messages)}`;
        const timer = setTimeout(
          () => reject(new Error(`the guest did not say it; ${told()}`)),
          PATIENCE_MILLISECONDS,
        );
        void machine.exited.then((exit) =>
          reject(new Error(`the machine ended: ${JSON.stringify(exit)}; ${told()}`)),
        );
        waiting.add((message) => {
          if (!passes(message)) return;
          clearTimeout(timer);
          resolve(message);
        });
      });
    },
  };
}

export interface Identity {
  readonly hostname: string;
  readonly machineId: string;
  readonly bootId: string;
  /** One for each interface. */
  readonly macs: readonly string[];
}

export function freshIdentity(hostname: string, macs: readonly string[]): Identity {
  return { hostname, machineId: randomBytes(16).toString('hex'), bootId: randomUUID(), macs };
}

export interface IsoAction {
  readonly script: string;
  readonly timeoutSeconds?: number;
}

export interface Configuration {
  readonly vmid: string;
  readonly nonce: string;
  readonly identity?: Identity;
  readonly actions: readonly IsoAction[];
  /** Changes the files after the manifest was written. */
  readonly tamper?: (files: readonly IsoFile[]) => readonly IsoFile[];
}

export interface ConfigurationIso {
  readonly image: Buffer;
  readonly manifestDigest: string;
}

/** A configuration ISO, its manifest written here by hand: what a line passes must not depend on our own writer. */
export function configurationIso(configuration: Configuration): ConfigurationIso {
  const { vmid, nonce, identity, actions, tamper = (files) => files } = configuration;
  const files: IsoFile[] = actions.flatMap(({ script }, index) => [
    { path: `${index}/script`, data: Buffer.from(`${script}\n`), executable: true },
    { path: `${index}/environment`, data: Buffer.alloc(0) },
  ]);
  if (identity !== undefined) files.push({ path: 'identity/seed', data: randomBytes(64) });
  const manifest = [
    'vmplants-manifest 1',
    `vm ${vmid}`,
    `nonce ${nonce}`,
    ...(identity === undefined
      ? []
      : [
          `hostname ${identity.hostname}`,
          `machine-id ${identity.machineId}`,
          `boot-id ${identity.bootId}`,
          'seed identity/seed',
          ...identity.macs.map((mac, index) => `mac ${index} ${mac}`),
        ]),
    ...files.map(({ path, data }) => `file ${sha256(data)} ${path}`),
    ...actions.map(({ timeoutSeconds = 60 }, index) => `action ${index} ${timeoutSeconds} ${index}`),
    '',
  ].join('\n');
  const image = makeIso(ISO_LABEL, tamper([{ path: 'manifest', data: Buffer.from(manifest) }, ...files]));
  return { image, manifestDigest: sha256(Buffer.from(manifest)) };
}

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** What the messages of one nonce amount to. */
export interface Result {
  readonly accepted: boolean;
  readonly refused: string | undefined;
  readonly renewed: Extract<GuestMessage, { kind: 'renewed' }> | undefined;
  readonly actions: readonly ActionOutcome[];
  readonly kinds: readonly string[];
}

export interface ActionOutcome {
  readonly index: number;
  readonly output: string;
  readonly outputBytes: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: number | undefined;
  readonly truncated: boolean | undefined;
}

export function summarise(messages: readonly GuestMessage[], nonce: string): Result {
  const mine = messages.filter((one) => 'nonce' in one && one.nonce === nonce);
  const refusal = mine.find((one) => one.kind === 'refused');
  return {
    accepted: mine.some((one) => one.kind === 'accepted'),
    refused: refusal?.reason,
    renewed: mine.find((one) => one.kind === 'renewed'),
    actions: mine.filter((one) => one.kind === 'started').map(({ index }) => outcomeOf(mine, index)),
    kinds: mine.map((one) => one.kind),
  };
}

function outcomeOf(messages: readonly GuestMessage[], index: number): ActionOutcome {
  const mine = messages.filter((one) => 'index' in one && one.index === index);
  const output = Buffer.concat(mine.flatMap((one) => (one.kind === 'output' ? [one.data] : [])));
  const ended = mine.find((one) => one.kind === 'ended');
  return {
    index,
    output: output.toString('utf8'),
    outputBytes: output.length,
    attributes: Object.fromEntries(
      mine.flatMap((one) => (one.kind === 'attribute' ? [[one.name, one.value]] : [])),
    ),
    status: ended?.status,
    truncated: ended?.truncated,
  };
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
