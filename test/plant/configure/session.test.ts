import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type GuestMessage, OUTPUT_LIMIT_BYTES } from '../../../guest/protocol.js';
import { VmplantsError } from '../../../model/errors.js';
import { openExchange } from '../../../plant/configure/exchange.js';
import {
  type ExpectedIdentity,
  runSession,
  type SessionDeadlines,
} from '../../../plant/configure/session.js';
import { NEVER } from '../produce/rig.js';
import { type ScriptedGuest, scriptedGuest } from './scriptedGuest.js';

const N = 'nonce-1';
const LONG: SessionDeadlines = {
  acceptMilliseconds: 60_000,
  renewMilliseconds: 60_000,
  marginMilliseconds: 60_000,
};
const IDENTITY: ExpectedIdentity = {
  hostname: 'h',
  machineId: 'a'.repeat(32),
  bootId: '00000000-0000-4000-8000-000000000000',
  mac: '52:54:00:00:00:01',
  sshHostKeyDigest: 'b'.repeat(64),
};

const accepted: GuestMessage = { kind: 'accepted', nonce: N };
const done: GuestMessage = { kind: 'done', nonce: N };
const started = (index: number, nonce = N): GuestMessage => ({ kind: 'started', nonce, index });
const output = (index: number, text: string | Uint8Array, nonce = N): GuestMessage => ({
  kind: 'output',
  nonce,
  index,
  data: Buffer.from(text),
});
const attribute = (index: number, name: string, value: string): GuestMessage => ({
  kind: 'attribute',
  nonce: N,
  index,
  name,
  value,
});
const ended = (index: number, status = 0, nonce = N): GuestMessage => ({
  kind: 'ended',
  nonce,
  index,
  status,
  milliseconds: 1500,
  truncated: false,
});
const renewed = (change: object = {}): GuestMessage => ({
  kind: 'renewed',
  nonce: N,
  ...IDENTITY,
  random: 'c'.repeat(32),
  ...change,
});

function session(
  guest: ScriptedGuest,
  options: {
    readonly actions?: number;
    readonly identity?: ExpectedIdentity;
    readonly deadlines?: Partial<SessionDeadlines>;
    readonly timeout?: number;
    readonly signal?: AbortSignal;
  } = {},
) {
  return runSession(
    {
      guest,
      doorbell: { kind: 'configure', nonce: N, manifestDigest: 'd', epochMilliseconds: 0 },
      timeoutsSeconds: Array.from({ length: options.actions ?? 1 }, () => options.timeout ?? 60),
      deadlines: { ...LONG, ...options.deadlines },
      ...(options.identity === undefined ? {} : { identity: options.identity }),
    },
    options.signal ?? NEVER,
  );
}

const saying = (...messages: readonly GuestMessage[]): ScriptedGuest =>
  scriptedGuest((_, guest) => guest.say(...messages));

