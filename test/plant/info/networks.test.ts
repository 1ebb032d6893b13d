import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VmRecord } from '../../../plant/info/record.js';
import { assignNetwork, networkUse, vmsByDomain } from '../../../plant/network/networks.js';

function vmOn(clientDomain: string, network: number | undefined, holds = true): VmRecord {
  return {
    vm: {
      vmid: 'vm',
      state: 'running',
      plant: 'p',
      clientDomain,
      image: 'i',
      rung: 'warm',
      line: 'l',
      createdAt: 0,
      classad: {},
      vcpus: 1,
      memoryMiB: 1,
      hostname: 'h',
      orderDigest: 'd',
    },
    directory: '/d',
    macs: [],
    holds,
    ...(network === undefined ? {} : { network }),
  };
}

test('a domain stays on its network; another gets the lowest free one, or none', () => {
  const use = networkUse([vmOn('a', 1), vmOn('a', 1), vmOn('b', 0), vmOn('c', 2, false)], 3);
  expect(assignNetwork(use, 'a')).toEqual({ kind: 'assigned', network: 1 });
  expect(assignNetwork(use, 'z')).toEqual({ kind: 'assigned', network: 2 });
  expect(assignNetwork({ ...use, total: 2 }, 'z')).toEqual({ kind: 'none-free' });
  expect(vmsByDomain(use)).toEqual(
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
  );
});

test('whatever comes and goes, two domains never share a network', () => {
  const step = fc.record({ domain: fc.constantFrom('a', 'b', 'c', 'd', 'e'), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (steps, total) => {
      let vms: readonly VmRecord[] = [];
      for (const { domain, leaves } of steps) {
        if (leaves) {
          const at = vms.findIndex(({ vm }) => vm.clientDomain === domain);
          vms = vms.filter((_, index) => index !== at);
        } else {
          const given = assignNetwork(networkUse(vms, total), domain);
          if (given.kind === 'assigned') vms = [...vms, vmOn(domain, given.network)];
          else expect(new Set(vms.map(({ network }) => network)).size).toBe(total);
        }
        const owners = new Map<number, string>();
        for (const { network = -1, vm } of vms) {
          expect(network).toBeLessThan(total);
          expect(owners.get(network) ?? vm.clientDomain).toBe(vm.clientDomain);
          owners.set(network, vm.clientDomain);
        }
      }
    }),
  );
});
