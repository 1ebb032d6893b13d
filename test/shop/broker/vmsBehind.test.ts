import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vm__Output } from '../../../proto/gen/vmplants/v1/Vm.js';
import type { VmState__Output } from '../../../proto/gen/vmplants/v1/VmState.js';
import { createVmsBehind, type News, type VmsBehind } from '../../../shop/broker/vmsBehind.js';

function vm(vmid: string, state: VmState__Output = 'VM_STATE_RUNNING', plant = 'p1'): Vm__Output {
  return {
    vmid,
    state,
    plant,
    clientDomain: 'default',
    image: 'base',
    rung: 'warm',
    line: 'fake',
    createdAt: '1',
    reason: '',
    classad: null,
    vcpus: 1,
    memoryMib: 256,
    hostname: vmid,
    orderDigest: 'd',
    ageMilliseconds: 0,
    unclaimed: false,
  };
}

describe('the VMs of many plants', () => {
  it('that a plant has no more when it is back are gone, those that it still has are not', () => {
    const vms = createVmsBehind();
    vms.listing('p1');
    vms.changed('p1', vm('a'));
    vms.changed('p1', vm('b'));
    expect(vms.listed('p1')).toEqual([]);
    vms.listing('p1');
    vms.changed('p1', vm('b'));
    expect(vms.listed('p1')).toEqual([{ vmid: 'a', vm: undefined }]);
  });

  it('are not gone as long as another plant has them', () => {
    const vms = createVmsBehind();
    vms.changed('one way', vm('a'));
    vms.changed('other way', vm('a'));
    expect(vms.gone('one way', 'a').vm).toEqual(vm('a'));
    expect(vms.gone('other way', 'a')).toEqual({ vmid: 'a', vm: undefined });
  });

  it('are the clients own, whatever a plant that was given up says of its try', () => {
    const vms = createVmsBehind();
    vms.changed('lost', vm('a', 'VM_STATE_PRODUCING', 'lost'));
    const taken = vm('a', 'VM_STATE_RUNNING', 'taken');
    expect(vms.changed('taken', taken).vm).toBe(taken);
    expect(vms.changed('lost', vm('a', 'VM_STATE_COLLECTING', 'lost')).vm).toBe(taken);
    const failed = { ...vm('a', 'VM_STATE_FAILED', 'lost'), unclaimed: true };
    expect(vms.changed('lost', failed).vm).toBe(taken);
    expect(vms.gone('lost', 'a').vm).toBe(taken);
    expect(vms.changed('lost', failed).vm).toBe(taken);
    // What failed and is the client's own comes before a try that still runs, which comes before one that failed.
    const own = vm('a', 'VM_STATE_FAILED', 'taken');
    expect(vms.changed('taken', own).vm).toBe(own);
    expect(vms.changed('taken', vm('a', 'VM_STATE_PRODUCING', 'taken')).vm?.state).toBe('VM_STATE_PRODUCING');
  });

  it('are, for who follows all news, always those that some plant has', () => {
    const plants = fc.constantFrom('p1', 'p2');
    const vmids = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('changed' as const), plant: plants, vmid: vmids }),
      fc.record({ kind: fc.constant('gone' as const), plant: plants, vmid: vmids }),
      fc.record({ kind: fc.constant('restart' as const), plant: plants, kept: fc.uniqueArray(vmids) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const vms = createVmsBehind();
        const real = new Map<string, Set<string>>([
          ['p1', new Set()],
          ['p2', new Set()],
        ]);
        const followed = new Set<string>();
        const follow = (news: readonly News[]): void => {
          for (const { vmid, vm: now } of news) {
            if (now === undefined) followed.delete(vmid);
            else followed.add(vmid);
          }
        };
        for (const one of steps) {
          const has = real.get(one.plant) ?? new Set();
          if (one.kind === 'changed') {
            has.add(one.vmid);
            follow([vms.changed(one.plant, vm(one.vmid))]);
          } else if (one.kind === 'gone') {
            has.delete(one.vmid);
            follow([vms.gone(one.plant, one.vmid)]);
          } else {
            const kept = one.kept.filter((vmid) => has.has(vmid));
            real.set(one.plant, new Set(kept));
            follow(relisted(vms, one.plant, kept));
          }
        }
        expect([...followed].sort()).toEqual(
          [...new Set([...real.values()].flatMap((set) => [...set]))].sort(),
        );
      }),
    );
  });
});

function relisted(vms: VmsBehind, plant: string, kept: readonly string[]): readonly News[] {
  vms.listing(plant);
  return [...kept.map((vmid) => vms.changed(plant, vm(vmid))), ...vms.listed(plant)];
}