describe('a session', () => {
  test('follows a well-behaved guest', async () => {
    const guest = saying(
      accepted,
      renewed(),
      started(0),
      output(0, 'hello '),
      output(0, 'world'),
      attribute(0, 'A', '1'),
      ended(0),
      started(1),
      ended(1, 4),
      done,
    );
    const result = await session(guest, { actions: 3, identity: IDENTITY });
    expect(result).toMatchObject({ silent: false, rejected: 0, renewed: { hostname: 'h' } });
    expect(result.actions.map(({ index, status, seconds }) => ({ index, status, seconds }))).toEqual([
      { index: 0, status: 0, seconds: 1.5 },
      { index: 1, status: 4, seconds: 1.5 },
    ]);
    expect(Buffer.from(result.actions[0]?.output ?? []).toString()).toBe('hello world');
    expect(result.actions[0]?.attributes).toEqual(new Map([['A', '1']]));
    expect(guest.listeners()).toBe(0);
  });

  test.each([
    ['hostname', { hostname: 'golden' }],
    ['machine id', { machineId: 'd'.repeat(32) }],
    ['boot id', { bootId: '11111111-0000-4000-8000-000000000000' }],
    ['network address', { mac: '52:54:00:00:00:02' }],
    ['network address', { mac: undefined }],
    ['SSH host key', { sshHostKeyDigest: 'e'.repeat(64) }],
  ])('does not take a guest whose %s is another', async (what, change) => {
    const guest = saying(accepted, renewed(change), started(0), ended(0), done);
    await expect(session(guest, { identity: IDENTITY })).rejects.toMatchObject({
      reason: 'IDENTITY_NOT_RENEWED',
      message: expect.stringContaining(what),
    });
    expect(guest.listeners()).toBe(0);
  });

  describe('with a single command', () => {
    const command = (guest: ScriptedGuest, signal: AbortSignal) =>
      runSession(
        {
          guest,
          doorbell: { kind: 'exec', nonce: N, timeoutSeconds: 60, script: 'sleep 50\n' },
          timeoutsSeconds: [60],
          deadlines: LONG,
        },
        signal,
      );

    test('that is aborted cancels it, and lasts until the guest is done', async () => {
      const left = new AbortController();
      const guest = scriptedGuest((message, self) => {
        if (message.kind === 'exec') self.say(started(0));
      });
      let over = false;
      const running = command(guest, left.signal).finally(() => {
        over = true;
      });
      running.catch(() => undefined);
      left.abort(new VmplantsError('CANCELLED', 'the client left'));
      expect(guest.sent.at(-1)).toEqual({ kind: 'cancel', nonce: N });
      guest.say(output(0, 'bye'), ended(0, -1));
      await Promise.resolve();
      expect(over).toBe(false);
      guest.say(done);
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(guest.listeners()).toBe(0);
    });

    test('does not wait for ever for a guest that does not know how to cancel', async () => {
      vi.useFakeTimers();
      try {
        const left = new AbortController();
        const running = command(scriptedGuest(), left.signal);
        const failing = expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
        left.abort(new VmplantsError('CANCELLED', 'the client left'));
        await vi.advanceTimersByTimeAsync(5_000);
        await failing;
      } finally {
        vi.useRealTimers();
      }
    });

    test('says that the guest is busy without its nonce', async () => {
      const guest = saying({ kind: 'refused', nonce: N, reason: 'busy with 0123abcd' });
      const error = await command(guest, NEVER).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'GUEST_BUSY',
        message: 'another command runs in this VM',
        hint: expect.stringContaining('turns'),
      });
    });
  });

  test('of a configuration that is aborted is over at once: its machine is to be destroyed', async () => {
    const left = new AbortController();
    const guest = saying(accepted);
    const running = session(guest, { signal: left.signal });
    left.abort(new VmplantsError('CANCELLED', 'the client left'));
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(guest.sent.map(({ kind }) => kind)).toEqual(['configure']);
  });

  test('takes a guest without SSH', async () => {
    const guest = saying(accepted, renewed({ sshHostKeyDigest: undefined }), done);
    expect((await session(guest, { actions: 0, identity: IDENTITY })).renewed).toBeDefined();
  });

  test('lets nothing run before the identity is confirmed', async () => {
    const guest = saying(accepted, started(0), ended(0), done, renewed(), started(0), ended(0), done);
    const result = await session(guest, { identity: IDENTITY });
    expect(result.rejected).toBe(3);
  });

  test('counts and ignores answers that are of another nonce, out of order, or given twice', async () => {
    const guest = saying(
      started(0),
      accepted,
      accepted,
      started(1),
      started(0, 'other'),
      started(0),
      started(0),
      output(1, 'no'),
      output(0, 'no', 'other'),
      ended(1),
      ended(0),
      ended(0, 5),
      output(0, 'late'),
      done,
    );
    const result = await session(guest);
    expect(result.rejected).toBe(10);
    expect(result.actions).toHaveLength(1);
    expect(result.actions[0]).toMatchObject({ status: 0, output: Buffer.alloc(0) });
  });

  test('cuts a flood of output at the limit, marks it, and keeps what matters after it', async () => {
    const flood = Array.from({ length: 500 }, () => output(0, Buffer.alloc(8_192, 'x')));
    const result = await session(
      saying(accepted, started(0), ...flood, attribute(0, 'A', '1'), ended(0), done),
    );
    expect(result.actions[0]?.output).toHaveLength(OUTPUT_LIMIT_BYTES);
    expect(result.actions[0]).toMatchObject({ truncated: true, attributes: new Map([['A', '1']]) });
  });

  test('cuts a flood of attributes', async () => {
    const flood = Array.from({ length: 1_000 }, (_, n) => attribute(0, `A${n}`, 'v'));
    const large = attribute(0, 'LARGE', 'x'.repeat(5_000));
    const result = await session(saying(accepted, started(0), large, ...flood, ended(0), done));
    expect(result.actions[0]?.attributes.size).toBe(256);
  });

  test.each([
    ['accept its configuration', [], { acceptMilliseconds: 10 }],
    ['confirm its new identity', [accepted], { renewMilliseconds: 10 }],
    ['start its first action', [accepted, renewed()], { marginMilliseconds: 10 }],
  ])('with a guest that does not %s ends by its deadline', async (what, messages, deadlines) => {
    const guest = saying(...messages);
    await expect(session(guest, { identity: IDENTITY, deadlines })).rejects.toMatchObject({
      reason: 'GUEST_SILENT',
      message: expect.stringContaining(what),
    });
    expect(guest.listeners()).toBe(0);
  });

  test('ends an action from outside when its guest falls silent', async () => {
    const guest = saying(accepted, started(0), output(0, 'begun'));
    const result = await session(guest, { timeout: 0.01, deadlines: { marginMilliseconds: 10 } });
    expect(result).toMatchObject({ silent: true, actions: [{ index: 0, status: -1 }] });
    guest.say(ended(0), done);
    expect(result.actions).toHaveLength(1);
  });

  test('is not kept alive by a guest that only writes', async () => {
    const guest = saying(accepted, started(0));
    const flood = setInterval(() => guest.say(output(0, 'x')), 1);
    const result = await session(guest, { timeout: 0.02, deadlines: { marginMilliseconds: 10 } });
    clearInterval(flood);
    expect(result.silent).toBe(true);
  });

  test('passes on a refusal, as printable text', async () => {
    const guest = saying({ kind: 'refused', nonce: N, reason: 'no \u001b[31mmanifest' });
    await expect(session(guest)).rejects.toMatchObject({
      reason: 'GUEST_REFUSED',
      message: 'the guest refused: no ?[31mmanifest',
    });
  });

  test('ends at once when it is aborted, or the channel is closed', async () => {
    const stop = new AbortController();
    const guest = scriptedGuest(() => stop.abort());
    await expect(session(guest, { signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(guest.listeners()).toBe(0);
    const closed = scriptedGuest(() => {
      throw new Error('closed');
    });
    await expect(session(closed)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(closed.listeners()).toBe(0);
  });
});

test('whatever a guest says, each action ends at most once, in order, and only what was asked for', () => {
  const index = fc.integer({ min: -1, max: 4 });
  const nonce = fc.constantFrom(N, N, N, 'other');
  const message = fc.oneof(
    nonce.map((one): GuestMessage => ({ kind: 'accepted', nonce: one })),
    nonce.map((one): GuestMessage => ({ kind: 'done', nonce: one })),
    fc.tuple(index, nonce).map(([at, one]) => started(at, one)),
    fc.tuple(index, nonce).map(([at, one]) => output(at, 'x', one)),
    fc.tuple(index, fc.constantFrom(0, 0, 1), nonce).map(([at, status, one]) => ended(at, status, one)),
    fc.constant(renewed()),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 80 }), fc.boolean(), (messages, renews) => {
      const exchange = openExchange({ nonce: N, accepts: true, renews, actions: 3 });
      let fitted = 0;
      for (const one of messages) if (exchange.take(one) !== undefined) fitted += 1;
      const { actions, rejected } = exchange.results();
      expect(fitted + rejected).toBe(messages.length);
      expect(actions.map((action) => action.index)).toEqual([...actions.keys()]);
      expect(actions.length).toBeLessThanOrEqual(3);
      expect(actions.slice(0, -1).every(({ status }) => status === 0)).toBe(true);
      if (renews && actions.length > 0) expect(exchange.results().renewed).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});
