import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto, type service as healthService } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { type Channel, openChannel } from '../../proto/channel.js';
import type { VMPlantHandlers } from '../../proto/gen/vmplants/v1/VMPlant.js';
import { serverStream, unary } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import type { Logger } from '../../proto/logger.js';
import {
  MAX_MESSAGE_BYTES,
  plantService,
  type RunningServer,
  type ServeOptions,
  serve,
} from '../../proto/serve.js';
import { plantHandlers } from './plantHandlers.js';
import { recordingLogger } from './recordingLogger.js';

const SOON = { timeoutMilliseconds: 10_000 };
const { Query, Watch } = contracts().plant;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(
  options: Partial<ServeOptions> = {},
  handlers?: (logger: Logger) => Partial<VMPlantHandlers>,
): Promise<{ server: RunningServer; channel: Channel; logger: ReturnType<typeof recordingLogger> }> {
  const logger = recordingLogger();
  const answers = handlers?.(logger) ?? { Query: unary(async ({ vmid }) => ({ vmid }), logger) };
  const server = await serve({
    address: '127.0.0.1:0',
    services: [plantService(plantHandlers(answers, logger))],
    logger,
    ...options,
  });
  const channel = openChannel({ address: server.address });
  ends.push(
    () => server.stop(0),
    () => channel.close(),
  );
  return { server, channel, logger };
}

describe('a server', () => {
  it('says that it is serving, by the standard health service', async () => {
    const { channel, server } = await start();
    const check = loadSync(healthProto, { enums: String })['grpc.health.v1.Health'] as typeof healthService;
    const { Check } = check;
    if (Check === undefined) return expect.unreachable('the health service has no Check');
    for (const service of ['', 'vmplants.v1.VMPlant']) {
      expect(await channel.unary(Check as never, { service } as never, SOON)).toEqual({ status: 'SERVING' });
    }
    const unknown = channel.unary(Check as never, { service: 'vmplants.v1.VMShop' } as never, SOON);
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await server.stop(0);
  });

  it('tells by reflection which services it has and what they take', async () => {
    const { channel } = await start();
    const library = dirname(createRequire(import.meta.url).resolve('@grpc/reflection'));
    const proto = join(library, '..', 'proto', 'grpc', 'reflection', 'v1', 'reflection.proto');
    const service = loadSync(proto, { keepCase: true })['grpc.reflection.v1.ServerReflection'];
    const method = (service as typeof healthService | undefined)?.ServerReflectionInfo;
    if (method === undefined) return expect.unreachable('no reflection contract');
    const ask = async (question: object): Promise<Record<string, never>> => {
      const questions = async function* (): AsyncGenerator<object> {
        yield question;
      };
      for await (const answer of channel.bidi(method as never, questions() as never, SOON))
        return answer as never;
      return expect.unreachable('no answer');
    };
    const listed = await ask({ list_services: '*' });
    expect(JSON.stringify(listed)).toContain('"name":"vmplants.v1.VMPlant"');
    const described = await ask({ file_containing_symbol: 'vmplants.v1.VMPlant.Produce' });
    expect(JSON.stringify(described)).toContain('file_descriptor_proto');
  });

  it('takes messages of 48 MiB of files, and refuses those above its limit', async () => {
    const { channel } = await start({}, (logger) => ({
      Bid: unary(
        async ({ machine }) => ({
          bid: { residualSeconds: machine?.actions[0]?.guest?.files[0]?.content.length ?? 0 },
        }),
        logger,
      ),
    }));
    const { Bid } = contracts().plant;
    const request = (bytes: number) => ({
      machine: { actions: [{ guest: { files: [{ content: Buffer.alloc(bytes) }] } }] },
    });
    const answer = await channel.unary(Bid, request(48 * 1024 * 1024), SOON);
    expect(answer.bid?.residualSeconds).toBe(48 * 1024 * 1024);
    const tooLarge = channel.unary(Bid, request(MAX_MESSAGE_BYTES), SOON);
    await expect(tooLarge).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('takes the place of one that was killed and left its unix socket, and of no one that lives', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sock-'));
    ends.push(() => rm(directory, { recursive: true }));
    const path = join(directory, 'plant.sock');
    // Its end by SIGKILL is what leaves the file.
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    expect((await once(killed, 'exit'))[1]).toBe('SIGKILL');
    expect((await lstat(path)).isSocket()).toBe(true);

    const { channel } = await start({ address: `unix:${path}` });
    expect(await channel.unary(Query, { vmid: 'x' }, SOON)).toMatchObject({ vmid: 'x' });
    await expect(start({ address: `unix:${path}` })).rejects.toMatchObject({ reason: 'CANNOT_LISTEN' });
    expect(await channel.unary(Query, { vmid: 'y' }, SOON)).toMatchObject({ vmid: 'y' });

    const file = join(directory, 'mine');
    await writeFile(file, 'kept');
    await expect(start({ address: `unix:${file}` })).rejects.toMatchObject({ reason: 'CANNOT_LISTEN' });
    expect(await readFile(file, 'utf8')).toBe('kept');
  });

  it('listens on a unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vmplants-serve-'));
    ends.push(() => rm(directory, { recursive: true }));
    const { channel, server } = await start({ address: `unix:${join(directory, 'plant.sock')}` });
    expect(server.port).toBe(0);
    expect((await channel.unary(Query, { vmid: 'x' }, SOON)).vmid).toBe('x');
  });

  it('says which address it could not have', async () => {
    const { server } = await start();
    await expect(start({ address: server.address })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'CANNOT_LISTEN',
      message: `cannot listen on ${server.address}: something listens there already`,
    });
  });
});

