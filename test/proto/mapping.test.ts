import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Classad, ClassadValue } from '../../model/classad.js';
import type { GoldenImage } from '../../model/goldenImage.js';
import type { Plan } from '../../model/plan.js';
import type { Vm } from '../../model/vm.js';
import type { Image as ImageMessage } from '../../proto/gen/vmplants/v1/Image.js';
import { contracts } from '../../proto/load.js';
import { bidFromMessage, bidToMessage } from '../../proto/mapping/bid.js';
import { type ImageSummary, imageFromMessage, imageToMessage } from '../../proto/mapping/image.js';
import { planFromMessage, planToMessage } from '../../proto/mapping/plan.js';
import {
  type PlantDescription,
  plantDescriptionFromMessage,
  plantDescriptionToMessage,
} from '../../proto/mapping/plantDescription.js';
import { plantStatusFromMessage } from '../../proto/mapping/plantStatus.js';
import { progressFromMessage, progressToMessage } from '../../proto/mapping/progress.js';
import { refusalFromMessage, refusalToMessage } from '../../proto/mapping/refusal.js';
import { vmFromMessage, vmToMessage } from '../../proto/mapping/vm.js';

const { plant, shop } = contracts();

interface Wire<In, Out> {
  readonly responseSerialize: (message: In) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Out;
}

/** As it arrives: through the bytes of the wire. */
function received<In, Out>(method: Wire<In, Out>, message: In): Out {
  return method.responseDeserialize(method.responseSerialize(message));
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) return expect.unreachable('the message was lost');
  return value;
}

const vm: Vm = {
  vmid: 'vm-abcdefghijklmnopqrstuvwxyz',
  state: 'running',
  plant: 'p1',
  clientDomain: 'example.org',
  image: 'debian-12',
  rung: 'warm',
  line: 'qemu',
  createdAt: 1_790_000_000_123,
  classad: { VMID: 'vm-x', MemoryMiB: 512, Isolation: false, Seconds: 1.5 },
  vcpus: 2,
  memoryMiB: 512,
  hostname: 'ws1',
  orderDigest: 'd'.repeat(64),
};

const plan: Plan = {
  orderDigest: 'd'.repeat(64),
  image: 'debian-12',
  rung: 'disk',
  line: 'uml',
  rungReason: 'another CPU model',
  prepared: false,
  performed: [{ name: 'a', key: 'ka' }],
  stages: [
    {
      kind: 'guest',
      actions: [
        { name: 'b', key: 'kb' },
        { name: 'c', key: 'kc' },
      ],
    },
    { kind: 'host', action: { name: 'd', key: 'kd' } },
  ],
  residualSeconds: 3.5,
  savedSeconds: 60,
  rejected: [
    { image: 'other', test: 'prefix', action: 'x', reason: 'x ran before y' },
    { image: 'small', test: 'hardware', reason: 'has 256 MiB' },
    { image: 'plain', test: 'opaque', action: 'by-hand', reason: 'lacks it' },
  ],
  warnings: ['b can never be cached'],
};

