import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnCli } from '../../cli/spawnCli.js';
import { type FakeShop, startFakeShop, VMID } from './fakeShop.js';

const MAIN = 'shop/cli/main.ts';
const REQUEST = 'operatingSystem: { name: micro }\nactions: []\n';

/** Says on stderr which modules of gRPC were loaded. */
const TELL_GRPC = `data:text/javascript,${encodeURIComponent(`
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(
  "export async function load(url, context, next) { if (url.includes('/@grpc/')) process._rawDebug('GRPC ' + url); return next(url, context); }"
));`)}`;

let shop: FakeShop;
beforeAll(async () => {
  shop = await startFakeShop();
});
afterAll(() => shop.stop());

describe('the process vmshop', () => {
  it('creates from standard input and prints the VMID alone', async () => {
    const run = spawnCli(MAIN, ['create', '-f', '-', '-q'], {
      stdin: REQUEST,
      variables: { VMSHOP_ADDRESS: shop.address },
    });
    expect(await run.ended).toBe(0);
    expect([run.stdout(), run.stderr()]).toEqual([`${VMID}\n`, '']);
    // Its own request ID: a create that is repeated by hand is another one.
    expect(shop.requests.at(-1)?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('ends with the code of the error, as JSON when asked for', async () => {
    const run = spawnCli(MAIN, ['get', 'vm-none', '-o', 'json', '--address', shop.address]);
    expect(await run.ended).toBe(3);
    expect(JSON.parse(run.stderr())).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says its version and its help without loading gRPC', async () => {
    for (const args of [['--version'], ['create', '--help'], ['completion', 'bash']]) {
      const run = spawnCli(MAIN, args, { nodeArguments: ['--import', TELL_GRPC] });
      expect(await run.ended).toBe(0);
      expect(run.stdout()).not.toBe('');
      expect(run.stderr()).not.toContain('GRPC');
    }
    // The same trap does spring where gRPC is needed.
    const run = spawnCli(MAIN, ['list', '--address', shop.address], {
      nodeArguments: ['--import', TELL_GRPC],
    });
    await run.ended;
    expect(run.stderr()).toContain('GRPC');
  });

  it('stops waiting at Ctrl-C with 130 and a way to go on, and leaves the VM alone', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vmplants-interrupt-'));
    const waiting = await startFakeShop({
      async *create(_request, signal) {
        yield { accepted: { vmid: VMID } };
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    });
    try {
      const file = join(directory, 'request.yaml');
      await writeFile(file, REQUEST);
      const run = spawnCli(MAIN, [
        'create',
        '-f',
        file,
        '--request-id',
        'job-7',
        '--address',
        waiting.address,
      ]);
      await expect.poll(run.stderr, { timeout: 20_000 }).toContain(`${VMID}: accepted`);
      run.child.kill('SIGINT');
      expect(await run.ended).toBe(130);
      expect(run.stderr()).toContain(`vmshop create -f ${file} --request-id job-7`);
      expect(run.stdout()).toBe('');
      expect(waiting.collected).toEqual([]);
    } finally {
      await waiting.stop();
      await rm(directory, { recursive: true });
    }
  });

  it('is quiet when the reader of its output has seen enough', async () => {
    const run = spawnCli(MAIN, ['list', '-q', '--address', shop.address]);
    run.child.stdout?.destroy();
    expect(await run.ended).toBe(0);
    expect(run.stderr()).not.toContain('EPIPE');
  });
});
