import { type GuestMessage, OUTPUT_LIMIT_BYTES } from '../../guest/protocol.js';

/**
 * What a guest may say after one doorbell, and in which order: accepted, renewed (where an identity was sent), then
 * for every action started, output and attributes, ended; then done. It judges messages and keeps what they say;
 * it waits for nothing and sends nothing. A guest is not trusted: what does not fit is counted and has no effect.
 */
export interface Exchange {
  /** Takes the next message. `undefined`: it did not fit. */
  readonly take: (message: GuestMessage) => Heard | undefined;
  readonly phase: () => ExchangePhase;
  /** What is known so far; actions that never started are not in it. */
  readonly results: () => ExchangeResults;
  /** Ends the running action from outside, as timed out; nothing after it is believed. */
  readonly cutShort: () => void;
}

export type ExchangePhase =
  /** The doorbell was rung. */
  | { readonly kind: 'rung' }
  /** The manifest was accepted; the new identity is being taken on. */
  | { readonly kind: 'renewing' }
  /** The next action should start, or the end be said. */
  | { readonly kind: 'between' }
  | { readonly kind: 'running'; readonly index: number }
  | { readonly kind: 'finished' };

/** A message that fitted. */
export type Heard =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'renewed'; readonly renewed: Renewed }
  | { readonly kind: 'started'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number; readonly data: Uint8Array }
  | { readonly kind: 'attribute'; readonly index: number }
  | { readonly kind: 'ended'; readonly result: ActionResult }
  | { readonly kind: 'done' };

/** What the guest reads back from itself after renewing its identity. */
export type Renewed = Extract<GuestMessage, { kind: 'renewed' }>;

export interface ExchangeResults {
  readonly renewed: Renewed | undefined;
  readonly actions: readonly ActionResult[];
  /** Messages that did not fit: another nonce, out of order, twice. */
  readonly rejected: number;
}

/** How one action ended. */
export interface ActionResult {
  readonly index: number;
  /** Exit status 0..255, 256+N for signal N, -1 when its time ran out. */
  readonly status: number;
  /** As the guest measured it. */
  readonly seconds: number;
  /** The beginning of what it wrote, at most OUTPUT_LIMIT_BYTES. */
  readonly output: Uint8Array;
  readonly truncated: boolean;
  /** What it wrote to its attributes file; the last value of a name. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface ExchangeRules {
  readonly nonce: string;
  /** Whether a manifest has to be accepted first; `exec` brings none. */
  readonly accepts: boolean;
  /** Whether an identity was sent, so that nothing may run before it is confirmed. */
  readonly renews: boolean;
  /** How many actions may run. */
  readonly actions: number;
}

/** More attributes of one action are dropped, here as in the guest. */
const ATTRIBUTE_LIMIT = 256;
const ATTRIBUTE_VALUE_LIMIT = 4096;

interface RunningAction {
  readonly index: number;
  readonly chunks: Uint8Array[];
  readonly attributes: Map<string, string>;
  bytes: number;
  truncated: boolean;
}

export function openExchange(rules: ExchangeRules): Exchange {
  const finished: ActionResult[] = [];
  let phase: ExchangePhase = rules.accepts ? { kind: 'rung' } : { kind: 'between' };
  let running: RunningAction | undefined;
  let renewed: Renewed | undefined;
  let rejected = 0;

  const end = (action: RunningAction, status: number, seconds: number, truncated: boolean): ActionResult => {
    const result: ActionResult = {
      index: action.index,
      status,
      seconds,
      output: Buffer.concat(action.chunks),
      truncated: truncated || action.truncated,
      attributes: action.attributes,
    };
    finished.push(result);
    running = undefined;
    phase = { kind: 'between' };
    return result;
  };

  const judge = (message: GuestMessage): Heard | undefined => {
    if (message.kind === 'ready' || message.nonce !== rules.nonce) return undefined;
    switch (message.kind) {
      case 'accepted':
        if (phase.kind !== 'rung') return undefined;
        phase = rules.renews ? { kind: 'renewing' } : { kind: 'between' };
        return { kind: 'accepted' };
      case 'refused':
        // Also after `accepted`: the new identity could not be taken on.
        if (phase.kind === 'running' || phase.kind === 'finished' || finished.length > 0) return undefined;
        phase = { kind: 'finished' };
        return { kind: 'refused', reason: message.reason };
      case 'renewed':
        if (phase.kind !== 'renewing') return undefined;
        renewed = message;
        phase = { kind: 'between' };
        return { kind: 'renewed', renewed: message };
      case 'started':
        if (phase.kind !== 'between' || message.index !== finished.length) return undefined;
        if (message.index >= rules.actions || (finished.at(-1)?.status ?? 0) !== 0) return undefined;
        running = { index: message.index, chunks: [], attributes: new Map(), bytes: 0, truncated: false };
        phase = { kind: 'running', index: message.index };
        return { kind: 'started', index: message.index };
      case 'output':
        if (running?.index !== message.index) return undefined;
        return { kind: 'output', index: message.index, data: keep(running, message.data) };
      case 'attribute':
        if (running?.index !== message.index) return undefined;
        if (Buffer.byteLength(message.value) > ATTRIBUTE_VALUE_LIMIT) return undefined;
        if (running.attributes.size >= ATTRIBUTE_LIMIT && !running.attributes.has(message.name))
          return undefined;
        running.attributes.set(message.name, message.value);
        return { kind: 'attribute', index: message.index };
      case 'ended':
        if (running?.index !== message.index) return undefined;
        return {
          kind: 'ended',
          result: end(running, message.status, message.milliseconds / 1000, message.truncated),
        };
      case 'done': {
        const complete = finished.length === rules.actions || (finished.at(-1)?.status ?? 0) !== 0;
        if (phase.kind !== 'between' || !complete) return undefined;
        phase = { kind: 'finished' };
        return { kind: 'done' };
      }
    }
  };

  return {
    take: (message) => {
      const heard = judge(message);
      // `ready` belongs to no exchange: a daemon says it whenever its port is opened again.
      if (heard === undefined && message.kind !== 'ready') rejected += 1;
      return heard;
    },
    phase: () => phase,
    results: () => ({ renewed, actions: finished, rejected }),
    cutShort: () => {
      if (running !== undefined) end(running, -1, 0, false);
      phase = { kind: 'finished' };
    },
  };
}

/** The part of the data that is still within the limit, after keeping it. */
function keep(action: RunningAction, data: Uint8Array): Uint8Array {
  const kept = data.subarray(0, OUTPUT_LIMIT_BYTES - action.bytes);
  if (kept.length < data.length) action.truncated = true;
  if (kept.length > 0) action.chunks.push(kept);
  action.bytes += kept.length;
  return kept;
}
