import type { Socket } from 'node:net';
import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';

/**
 * A client of QEMU's machine protocol (QEMU's docs/interop/qmp-spec): JSON objects, one a line, over the monitor's
 * socket. Commands are answered by id; events come in between.
 */
export interface QmpClient {
  /**
   * Runs a command and answers with what it returns.
   * Rejects with INTERNAL (reason QMP_REFUSED, QEMU's own words as the cause) when QEMU refuses it, UNAVAILABLE when
   * the connection ends first, and with the signal's reason; a late answer is then dropped.
   */
  execute(
    command: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown>;
  /** Calls the listener for every event from now on; the answer unsubscribes. */
  subscribe(listener: (event: QmpEvent) => void): () => void;
  /** Resolves, never rejects, when the connection has ended. */
  readonly closed: Promise<void>;
  /** Ends the connection; the machine goes on. */
  close(): void;
}

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it happened, in milliseconds since the epoch by the monitor's clock; undefined when it did not say. */
  readonly at: number | undefined;
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: VmplantsError) => void;
}

/** QEMU's answers are small; more than this in one line is not QEMU. */
const LINE_LIMIT_BYTES = 4 * 1024 * 1024;

/** Speaks QMP over a connected socket: waits for the greeting and leaves negotiation mode. */
export async function openQmp(socket: Socket, signal: AbortSignal): Promise<QmpClient> {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: QmpEvent) => void>();
  let nextId = 1;
  let ended = false;
  let greet: () => void = () => undefined;
  const greeting = new Promise<void>((resolve) => {
    greet = resolve;
  });
  let buffered = '';

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      ended = true;
      for (const one of pending.values()) one.reject(connectionEnded(one.command));
      pending.clear();
      listeners.clear();
      resolve();
    });
  });
  // An error is always followed by 'close', which says all that matters.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    buffered += text;
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    if (buffered.length > LINE_LIMIT_BYTES) socket.destroy();
    for (const line of lines) receive(line);
  });

  function receive(line: string): void {
    const message = parseObject(line);
    if (message === undefined) return;
    if ('QMP' in message) {
      greet();
      return;
    }
    if (typeof message.event === 'string') {
      const event = { event: message.event, data: asObject(message.data) ?? {}, at: timeOf(message) };
      for (const listener of listeners) listener(event);
      return;
    }
    const id = message.id;
    const waiting = typeof id === 'number' ? pending.get(id) : undefined;
    if (typeof id !== 'number' || waiting === undefined) return;
    pending.delete(id);
    if ('error' in message) waiting.reject(commandRefused(waiting.command, asObject(message.error)));
    else waiting.resolve(message.return);
  }

  function execute(
    command: string,
    parameters: Readonly<Record<string, unknown>>,
    until: AbortSignal,
  ): Promise<unknown> {
    const id = nextId;
    nextId += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (ended) return reject(connectionEnded(command));
      pending.set(id, { command, resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    });
    return untilAborted(answer, until).finally(() => pending.delete(id));
  }

  try {
    await untilAborted(Promise.race([greeting, closed]), signal);
    await execute('qmp_capabilities', {}, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    execute,
    closed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.destroy(),
  };
}

function connectionEnded(command: string): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `the monitor's connection ended before it answered ${command}`, {
    reason: 'MONITOR_GONE',
  });
}

function commandRefused(
  command: string,
  error: Readonly<Record<string, unknown>> | undefined,
): VmplantsError {
  return new VmplantsError('INTERNAL', `the monitor refused ${command}`, {
    reason: 'QMP_REFUSED',
    cause: new Error(typeof error?.desc === 'string' ? error.desc : 'no description'),
  });
}

function timeOf({ timestamp }: Readonly<Record<string, unknown>>): number | undefined {
  const { seconds, microseconds } = asObject(timestamp) ?? {};
  if (typeof seconds !== 'number' || typeof microseconds !== 'number') return undefined;
  return seconds * 1000 + microseconds / 1000;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