describe('an address that other machines reach', () => {
  it.each(['0.0.0.0:0', '[::]:0', 'example.org:0', '10.1.2.3:0'])(
    '%s needs to be allowed',
    async (address) => {
      await expect(start({ address })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        reason: 'INSECURE_ADDRESS',
        hint: expect.stringContaining('--insecure-any-address'),
      });
    },
  );

  it('is said loudly when it was allowed', async () => {
    const logger = recordingLogger();
    await start({ address: '0.0.0.0:0', insecureAnyAddress: true, logger });
    expect(logger.records).toContainEqual({
      level: 'warn',
      fields: { address: '0.0.0.0:0' },
      message: expect.stringContaining('INSECURE'),
    });
  });
});

describe('a server that stops', () => {
  it('lets running calls finish', async () => {
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { server, channel } = await start({}, (logger) => ({
      Watch: serverStream(async function* () {
        yield { listed: true };
        await finished;
        yield { gone: 'vm-x' };
      }, logger),
    }));
    const watched = channel.serverStream(Watch, {}, SOON);
    expect((await watched.next()).value?.listed).toBe(true);
    const stopped = server.stop(10_000);
    finish();
    expect((await watched.next()).value?.gone).toBe('vm-x');
    expect((await watched.next()).done).toBe(true);
    await stopped;
    await expect(channel.unary(Query, { vmid: 'x' }, SOON)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('ends what does not finish in time', async () => {
    const { server, channel, logger } = await start({}, (log) => ({
      Watch: serverStream(async function* () {
        yield { listed: true };
        await new Promise(() => {});
      }, log),
    }));
    const watched = channel.serverStream(Watch, {}, SOON);
    await watched.next();
    await server.stop(50);
    await expect(watched.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(logger.records.filter((record) => record.level === 'warn')).toHaveLength(1);
  });
});

describe('a server goes on serving after', () => {
  const stillServes = async (channel: Channel): Promise<void> => {
    expect((await channel.unary(Query, { vmid: 'after' }, SOON)).vmid).toBe('after');
  };

  it('bytes that are no HTTP/2', async () => {
    const { channel, server } = await start();
    for (const bytes of [
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      Buffer.alloc(5000, 0xff),
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(5000, 0x41)]),
    ]) {
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.end(bytes);
      await once(socket, 'close');
    }
    await stillServes(channel);
  });

  it('a call sent one byte at a time, which it answers', async () => {
    const { channel, server } = await start();
    const session = http2.connect(`http://127.0.0.1:${server.port}`);
    ends.push(() => session.destroy());
    const call = session.request({
      ':method': 'POST',
      ':path': Query.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let answer = Buffer.alloc(0);
    call.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
    });
    const message = Query.requestSerialize({ vmid: 'slowly' });
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
    for (const byte of frame) {
      await new Promise<void>((resolve, reject) =>
        call.write(Buffer.from([byte]), (error) => (error ? reject(error) : resolve())),
      );
    }
    call.end();
    await once(call, 'end');
    expect(Query.responseDeserialize(answer.subarray(5)).vmid).toBe('slowly');
    await stillServes(channel);
  });

  it('thousands of calls that are reset at once', async () => {
    const { channel, server } = await start();
    const session = http2.connect(`http://127.0.0.1:${server.port}`);
    session.on('error', () => {});
    const closed = once(session, 'close');
    for (let count = 0; count < 3000 && !session.destroyed; count++) {
      const call = session.request({
        ':method': 'POST',
        ':path': Query.path,
        'content-type': 'application/grpc',
      });
      call.on('error', () => {});
      call.close(http2.constants.NGHTTP2_CANCEL);
    }
    session.destroy();
    await closed;
    await stillServes(channel);
  });

  it('a message that is no message', async () => {
    const { channel } = await start();
    const garbage = { ...Query, requestSerialize: () => Buffer.from([0x0f]) };
    await expect(channel.unary(garbage, {}, SOON)).rejects.toBeInstanceOf(VmplantsError);
    await stillServes(channel);
  });
});
