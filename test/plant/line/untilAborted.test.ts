import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { call } from '../../../plant/line/call.js';
import { untilAborted, withDeadline } from '../../../plant/untilAborted.js';

const never = () => new Promise<never>(() => undefined);

describe('untilAborted', () => {
  it('is the outcome of the promise, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('stops waiting when the signal is aborted, before or meanwhile', async () => {
    await expect(untilAborted(never(), AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    const controller = new AbortController();
    const waiting = untilAborted(never(), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('withDeadline', () => {
  it('aborts the work when its time is over', async () => {
    const { signal } = new AbortController();
    const work = withDeadline(signal, 5, (until) => untilAborted(never(), until));
    await expect(work).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('aborts the work with the signal, and with the reason of the signal', async () => {
    const controller = new AbortController();
    const work = withDeadline(controller.signal, 60_000, (until) => untilAborted(never(), until));
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
    const before = withDeadline(AbortSignal.abort(), 60_000, (until) => untilAborted(never(), until));
    await expect(before).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('call', () => {
  const { signal } = new AbortController();

  it('begins nothing when it was aborted before', async () => {
    let begun = false;
    const work = call('trying', 1000, AbortSignal.abort(), async () => {
      begun = true;
    });
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(begun).toBe(false);
  });

  it('rejects with a typed error whatever was thrown', async () => {
    const full = Object.assign(new Error('ENOSPC: /secret/path'), { code: 'ENOSPC' });
    await expect(call('cloning vm-1', 1000, signal, () => Promise.reject(full))).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'cloning vm-1: found no space left on the device',
    });
    await expect(call('x', 1000, signal, () => Promise.reject(new Error('odd')))).rejects.toMatchObject({
      name: 'VmplantsError',
      code: 'INTERNAL',
    });
  });
});
