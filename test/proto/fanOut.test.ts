import { expect, it } from 'vitest';
import { openFanOut } from '../../proto/fanOut.js';

function call() {
  const made = {
    cancelled: 0,
    cancel: () => {
      made.cancelled += 1;
    },
  };
  return made;
}

it('writes one question once, and another one anew', () => {
  const fanOut = openFanOut(undefined);
  let written = 0;
  const serialize = fanOut.serializer((request: { readonly text: string }) => {
    written += 1;
    return Buffer.from(request.text);
  });
  const question = { text: 'a' };
  expect(serialize(question)).toBe(serialize(question));
  expect(
    fanOut
      .serializer(() => Buffer.from('never'))(question)
      .toString(),
  ).toBe('a');
  expect(serialize({ text: 'b' }).toString()).toBe('b');
  expect(written).toBe(2);
});

it('cancels with its signal the calls that still run, and those that come after', () => {
  const end = new AbortController();
  const fanOut = openFanOut(end.signal);
  const [running, over, late] = [call(), call(), call()];
  fanOut.cancelWith(running);
  fanOut.cancelWith(over)();
  end.abort();
  fanOut.cancelWith(late);
  expect([running.cancelled, over.cancelled, late.cancelled]).toEqual([1, 0, 1]);
});

it('listens no longer once it is closed', () => {
  const end = new AbortController();
  const fanOut = openFanOut(end.signal);
  const running = call();
  fanOut.cancelWith(running);
  fanOut.close();
  end.abort();
  expect(running.cancelled).toBe(0);
});
