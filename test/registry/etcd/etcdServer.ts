import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEtcdStore } from '../../../registry/etcd/etcdStore.js';
import { stopProcess } from './stopProcess.js';
import { until } from './until.js';

/** An etcd of one member, of this test alone. */
export interface EtcdServer {
  readonly endpoint: string;
  /** As a crash does; its data stay. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it on its data and the same address, and waits until it answers. */
  readonly start: () => Promise<void>;
  /** Removes the data of one that does not run. */
  readonly wipe: () => Promise<void>;
  /** From then on it holds its connections and answers nothing. */
  readonly stall: () => Promise<void>;
  readonly resume: () => void;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
}

export const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() };

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Etcd takes no port 0, so one that was free a moment ago may be taken: then another is tried. */
const ATTEMPTS = 5;

/** A new etcd. `started: false`: it has an address only. */
export async function openEtcd({ started = true } = {}): Promise<EtcdServer> {
  for (let attempt = 1; ; attempt++) {
    const server = await prepare();
    if (!started) return server;
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** Installed, or unpacked beside the sources by `setup/ready.mjs`. */
function program(): string {
  const installed = '/usr/bin/etcd';
  return existsSync(installed) ? installed : join(ROOT, '.vmplants/tools/etcd-server/usr/bin/etcd');
}

async function prepare(): Promise<EtcdServer> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-etcd-'));
  const [client, peer] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  return {
    endpoint,
    kill,
    start: async () => {
      const args = [
        ...['--name', 'test', '--data-dir', join(directory, 'data'), '--log-level', 'error'],
        ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
        ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ...['--initial-cluster', `test=${peerUrl}`],
      ];
      const process_ = spawn(program(), args, { stdio: 'ignore' });
      child = process_;
      let running = true;
      ended = new Promise((resolve) => {
        const end = (): void => {
          running = false;
          resolve();
        };
        process_.on('error', end);
        process_.on('close', end);
      });
      await until('etcd answers', async () => {
        if (!running) throw new Error('etcd ended');
        return await answers(endpoint);
      });
    },
    wipe: () => rm(join(directory, 'data'), { recursive: true, force: true }),
    stall: async () => {
      if (child === undefined) throw new Error('etcd does not run');
      await stopProcess(child);
    },
    resume: () => void child?.kill('SIGCONT'),
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(endpoint: string): Promise<boolean> {
  const store = openEtcdStore(endpoint, CLOCK, new AbortController().signal);
  try {
    await store.newest('/');
    return true;
  } catch {
    return false;
  } finally {
    store.close();
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      if (address === null || typeof address === 'string') throw new Error('no port');
      return address.port;
    }),
  );
}
