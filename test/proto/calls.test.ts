import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { invalidArgument, VmplantsError } from '../../model/errors.js';
import type { VMPlantHandlers } from '../../proto/gen/vmplants/v1/VMPlant.js';
import { bidi, type CallContext, serverStream, unary } from '../../proto/handler.js';
import { openPlantClient, type PlantClient } from '../../proto/plantClient.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { plantHandlers } from './plantHandlers.js';
import { type RecordingLogger, recordingLogger } from './recordingLogger.js';

const SOON = { timeoutMilliseconds: 10_000 };

let running: { server: RunningServer; client: PlantClient } | undefined;

afterEach(async () => {
  running?.client.close();
  await running?.server.stop(0);
  running = undefined;
});

async function start(
  handlers: (logger: RecordingLogger) => Partial<VMPlantHandlers>,
): Promise<{ client: PlantClient; logger: RecordingLogger }> {
  const logger = recordingLogger();
  const server = await serve({
    address: '127.0.0.1:0',
    services: [plantService(plantHandlers(handlers(logger), logger))],
    logger,
  });
  const client = openPlantClient({ address: server.address });
  running = { server, client };
  return { client, logger };
}

async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

function rejection(work: Promise<unknown>): Promise<VmplantsError> {
  return work.then(
    () => expect.unreachable('the call was expected to fail'),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(VmplantsError);
      return thrown as VmplantsError;
    },
  );
}

/** A promise and its resolver, to wait for what a handler saw. */
function signal<T = void>(): { readonly seen: Promise<T>; readonly say: (value: T) => void } {
  let say: (value: T) => void = () => {};
  const seen = new Promise<T>((resolve) => {
    say = resolve;
  });
  return { seen, say };
}

describe('a unary call', () => {
  it('brings the answer, and is logged without what was said', async () => {
    const { client, logger } = await start((log) => ({
      Query: unary(async ({ vmid }) => ({ vmid, hostname: 'h' }), log),
    }));
    const vm = await client.query({ vmid: 'vm-canary' }, SOON);
    expect([vm.vmid, vm.hostname, vm.state, vm.createdAt]).toEqual([
      'vm-canary',
      'h',
      'VM_STATE_UNSPECIFIED',
      '0',
    ]);
    expect(logger.records).toContainEqual({
      level: 'debug',
      fields: { method: '/vmplants.v1.VMPlant/Query', code: 'OK', ms: expect.any(Number) },
      message: 'call',
    });
    expect(JSON.stringify(logger.records)).not.toContain('canary');
  });

  it('brings the error with its details', async () => {
    const { client } = await start((log) => ({
      Query: unary(() => {
        throw invalidArgument([{ field: 'vmid', description: 'expected a VMID' }], 'look at the list');
      }, log),
    }));
    const error = await rejection(client.query({ vmid: '' }, SOON));
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_REQUEST',
      hint: 'look at the list',
      violations: [{ field: 'vmid', description: 'expected a VMID' }],
    });
  });

  it('ends at its deadline on both sides', async () => {
    const ended = signal<VmplantsError>();
    const { client } = await start((log) => ({
      Query: unary(async (_, { signal: over }) => {
        await once(over, 'abort');
        ended.say(over.reason as VmplantsError);
        throw over.reason;
      }, log),
    }));
    const error = await rejection(client.query({ vmid: 'x' }, { timeoutMilliseconds: 100 }));
    expect(error.code).toBe('DEADLINE_EXCEEDED');
    // The server's own clock for it starts later: it may hear of the client's end first.
    expect((await ended.seen).code).toMatch(/^(DEADLINE_EXCEEDED|CANCELLED)$/);
  });

  it('ends when its caller aborts, with the reason of the caller', async () => {
    const asked = signal();
    const ended = signal<VmplantsError>();
    const { client } = await start((log) => ({
      Query: unary(async (_, { signal: over }) => {
        asked.say();
        await once(over, 'abort');
        ended.say(over.reason as VmplantsError);
        throw over.reason;
      }, log),
    }));
    const controller = new AbortController();
    const call = rejection(client.query({ vmid: 'x' }, { ...SOON, signal: controller.signal }));
    await asked.seen;
    const reason = new VmplantsError('ABORTED', 'not needed any more');
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect((await ended.seen).code).toBe('CANCELLED');
  });

  it('is not made when the signal is aborted already', async () => {
    let calls = 0;
    const { client } = await start((log) => ({
      Query: unary(async () => {
        calls += 1;
        return {};
      }, log),
    }));
    const error = await rejection(client.query({ vmid: 'x' }, { ...SOON, signal: AbortSignal.abort() }));
    await client.query({ vmid: 'y' }, SOON);
    expect([error.code, calls]).toEqual(['CANCELLED', 1]);
  });

  it('is UNAVAILABLE where nobody listens', async () => {
    const { client } = await start(() => ({}));
    await running?.server.stop(0);
    expect((await rejection(client.query({ vmid: 'x' }, SOON))).code).toBe('UNAVAILABLE');
    expect((await rejection(client.connect({ timeoutMilliseconds: 300 }))).code).toBe('UNAVAILABLE');
  });
});