describe('what goes over the wire and comes back the same', () => {
  it('is a VM in every state', () => {
    for (const state of ['producing', 'running', 'failed', 'unresponsive', 'collecting'] as const) {
      const one: Vm = { ...vm, state, ...(state === 'failed' ? { reason: 'monitor ended' } : {}) };
      expect(vmFromMessage(received(plant.Query, vmToMessage(one)))).toEqual(one);
      const unclaimed: Vm = { ...one, unclaimed: true };
      expect(vmFromMessage(received(plant.Query, vmToMessage(unclaimed)))).toEqual(unclaimed);
    }
  });

  it('is any classad', () => {
    const { value } = fc.letrec<{ value: ClassadValue; classad: Classad }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.string(),
        fc.boolean(),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double(),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('classad'),
      ),
      classad: fc
        .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z_]\w{0,8}$/), tie('value')), {
          selector: ([name]) => name.toLowerCase(),
          maxLength: 4,
        })
        .map((entries) => Object.fromEntries(entries)),
    }));
    fc.assert(
      fc.property(value, (Value) => {
        const back = vmFromMessage(received(plant.Query, vmToMessage({ ...vm, classad: { Value } })));
        expect(back.classad).toEqual({ Value });
      }),
    );
  });

  it('is a plan', () => {
    const message = received(plant.Produce, { plan: planToMessage(plan, 'p1') });
    expect(planFromMessage(present(message.plan))).toEqual({ plant: 'p1', plan });
    const { rungReason: _, ...rest } = plan;
    const prepared: Plan = { ...rest, rung: 'warm', prepared: true };
    const another = received(plant.Produce, { plan: planToMessage(prepared, 'p1') });
    expect(planFromMessage(present(another.plan)).plan).toEqual(prepared);
  });

  it('is a bid, also one that a shop will discard', () => {
    for (const cost of [0, 12.5, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      const bid = {
        plant: 'p1',
        orderDigest: 'd'.repeat(64),
        cost,
        components: [{ name: 'compute', cost, basis: '4 x 3 VMs' }],
        image: 'debian-12',
        rung: 'warm' as const,
        prepared: cost === 0,
        residualSeconds: 2,
        holdsForMilliseconds: 5000,
      };
      const message = received(plant.Bid, { bid: bidToMessage(bid) });
      expect(bidFromMessage(present(message.bid))).toEqual(bid);
    }
  });

  it('is progress', () => {
    for (const progress of [
      { phase: 'clone', message: 'cloned', seconds: 0 },
      { phase: 'configure', action: 'install', message: 'runs' },
    ]) {
      const message = received(plant.Produce, { progress: progressToMessage(progress) });
      expect(progressFromMessage(present(message.progress))).toEqual(progress);
    }
  });

  it('is a refusal', () => {
    const refusal = {
      plant: 'p2',
      code: 'FAILED_PRECONDITION',
      reason: 'none matches',
      rejected: plan.rejected,
    };
    const message = received(shop.Bids, { refusals: [refusalToMessage(refusal)] });
    expect(message.refusals.map(refusalFromMessage)).toEqual([refusal]);
  });

  it('is a plant', () => {
    const description: PlantDescription = {
      name: 'p1',
      address: '127.0.0.1:7071',
      vms: 1,
      maxVms: 8,
      usedMemoryMiB: 512,
      totalMemoryMiB: 8192,
      networksInUse: 1,
      networks: 4,
      images: 3,
      lines: [{ name: 'qemu', accelerator: 'tcg', vmm: 'QEMU 7.2.22', cpuModel: 'max' }],
      version: '0.1.0',
      prepared: 2,
      preparedMemoryMiB: 1024,
      reserved: 1,
    };
    const quoted = { ...description, quote: { cost: 12, networkCost: 50 } };
    const broker = { ...quoted, name: 'b1', behind: [description, { ...quoted, name: 'b2', behind: [] }] };
    for (const one of [description, { ...description, error: 'did not answer' }, quoted, broker]) {
      expect(plantDescriptionFromMessage(received(plant.Describe, plantDescriptionToMessage(one)))).toEqual(
        one,
      );
    }
  });

  it('is what clients see of a golden image', () => {
    const golden: GoldenImage = {
      format: 'vmplants-golden-image/1',
      name: 'debian-12',
      created: '2026-01-02T03:04:05.678Z',
      operatingSystem: { name: 'debian', version: '12' },
      hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 4096 },
      performed: [{ key: 'ka', name: 'a', seconds: 3, performedAt: '2026-01-02T03:04:00Z' }],
      lines: ['qemu'],
      disk: { file: 'disk.qcow2', format: 'qcow2' },
      boot: { kernel: 'k', initrd: 'i', commandLine: '', guestKernel: '6.1' },
      devices: [],
      bootSeconds: 14,
      files: [
        { path: 'disk.qcow2', bytes: 5_000_000_000, digest: 'x' },
        { path: 'k', bytes: 7, digest: 'y' },
      ],
    };
    const summaryOf = (message: ImageMessage): ImageSummary =>
      imageFromMessage(present(received(plant.Images, { images: [message] }).images[0]));
    const summary: ImageSummary = {
      plant: 'p1',
      name: 'debian-12',
      operatingSystem: 'debian',
      version: '12',
      memoryMiB: 512,
      vcpus: 1,
      diskMiB: 4096,
      warm: false,
      performed: [{ name: 'a', key: 'ka' }],
      bytes: 5_000_000_007,
      createdAt: Date.parse('2026-01-02T03:04:05.678Z'),
      lines: ['qemu'],
      origin: 'installed',
      shared: 'memory',
      pinned: false,
      uniqueBytes: 0,
      sharedBytes: 0,
      uses: 0,
      savedSeconds: 0,
      vms: 0,
      prepared: 0,
      keptBecause: [],
    };
    expect(summaryOf(imageToMessage(golden, 'p1'))).toEqual(summary);

    const owned: GoldenImage = { ...golden, origin: 'live', owner: 'example.org', parent: 'base' };
    expect(summaryOf(imageToMessage(owned, 'p1'))).toEqual({
      ...summary,
      origin: 'live',
      owner: 'example.org',
      parent: 'base',
      shared: 'no',
    });
    const standing = {
      uniqueBytes: 5_000_000_000,
      sharedBytes: 7,
      uses: 3,
      savedSeconds: 1.5,
      vms: 2,
      prepared: 1,
      keptBecause: ['pinned', 'saves 3 s a day'],
    };
    const pinned: GoldenImage = {
      ...owned,
      disk: { ...owned.disk, backingImage: 'base' },
      policy: { shared: 'disk', pinned: true },
    };
    expect(summaryOf(imageToMessage(pinned, 'p1', standing))).toEqual({
      ...summary,
      ...standing,
      origin: 'live',
      owner: 'example.org',
      parent: 'base',
      backingImage: 'base',
      shared: 'disk',
      pinned: true,
    });
  });
});

