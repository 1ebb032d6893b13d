import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { contracts } from '../../proto/load.js';
import { orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import { messageShape } from '../../proto/messageShape.js';
import { findWireFault, type MessageShape, REQUEST_LIMITS } from '../../proto/wireBounds.js';
import { arbitraryRequest } from './arbitraryRequest.js';

const { definition, plant, shop } = contracts();
const bidRequest = messageShape(definition, 'vmplants.v1.BidRequest');
/** Requests as a client sends them. */
const arbitraryMachine = arbitraryRequest.map((plain) => orderToMachineRequest(createOrder(plain)));
const faultOf = (bytes: Uint8Array, shape: MessageShape = bidRequest) =>
  findWireFault(bytes, shape, REQUEST_LIMITS);

/** Field 1, `machine`, around some bytes. */
function inMachine(inner: Uint8Array): Buffer {
  return field(1, inner);
}

function field(number: number, inner: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = inner.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest > 127 ? (rest % 128) + 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), inner]);
}

describe('the scan of an encoded message', () => {
  it('lets every request pass that a client can make', () => {
    fc.assert(
      fc.property(arbitraryMachine, (machine) => {
        expect(faultOf(plant.Bid.requestSerialize({ machine, explain: true }))).toBeUndefined();
      }),
    );
  });

  it('counts to the limit, through nested messages, and no further', () => {
    const actions = (count: number): Buffer => inMachine(Buffer.alloc(2 * count, Buffer.from([0x3a, 0])));
    // One value is `machine` itself.
    expect(faultOf(actions(REQUEST_LIMITS.values - 1))).toBeUndefined();
    expect(faultOf(actions(REQUEST_LIMITS.values))).toEqual({ kind: 'too-many-values' });
  });

  it('counts entries of maps and fields that it does not know', () => {
    const entries = inMachine(Buffer.alloc(4 * 60_000, Buffer.from([0x32, 2, 0x0a, 0])));
    expect(faultOf(entries)).toEqual({ kind: 'too-many-values' });
    const unknown = Buffer.alloc(2 * 100_001, Buffer.from([0x78, 0]));
    expect(faultOf(unknown)).toEqual({ kind: 'too-many-values' });
  });

  it('steps over contents, whatever they look like', () => {
    const content = Buffer.alloc(16 * 1024 * 1024, Buffer.from([0x3a, 0]));
    const actions = [{ name: 'a', guest: { script: 'x', files: [{ path: 'f', content }] } }];
    expect(faultOf(plant.Bid.requestSerialize({ machine: { actions } }))).toBeUndefined();
    const document = shop.Bids.requestSerialize({ document: { format: 'yaml', content } });
    expect(faultOf(document, messageShape(definition, 'vmplants.v1.BidsRequest'))).toBeUndefined();
  });

  it('ends at messages that are nested too deep', () => {
    let action: Buffer = Buffer.alloc(0);
    // An action in the handler of an action.
    for (let depth = 0; depth < 40; depth += 1) action = field(7, field(2, action));
    expect(faultOf(inMachine(field(7, action)))).toEqual({ kind: 'too-deep' });
  });

  it.each([
    ['a known field of another wire type', [0x38, 0]],
    ['a group', [0x7b, 0x7c]],
    ['field number 0', [0x02, 0]],
    ['a length beyond the end', [0x3a, 5]],
    ['a length of more than 32 bits', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a tag that is cut off', [0xba]],
    ['a number that is cut off', [0x78, 0x80]],
    ['a number of eleven bytes', [0x78, ...Array<number>(10).fill(0x80), 0]],
    // Six bytes, where the decoder would take ten and so begin the next field elsewhere.
    ['a 32-bit number that the decoder misreads', [0x0a, 8, 0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x78]],
    ['a fixed number that is cut off', [0x79, 0, 0]],
  ])('refuses %s', (_, bytes) => {
    expect(faultOf(inMachine(Uint8Array.from(bytes)))).toMatchObject({ kind: 'malformed' });
  });

  it('passes nothing that the decoder then stumbles over', () => {
    const damaged = fc
      .tuple(arbitraryMachine, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
      .map(([machine, changes]) => {
        const bytes = Buffer.from(plant.Bid.requestSerialize({ machine }));
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      });
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (bytes) => {
        if (faultOf(bytes) === undefined) {
          expect(() => plant.Bid.requestDeserialize(bytes)).not.toThrow();
        }
      }),
      { numRuns: 500 },
    );
  });
});
