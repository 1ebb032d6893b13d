import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';
import { unary } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import { vmToMessage } from '../../proto/mapping/vm.js';
import { boundedClassadCache } from '../../shop/classadCache.js';
import { until } from '../registry/etcd/until.js';
import { createdVm, gate, machine, openStage, rejection, SOON } from './testShop.js';

const { Query, List, Collect } = contracts().shop;

const vmOf = (vmid: string, more: Partial<Vm> = {}): Vm => ({
  vmid,
  state: 'running',
  plant: 'p',
  clientDomain: 'default',
  image: 'i',
  rung: 'warm',
  line: 'fake',
  createdAt: 0,
  classad: { VMID: vmid },
  vcpus: 1,
  memoryMiB: 64,
  hostname: vmid,
  orderDigest: 'd',
  ...more,
});

/** A cache whose clock the test moves. */
function openCache(capacity = 100) {
  const clock = { now: 1000 };
  return { clock, cache: boundedClassadCache(capacity, () => clock.now) };
}

describe('what plants said', () => {
  it('is known for as long as it is young enough, and says its age', () => {
    const { clock, cache } = openCache();
    cache.note('a', vmOf('x'));
    clock.now += 700;
    expect(cache.vm('x', 700)).toEqual(
      vmOf('x', { ageMilliseconds: 700, classad: { VMID: 'x', CachedSeconds: 0.7 } }),
    );
    expect(cache.vm('x', 699)).toBeUndefined();
    expect(cache.vm('y', 700)).toBeUndefined();
    cache.forget('x');
    expect(cache.vm('x', 10_000)).toBeUndefined();
  });

  it('is as old as it was when it came', () => {
    const { clock, cache } = openCache();
    cache.note('broker', vmOf('x', { ageMilliseconds: 400 }));
    clock.now += 100;
    expect(cache.vm('x', 10_000)?.ageMilliseconds).toBe(500);
    expect(cache.vm('x', 450)).toBeUndefined();
    cache.noteList('broker', '', [vmOf('x', { ageMilliseconds: 400 })]);
    expect(cache.list('broker', '', 399)).toBeUndefined();
    expect(cache.list('broker', '', 400)).toHaveLength(1);
  });

  it('is that of the plant that has the VM for good, where two have it', () => {
    const { cache } = openCache();
    cache.note('a', vmOf('x', { plant: 'a' }));
    cache.note('b', vmOf('x', { plant: 'b', state: 'producing' }));
    expect(cache.vm('x', 1)?.plant).toBe('a');
    cache.forget('x');
    cache.note('b', vmOf('x', { plant: 'b', state: 'failed', unclaimed: true }));
    cache.note('c', vmOf('x', { plant: 'c', state: 'collecting' }));
    cache.note('a', vmOf('x', { plant: 'a' }));
    expect(cache.vm('x', 1)?.plant).toBe('a');
  });

  it('is a list only where the plant gave one; what is heard meanwhile is in it', () => {
    const { clock, cache } = openCache();
    cache.note('a', vmOf('x'));
    expect(cache.list('a', '', 10_000)).toBeUndefined();
    cache.noteList('a', '', [vmOf('y', { clientDomain: 'other' })]);
    const vmids = (domain: string, maxAge = 10_000) =>
      cache.list('a', domain, maxAge)?.map(({ vmid }) => vmid);
    // It is not there any more.
    expect(vmids('')).toEqual(['y']);
    clock.now += 50;
    cache.note('a', vmOf('z'));
    expect([vmids(''), vmids('default'), vmids('other')]).toEqual([['y', 'z'], ['z'], ['y']]);
    expect([vmids('', 49), vmids('other', 49)]).toEqual([undefined, undefined]);
    // The list of one domain says nothing of the others.
    cache.noteList('a', 'default', []);
    expect([vmids('default', 1), vmids('', 1)]).toEqual([[], undefined]);
    cache.forget('y');
    expect(vmids('')).toEqual([]);
  });

  it('is not remembered again of a VM that is gone, by what was asked before', () => {
    const { clock, cache } = openCache();
    const vmids = () => cache.list('a', '', 10_000)?.map(({ vmid }) => vmid);
    const before = cache.moment();
    cache.forget('x');
    cache.note('a', vmOf('x'), before);
    cache.noteList('a', '', [vmOf('x'), vmOf('y')], before);
    expect([cache.vm('x', 10_000), vmids()]).toEqual([undefined, ['y']]);
    clock.now += 10;
    // A broker's memory is from before, too.
    cache.note('a', vmOf('x', { ageMilliseconds: 20 }));
    expect(cache.vm('x', 10_000)).toBeUndefined();
    // A repeated create may have made it again.
    cache.note('a', vmOf('x'), cache.moment());
    expect([cache.vm('x', 10_000)?.vmid, vmids()]).toEqual(['x', ['y', 'x']]);
  });

  it('is bounded: what was said first goes first, and a list that is not whole any more is none', () => {
    const { cache } = openCache(2);
    cache.noteList('a', '', [vmOf('x'), vmOf('y')]);
    expect(cache.list('a', '', 1)).toHaveLength(2);
    cache.note('b', vmOf('z'));
    expect([cache.vm('x', 1), cache.list('a', '', 1)]).toEqual([undefined, undefined]);
    expect(cache.vm('y', 1)).toBeDefined();
  });

  it('is never older than asked for, and never more than was said, whatever happens', () => {
    const act = fc.record({
      address: fc.constantFrom('a', 'b'),
      vmids: fc.subarray(['v', 'w', 'x', 'y', 'z']),
      kind: fc.constantFrom('note' as const, 'list' as const, 'forget' as const),
      after: fc.nat(20),
      maxAge: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (acts, capacity) => {
        const { clock, cache } = openCache(capacity);
        let lists = new Map<string, { readonly at: number; readonly vmids: Set<string> }>();
        for (const { address, vmids, kind, after, maxAge } of acts) {
          clock.now += after;
          const list = lists.get(address);
          if (kind === 'list') {
            cache.noteList(
              address,
              '',
              vmids.map((vmid) => vmOf(vmid)),
            );
            lists.set(address, { at: clock.now, vmids: new Set(vmids) });
          } else
            for (const vmid of vmids) {
              if (kind === 'note') {
                cache.note(address, vmOf(vmid));
                list?.vmids.add(vmid);
              } else {
                cache.forget(vmid);
                lists = new Map(
                  [...lists].map(([name, one]) => [
                    name,
                    { at: one.at, vmids: new Set([...one.vmids].filter((other) => other !== vmid)) },
                  ]),
                );
              }
            }
          for (const name of ['a', 'b']) {
            const known = cache.list(name, '', maxAge);
            if (known === undefined) continue;
            expect(clock.now - (lists.get(name)?.at ?? Number.NEGATIVE_INFINITY)).toBeLessThanOrEqual(maxAge);
            expect(known.map(({ vmid }) => vmid).sort()).toEqual([...(lists.get(name)?.vmids ?? [])].sort());
          }
        }
      }),
    );
  });
});

