import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { VmplantsError } from '../../model/errors.js';
import type { MachineRequest, MachineRequest__Output } from '../../proto/gen/vmplants/v1/MachineRequest.js';
import { contracts } from '../../proto/load.js';
import { orderFromMachineRequest, orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import { requestPath } from '../../proto/mapping/requestPath.js';
import { arbitraryRequest } from './arbitraryRequest.js';

/** As it arrives: through the bytes of the wire. */
function received(machine: MachineRequest): MachineRequest__Output {
  const { requestSerialize, requestDeserialize } = contracts().plant.Bid;
  const arrived = requestDeserialize(requestSerialize({ machine })).machine;
  if (arrived === null) return expect.unreachable('the message was lost');
  return arrived;
}

function refusalOf(machine: MachineRequest): VmplantsError {
  try {
    orderFromMachineRequest(received(machine));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(VmplantsError);
    return thrown as VmplantsError;
  }
  return expect.unreachable('the request was expected to be refused');
}

const debian = { operatingSystem: { name: 'debian' } };

describe('an order on its way to a plant', () => {
  it('arrives as the same order', () => {
    fc.assert(
      fc.property(arbitraryRequest, (plain) => {
        const order = createOrder(plain);
        const arrived = orderFromMachineRequest(received(orderToMachineRequest(order)));
        expect(arrived.digest).toBe(order.digest);
        expect(arrived).toEqual(order);
      }),
      { numRuns: 150 },
    );
  });

  it('takes the same defaults as every other format', () => {
    const order = orderFromMachineRequest(received(debian));
    expect(order.digest).toBe(createOrder({ operatingSystem: { name: 'debian' } }).digest);
  });
});

describe('a message that is no request', () => {
  it('is told so with the paths of its own fields', () => {
    const error = refusalOf({
      ...debian,
      hardware: { vcpus: 65, memoryMib: 1 },
      clientDomain: '-x',
      actions: [
        { name: 'a', guest: { script: 'true', timeoutSeconds: 1e9, files: [{ path: '../x' }] } },
        { name: 'b', after: ['A'], guest: { script: ' ' }, maxAgeSeconds: -1 },
        { name: 'c', host: { addDisk: { sizeMib: 0 } } },
        { name: 'd' },
        { name: 'o', opaque: { key: 'ABC' }, maxAgeSeconds: 5, identity: true, onError: {} },
        {
          name: 'e',
          guest: { script: 'x' },
          onError: {
            then: 'go-on-at',
            goOnAt: 'a',
            handler: [{ name: 'h', guest: { script: 'x', timeoutSeconds: -3 } }],
          },
        },
      ],
    });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.violations.map((violation) => violation.field).sort()).toEqual([
      'machine.actions[0].guest.files[0].path',
      'machine.actions[0].guest.timeout_seconds',
      'machine.actions[1].after[0]',
      'machine.actions[1].guest.script',
      'machine.actions[1].max_age_seconds',
      'machine.actions[2].host.add_disk.size_mib',
      'machine.actions[3].guest.script',
      'machine.actions[4].identity',
      'machine.actions[4].max_age_seconds',
      'machine.actions[4].on_error',
      'machine.actions[4].opaque.key',
      'machine.actions[5].on_error.go_on_at',
      'machine.actions[5].on_error.handler[0].guest.timeout_seconds',
      'machine.client_domain',
      'machine.hardware.memory_mib',
      'machine.hardware.vcpus',
    ]);
  });

  it.each<[string, MachineRequest, string]>([
    [
      'a parameter twice',
      {
        ...debian,
        actions: [
          {
            name: 'a',
            guest: {
              script: 'x',
              parameters: [
                { name: 'p', value: '1' },
                { name: 'p', value: '2' },
              ],
            },
          },
        ],
      },
      'machine.actions[0].guest.parameters[1].name',
    ],
    [
      'a place to go on at without going on',
      { ...debian, actions: [{ name: 'a', guest: { script: 'x' }, onError: { goOnAt: 'end' } }] },
      'machine.actions[0].on_error.go_on_at',
    ],
    [
      'not a number',
      { ...debian, actions: [{ name: 'a', guest: { script: 'x', timeoutSeconds: Number.NaN } }] },
      'machine.actions[0].guest.timeout_seconds',
    ],
    [
      'set-user-ID bits',
      { ...debian, actions: [{ name: 'a', guest: { script: 'x', files: [{ path: 'f', mode: 0o4755 }] } }] },
      'machine.actions[0].guest.files[0].mode',
    ],
    ['no operating system', {}, 'machine.operating_system.name'],
    ['another instruction set', { ...debian, hardware: { isa: 'arm64' } }, 'machine.hardware.isa'],
  ])('%s', (_, machine, field) => {
    expect(refusalOf(machine).violations.map((violation) => violation.field)).toEqual([field]);
  });

  it('is refused when it is missing', () => {
    expect(() => orderFromMachineRequest(null)).toThrow(/^machine: expected a machine request/);
  });

  it('cannot make the reader recurse without end', () => {
    let action = { name: 'a', guest: { script: 'x' } } as NonNullable<MachineRequest['actions']>[number];
    for (let depth = 0; depth < 40; depth++) {
      action = { name: 'a', guest: { script: 'x' }, onError: { handler: [action] } };
    }
    const error = refusalOf({ ...debian, actions: [action] });
    expect(error.code).toBe('INVALID_ARGUMENT');
  });
});

describe('the path of a field', () => {
  it.each([
    ['', ''],
    ['identity["a.b"]', 'identity["a.b"]'],
    ['identity.timeout', 'identity.timeout'],
    ['hardware.diskette', 'hardware.diskette'],
    ['actions[3].environment.script', 'actions[3].guest.environment.script'],
    ['actions[1].host.attachIso.files[2].path', 'actions[1].host.attach_iso.files[2].path'],
    ['actions[0].onError.retries', 'actions[0].on_error.retries'],
    [
      'actions[0].onError.handler.actions[1].onError.handler.actions[2].files[0].mode',
      'actions[0].on_error.handler[1].on_error.handler[2].guest.files[0].mode',
    ],
  ])('%s', (plain, message) => {
    expect(requestPath(plain)).toBe(message);
  });
});