describe('an answer that its contract does not allow', () => {
  const malformedAnswer = expect.objectContaining({ code: 'DATA_LOSS', reason: 'MALFORMED_ANSWER' });
  const expectMalformed = (read: () => unknown): void => {
    expect(read).toThrow(malformedAnswer);
  };

  it('is a VM without a state, or on no rung', () => {
    expectMalformed(() => vmFromMessage(received(plant.Query, { ...vmToMessage(vm), state: 0 })));
    expectMalformed(() => vmFromMessage(received(plant.Query, { ...vmToMessage(vm), rung: 'hot' })));
  });

  it('is a classad value without a type, or nested without end', () => {
    expectMalformed(() =>
      vmFromMessage(
        received(plant.Query, { ...vmToMessage(vm), classad: { attributes: [{ name: 'A', value: {} }] } }),
      ),
    );
    let deep: ClassadValue = 'x';
    for (let depth = 0; depth < 30; depth++) deep = [deep];
    expectMalformed(() =>
      vmFromMessage(received(plant.Query, vmToMessage({ ...vm, classad: { Deep: deep } }))),
    );
  });

  it('is a status whose quote is no price; of long lists not all is read', () => {
    const quote = { cost: 1, networkCost: 0 };
    const read = (changed: object) => plantStatusFromMessage(received(plant.Status, { quote, ...changed }));
    expectMalformed(() => read({ quote: { cost: Number.NaN, networkCost: 0 } }));
    expectMalformed(() => read({ quote: { cost: 1, networkCost: -1e308 } }));
    expect(read({ quote: null, freeVms: 9 }).freeVms).toBe(0);
    const many = Array.from({ length: 10_000 }, (_none, index) => `t${index}`);
    const status = read({ domains: many, lines: many, images: { operatingSystems: many, keys: many } });
    const { domains, lines, images } = status;
    expect([domains, lines, images?.operatingSystems, images?.keys].map((list) => list?.length)).toEqual([
      4096, 256, 256, 4096,
    ]);
    expect(read({ lines: ['x'.repeat(1_000_000), 'fake'] }).lines).toEqual(['fake']);
  });

  it('is a plan with an unknown test or kind of stage', () => {
    const message = planToMessage(plan, 'p1');
    const read = (changed: object): unknown =>
      planFromMessage(present(received(plant.Produce, { plan: { ...message, ...changed } }).plan));
    expectMalformed(() => read({ rejected: [{ image: 'i', test: 'mood', reason: '' }] }));
    expectMalformed(() => read({ stages: [{ kind: 'moon', actions: [] }] }));
    expectMalformed(() => read({ stages: [{ kind: 'host', actions: [] }] }));
  });
});

describe('a classad whose names differ in case only', () => {
  it('keeps the first', () => {
    const message = received(plant.Query, {
      ...vmToMessage(vm),
      classad: {
        attributes: [
          { name: 'Owner', value: { text: 'first' } },
          { name: 'OWNER', value: { text: 'second' } },
        ],
      },
    });
    expect(vmFromMessage(message).classad).toEqual({ Owner: 'first' });
  });
});