describe('a shop that is asked for what it remembers', () => {
  const stage = openStage();
  afterEach(stage.clear);

  it('answers without its plants, and asks them when that is too old or it never knew', async () => {
    const plants = [await stage.plant({ name: 'a', cost: 1 }), await stage.plant({ name: 'b', cost: 2 })];
    const shop = await stage.shop(plants);
    const calls = () => plants.map((plant) => plant.calls.filter((call) => /Query|List/.test(call)).length);
    const { vmid } = await createdVm(shop.create());
    const query = (maxAgeMilliseconds: number) =>
      shop.channel.unary(Query, { vmid, maxAgeMilliseconds }, SOON);
    const cached = await query(60_000);
    expect(cached.ageMilliseconds).toBeGreaterThan(0);
    expect(cached.classad?.attributes.map(({ name }) => name)).toContain('CachedSeconds');
    expect(calls()).toEqual([0, 0]);
    expect((await query(0)).ageMilliseconds).toBe(0);
    expect(calls()).toEqual([1, 0]);

    const list = async (maxAgeMilliseconds: number) =>
      (await shop.channel.unary(List, { maxAgeMilliseconds }, SOON)).vms.map((vm) => [
        vm.vmid,
        vm.ageMilliseconds > 0,
      ]);
    // It knows of one VM, not that there is no other.
    expect(await list(60_000)).toEqual([[vmid, false]]);
    expect(calls()).toEqual([2, 1]);
    expect(await list(60_000)).toEqual([[vmid, true]]);
    const second = await createdVm(shop.create({ machine, requestId: 'r', firstUse: true }));
    expect(await list(60_000)).toEqual([
      [vmid, true],
      [second.vmid, true],
    ]);
    expect(calls()).toEqual([2, 1]);
    await shop.channel.unary(Collect, { vmid }, SOON);
    expect(await list(60_000)).toEqual([[second.vmid, true]]);
    expect(await list(0)).toEqual([[second.vmid, false]]);
  });

  it('answers for a plant that is out of reach, and says that it is when it has to ask', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const { vmid } = await createdVm(shop.create());
    await shop.channel.unary(List, {}, SOON);
    await plant.stop();
    const remembered = await shop.channel.unary(List, { maxAgeMilliseconds: 60_000 }, SOON);
    expect([remembered.vms.map((vm) => vm.vmid), remembered.unreachable]).toEqual([[vmid], []]);
    const asked = await shop.channel.unary(List, {}, SOON);
    expect([asked.vms, asked.unreachable]).toEqual([[], [plant.address]]);
    expect((await shop.channel.unary(Query, { vmid, maxAgeMilliseconds: 60_000 }, SOON)).vmid).toBe(vmid);
  });

  it('does not remember a VM that was collected while it was being listed and asked for', async () => {
    const { opened, open } = gate();
    let slow = false;
    const held = new Map<string, Vm>();
    const calls: string[] = [];
    // Reads its records, and answers later.
    const late = async <T>(name: string, answer: T): Promise<T> => {
      if (!slow) return answer;
      calls.push(name);
      await opened;
      return answer;
    };
    const plant = await stage.plant({
      name: 'a',
      handlers: (logger) => ({
        List: unary(() => late('List', { vms: [...held.values()].map(vmToMessage) }), logger),
        Query: unary(({ vmid }) => {
          const vm = held.get(vmid);
          if (vm === undefined) throw new VmplantsError('NOT_FOUND', 'gone');
          return late('Query', vmToMessage(vm));
        }, logger),
        Collect: unary(async ({ vmid }) => ({ vmid, collected: held.delete(vmid) }), logger),
      }),
    });
    const shop = await stage.shop([plant]);
    const { vmid } = await createdVm(shop.create());
    held.set(vmid, vmOf(vmid, { plant: 'a' }));
    slow = true;
    const listing = shop.channel.unary(List, {}, SOON);
    const asking = shop.channel.unary(Query, { vmid }, SOON);
    await until('both are under way', () => calls.length === 2);
    slow = false;
    await shop.channel.unary(Collect, { vmid }, SOON);
    open();
    await Promise.all([listing, asking]);
    expect((await shop.channel.unary(List, { maxAgeMilliseconds: 60_000 }, SOON)).vms).toEqual([]);
    const gone = await rejection(shop.channel.unary(Query, { vmid, maxAgeMilliseconds: 60_000 }, SOON));
    expect(gone.code).toBe('NOT_FOUND');
  });
});