describe('a server stream', () => {
  it('brings every message before the error that ends it', async () => {
    const { client } = await start((log) => ({
      Produce: serverStream(async function* () {
        for (let index = 0; index < 100; index++) yield { progress: { phase: `p${index}` } };
        throw new VmplantsError('FAILED_PRECONDITION', 'action "a" failed', {
          reason: 'ACTION_FAILED',
          actionFailure: { action: 'a', status: 3, outputTail: 'oops' },
        });
      }, log),
    }));
    const phases: (string | undefined)[] = [];
    const error = await rejection(
      (async () => {
        for await (const event of client.produce({ vmid: 'x' }, SOON)) phases.push(event.progress?.phase);
      })(),
    );
    expect(phases).toEqual(Array.from({ length: 100 }, (_, index) => `p${index}`));
    expect(error.actionFailure).toEqual({ action: 'a', status: 3, outputTail: 'oops' });
  });

  it('is cancelled when the reader leaves, and its handler is cleaned up', async () => {
    const cleaned = signal();
    const { client } = await start((log) => ({
      Watch: serverStream(async function* () {
        try {
          for (;;) yield { gone: 'vm-x' };
        } finally {
          cleaned.say();
        }
      }, log),
    }));
    for await (const event of client.watch({}, SOON)) {
      expect(event.gone).toBe('vm-x');
      break;
    }
    await cleaned.seen;
  });

  it('does not produce faster than its reader takes', async () => {
    let made = 0;
    const { client } = await start((log) => ({
      Exec: serverStream(async function* () {
        for (; made < 2000; made++) yield { output: Buffer.alloc(64 * 1024) };
      }, log),
    }));
    const messages = client.exec({ vmid: 'x', script: 'yes' }, SOON);
    await messages.next();
    // What is on its way is bounded by the windows of HTTP/2: wait until the producer has come to rest.
    let before = -1;
    while (made !== before) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(made).toBeLessThan(1000);
    let bytes = 64 * 1024;
    for await (const message of messages) bytes += message.output?.length ?? 0;
    expect(bytes).toBe(2000 * 64 * 1024);
  });

  it('ends for a client even when its handler hangs and heeds no signal', async () => {
    const { client, logger } = await start((log) => ({
      Watch: serverStream(async function* () {
        yield { listed: true };
        await new Promise(() => {});
      }, log),
    }));
    const error = await rejection(collect(client.watch({}, { timeoutMilliseconds: 150 })));
    expect([error.code, error.message]).toEqual(['DEADLINE_EXCEEDED', 'gave up waiting after 0.15 s']);
    await client.query({ vmid: 'x' }, SOON).catch(() => {});
    expect(logger.records).toContainEqual({
      level: 'debug',
      fields: {
        method: '/vmplants.v1.VMPlant/Watch',
        code: expect.stringMatching(/^(DEADLINE_EXCEEDED|CANCELLED)$/),
        ms: expect.any(Number),
      },
      message: 'call',
    });
  });
});

describe('a call both ways', () => {
  const echo = (log: RecordingLogger): Partial<VMPlantHandlers> => ({
    Console: bidi(async function* (requests) {
      for await (const request of requests) {
        yield { data: Buffer.concat([Buffer.from('> '), request.data]) };
        if (request.data.toString() === 'exit') return;
      }
      yield { data: Buffer.from('bye') };
    }, log),
  });

  async function* typed(...lines: string[]): AsyncGenerator<{ data: Buffer }> {
    for (const line of lines) yield { data: Buffer.from(line) };
  }

  it('brings messages in both directions and ends when both have ended', async () => {
    const { client } = await start(echo);
    const answers = await collect(client.console(typed('a', 'b'), SOON));
    expect(answers.map((answer) => answer.data.toString())).toEqual(['> a', '> b', 'bye']);
  });

  it('ends when the server has had enough, while the client could go on', async () => {
    const { client } = await start(echo);
    const endless = async function* (): AsyncGenerator<{ data: Buffer }> {
      yield* typed('exit');
      await new Promise(() => {});
    };
    const answers = await collect(client.console(endless(), SOON));
    expect(answers.map((answer) => answer.data.toString())).toEqual(['> exit']);
  });

  it('ends with the error of the one who sends', async () => {
    const { client } = await start(echo);
    const broken = async function* (): AsyncGenerator<{ data: Buffer }> {
      yield* typed('a');
      throw new VmplantsError('ABORTED', 'terminal closed');
    };
    expect((await rejection(collect(client.console(broken(), SOON)))).message).toBe('terminal closed');
  });

  it('tells its handler when the client goes away', async () => {
    const left = signal();
    const opened = signal<CallContext>();
    const { client, logger } = await start((log) => ({
      Console: bidi(async function* (requests, context) {
        opened.say(context);
        try {
          for await (const request of requests) yield { data: request.data };
        } finally {
          left.say();
        }
      }, log),
    }));
    const endless = async function* (): AsyncGenerator<{ data: Buffer }> {
      yield* typed('a');
      await new Promise(() => {});
    };
    for await (const answer of client.console(endless(), SOON)) {
      expect(answer.data.toString()).toBe('a');
      break;
    }
    const context = await opened.seen;
    await left.seen;
    if (!context.signal.aborted) await once(context.signal, 'abort');
    expect(context.signal.reason).toMatchObject({ code: 'CANCELLED' });
    expect(logger.records.filter((record) => record.level === 'error')).toEqual([]);
  });
});
