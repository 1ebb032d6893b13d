import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { PublishRequest__Output } from '../../proto/gen/vmplants/v1/PublishRequest.js';
import { type CreateEvent, connectVmshop, RequestDocument, type VmshopClient } from '../../shop/client.js';
import { BID, type FakeShop, IMAGE, PLAN, type ShopScript, startFakeShop, VM, VMID } from './cli/fakeShop.js';

let shop: FakeShop | undefined;
let client: VmshopClient | undefined;
afterEach(async () => {
  client?.close();
  await shop?.stop();
});

async function connect(script: ShopScript = {}): Promise<VmshopClient> {
  shop = await startFakeShop(script);
  client = connectVmshop({ address: shop.address });
  return client;
}

describe('the client library', () => {
  it('creates a VM, telling what happens', async () => {
    const connected = await connect();
    const events: CreateEvent['kind'][] = [];
    const vm = await connected.create(
      {
        operatingSystem: { name: 'micro' },
        actions: [{ name: 'a', files: [{ path: 'f', content: Buffer.from([0, 255]) }] }],
      },
      { requestId: 'job-1', keepFailed: true, onEvent: (event) => events.push(event.kind) },
    );
    expect(vm).toEqual(VM);
    expect(events).toEqual(['accepted', 'auction', 'plan', 'progress', 'vm']);
    expect(shop?.requests[0]).toMatchObject({ requestId: 'job-1', keepFailed: true });
    expect(JSON.parse(shop?.requests[0]?.document?.content.toString() ?? '')).toEqual({
      operatingSystem: { name: 'micro' },
      actions: [{ name: 'a', files: [{ path: 'f', base64: 'AP8=' }] }],
    });
  });

  it('sends a document as it was written', async () => {
    const connected = await connect();
    await connected.create(new RequestDocument('xml', '<request/>'));
    expect(shop?.requests[0]?.document).toMatchObject({ format: 'xml', content: Buffer.from('<request/>') });
  });

  it('answers in the terms of the model', async () => {
    const connected = await connect();
    expect(await connected.query(VMID)).toEqual(VM);
    expect(await connected.list()).toEqual({ vms: [VM], unreachable: ['south'] });
    expect(await connected.collect(VMID)).toEqual({ vmid: VMID, collected: true });
    const answer = await connected.plan({});
    expect(answer.offers).toEqual([{ bid: BID, plan: PLAN }]);
    expect(answer.refusals).toMatchObject([{ plant: 'south', rejected: [{ image: 'micro' }] }]);
    expect((await connected.bids({})).bids).toEqual([BID]);
    expect((await connected.images()).images).toMatchObject([{ name: 'micro', warm: true, diskMiB: 64 }]);
    expect(await connected.plants()).toMatchObject([{ name: 'north', lines: [{ accelerator: 'tcg' }] }]);
  });

  it('rejects with a VmplantsError', async () => {
    const connected = await connect();
    const error = await connected.query('vm-none').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VmplantsError);
    expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'NO_SUCH_VM' });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    await expect(connected.create(circular)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(() => connectVmshop({ address: 'nowhere' })).toThrow('expected host:port');
  });

  it('has deadlines, and obeys signals', async () => {
    const connected = await connect({ list: () => new Promise<never>(() => {}) });
    await expect(connected.list({ timeoutMilliseconds: 100 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    await expect(connected.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('does not take a creation for done that ended without a VM', async () => {
    const connected = await connect({
      async *create() {
        yield { accepted: { vmid: VMID } };
      },
    });
    await expect(connected.create({})).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});

describe('the golden images of the client library', () => {
  const KEY = 'f'.repeat(64);

  it('are published from a request, telling what happens', async () => {
    const connected = await connect();
    const kinds: string[] = [];
    const published = await connected.publish(VMID, 'web', { onEvent: ({ kind }) => kinds.push(kind) });
    expect(kinds).toEqual(['progress', 'published']);
    expect(published).toMatchObject({
      image: { name: 'web', origin: 'recipe' },
      leftOut: ['user', 'mount'],
      scrubbed: [],
    });
    expect(published).not.toHaveProperty('opaqueKey');
    expect(published).not.toHaveProperty('pausedSeconds');
  });

  it('are published as the VM is, also when it stood still for less than can be measured', async () => {
    const asked: PublishRequest__Output[] = [];
    const connected = await connect({
      async *publish(request) {
        asked.push(request);
        yield { published: { image: IMAGE, opaqueKey: KEY } };
      },
    });
    const live = { scrub: 'true', keep: ['user'] };
    const published = await connected.publish(VMID, 'tuned', { live, shared: 'memory', pinned: true });
    expect(published).toMatchObject({ opaqueKey: KEY, pausedSeconds: 0 });
    expect(asked).toMatchObject([
      { shared: 'memory', pinned: true, way: 'live', live: { memory: false, scrub: 'true', keep: ['user'] } },
    ]);
    await expect(connected.publish(VMID, 'both', { live, request: {} })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(asked).toHaveLength(1);
  });

  it('are not taken for published when the shop names none', async () => {
    const connected = await connect({
      async *publish() {
        yield { progress: { phase: 'freeze' } };
      },
    });
    await expect(connected.publish(VMID, 'web')).rejects.toMatchObject({ code: 'DATA_LOSS' });
    await shop?.stop();
    const nameless = await connect({
      async *publish() {
        yield { published: {} };
      },
    });
    await expect(nameless.publish(VMID, 'web')).rejects.toMatchObject({ reason: 'MALFORMED_ANSWER' });
  });

  it('are shared and pinned, one thing at a time', async () => {
    const asked: object[] = [];
    const connected = await connect({
      updateImage: async ({ name, clientDomain, shared, pinned }) => {
        asked.push({ name, clientDomain, shared, pinned });
        return { images: [IMAGE], unreachable: ['south'] };
      },
    });
    const answer = await connected.shareImage('web', 'no', { clientDomain: 'lab.example' });
    expect(answer).toMatchObject({ images: [{ name: 'micro', shared: 'memory' }], unreachable: ['south'] });
    await connected.pinImage('web', false);
    expect(asked).toEqual([
      { name: 'web', clientDomain: 'lab.example', shared: 'no', pinned: undefined },
      { name: 'web', clientDomain: '', shared: undefined, pinned: false },
    ]);
  });

  it('are listed for a domain, those in quarantine apart', async () => {
    const connected = await connect({
      images: (domain) => [
        { ...IMAGE, owner: domain },
        { plant: 'north', name: 'broken', problem: 'why' },
      ],
    });
    const { images, quarantined } = await connected.images({ clientDomain: 'lab.example' });
    expect(images).toMatchObject([{ name: 'micro', owner: 'lab.example' }]);
    expect(quarantined).toEqual([{ plant: 'north', name: 'broken', problem: 'why' }]);
  });

  it('are learned', async () => {
    const connected = await connect({
      learn: async ({ dryRun }) => ({ reports: [{ plant: 'north', enabled: dryRun, bytes: '7' }] }),
    });
    const { reports } = await connected.learn({ dryRun: true });
    expect(reports).toMatchObject([{ plant: 'north', enabled: true, bytes: 7, bake: [] }]);
    expect((await connected.learn()).reports).toMatchObject([{ enabled: false }]);
  });
});

describe('another language', () => {
  it('needs nothing but the .proto files: the Python example creates, queries and collects', async () => {
    shop = await startFakeShop();
    const example = fileURLToPath(new URL('../../examples/python/create_query_collect.py', import.meta.url));
    const run = await promisify(execFile)('/usr/bin/python3', [example], {
      env: { PATH: process.env.PATH, VMSHOP_ADDRESS: shop.address },
      timeout: 25_000,
    });
    expect(run.stdout.split('\n')).toEqual([
      `VMID = "${VMID}"`,
      'Hostname = "ws1"',
      'MemoryMiB = 512',
      'Motd = "hi\\u001b[31m \\"there\\""',
      '',
    ]);
    expect(shop.requests[0]?.machine?.operatingSystem?.name).toBe('micro');
    expect(shop.collected).toEqual([VMID]);
  });
});
