import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openQmp, type QmpClient, type QmpEvent } from '../../../../plant/line/qemu/qmp.js';
import { connectUnix } from '../../../../plant/line/qemu/unixSocket.js';

const GREETING = '{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": ["oob"]}}\r\n';

interface Command {
  readonly execute: string;
  readonly arguments: unknown;
  readonly id: number;
}

/** A monitor on a real socket, its answers given by the test. */
describe('openQmp', () => {
  let directory: string;
  let server: Server;
  let answer: (command: Command, socket: Socket) => void;
  let greet: boolean;
  let clients: QmpClient[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vmp-qmp-'));
    clients = [];
    greet = true;
    answer = ({ id }, socket) => socket.write(`{"return": {}, "id": ${id}}\r\n`);
    server = createServer((socket) => {
      if (greet) socket.write(GREETING);
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) answer(JSON.parse(line) as Command, socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(join(directory, 'qmp'), resolve));
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  const signal = () => AbortSignal.timeout(10_000);

  async function open(): Promise<QmpClient> {
    const client = await openQmp(await connectUnix(join(directory, 'qmp'), signal()), signal());
    clients.push(client);
    return client;
  }

  it('leaves negotiation before anything else', async () => {
    const seen: string[] = [];
    const usual = answer;
    answer = (command, socket) => {
      seen.push(command.execute);
      usual(command, socket);
    };
    await (await open()).execute('query-status', {}, signal());
    expect(seen).toEqual(['qmp_capabilities', 'query-status']);
  });

  it('matches answers to commands by id, whatever their order, and however the bytes are cut', async () => {
    const client = await open();
    const held: Command[] = [];
    answer = (command, socket) => {
      held.push(command);
      if (held.length < 2) return;
      const text = held
        .reverse()
        .map(({ id, execute }) => `{"id": ${id}, "return": "${execute}"}\r\n`)
        .join('');
      for (const character of text) socket.write(character);
    };
    const [one, two] = await Promise.all([
      client.execute('one', {}, signal()),
      client.execute('two', { a: 1 }, signal()),
    ]);
    expect([one, two]).toEqual(['one', 'two']);
  });

  it('passes events on until the listener leaves', async () => {
    const client = await open();
    const events: QmpEvent[] = [];
    const unsubscribe = client.subscribe((event) => events.push(event));
    answer = ({ id }, socket) => {
      socket.write(
        `{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2500}}\n{"event": "MIGRATION", "data": {"status": "completed"}}\n`,
      );
      socket.write(`{"return": {}, "id": ${id}}\n`);
    };
    await client.execute('stop', {}, signal());
    unsubscribe();
    await client.execute('stop', {}, signal());
    expect(events).toEqual([
      { event: 'STOP', data: {}, at: 1002.5 },
      { event: 'MIGRATION', data: { status: 'completed' } },
    ]);
  });

  it('rejects what is refused, with the words of the monitor as the cause', async () => {
    const client = await open();
    answer = ({ id }, socket) => {
      socket.write(`{"id": ${id}, "error": {"class": "GenericError", "desc": "no such device"}}\n`);
    };
    const failure = await client.execute('eject', {}, signal()).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'INTERNAL',
      reason: 'QMP_REFUSED',
      cause: { message: 'no such device' },
    });
    expect(String(failure)).not.toContain('no such device');
  });

  it('ignores what is no answer of its', async () => {
    const client = await open();
    answer = ({ id }, socket) =>
      socket.write(`garbage\n[1]\n7\n{"return": 1, "id": 999}\n{"return": 2, "id": ${id}}\n`);
    expect(await client.execute('query', {}, signal())).toBe(2);
  });

  it('rejects with UNAVAILABLE when the connection ends, then and afterwards', async () => {
    const client = await open();
    answer = (_command, socket) => socket.destroy();
    await expect(client.execute('quit', {}, signal())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await client.closed;
    await expect(client.execute('cont', {}, signal())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('stops waiting when the signal is aborted, and drops the late answer', async () => {
    const client = await open();
    const held: (() => void)[] = [];
    answer = ({ id }, socket) => held.push(() => socket.write(`{"return": "late", "id": ${id}}\n`));
    const controller = new AbortController();
    const waiting = client.execute('slow', {}, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    answer = ({ id }, socket) => {
      for (const one of held) one();
      socket.write(`{"return": "next", "id": ${id}}\n`);
    };
    expect(await client.execute('next', {}, signal())).toBe('next');
  });

  it('does not wait for a greeting beyond its signal, and closes the connection', async () => {
    greet = false;
    const ended = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    const socket = await connectUnix(join(directory, 'qmp'), signal());
    await expect(openQmp(socket, AbortSignal.timeout(20))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    await ended;
  });
});
