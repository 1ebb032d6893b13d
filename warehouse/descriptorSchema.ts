import { z } from 'zod';
import { clientDomainSchema } from '../model/schema/names.js';
import { DESCRIPTOR_FILE, FILE_NAME, IMAGE_NAME, PLANT_ID, POLICY_FILE } from './layout.js';

/**
 * The shape of `image.json` as it may be written: every field of GoldenImage, of which those that planning does
 * not need may be left out. `descriptor.ts` makes it total. The descriptions become docs/image.schema.json.
 */

/** Image files, and everything else of a descriptor that is a list, are bounded. */
const MAX_ITEMS = 10_000;
/** For an action whose age nobody knows: as old as can be, so that no limit on its age is met by mistake. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00Z';
/** Matches no host's environment, so that a memory about which nothing is known is never resumed. */
export const UNKNOWN = 'unknown';

const printable = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII');
const imageName = z.string().regex(IMAGE_NAME, `expected an image name, ${IMAGE_NAME.source}`);
const fileName = z
  .string()
  .regex(FILE_NAME, `expected the plain name of a file in the image's directory, ${FILE_NAME.source}`)
  .refine((name) => name !== DESCRIPTOR_FILE, `${DESCRIPTOR_FILE} is the descriptor itself`)
  .refine((name) => name !== POLICY_FILE, `${POLICY_FILE} is what was decided about the image`);
const time = z.iso.datetime({ offset: true });
const count = (maximum: number) => z.int().min(1).max(maximum);
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');
const seconds = z.number().min(0).max(1e9);
const network = z.enum(['host-only', 'none']);
const memoryMiB = count(16 * 2 ** 20);
const vcpus = count(1024);

const hardware = z.strictObject({
  isa: z.literal('x86_64').default('x86_64').describe('Instruction set of the guest.'),
  vcpus: vcpus.default(1).describe('Virtual processors of the machine it was made on.'),
  memoryMiB: memoryMiB.describe('Memory of the machine it was made on, in MiB.'),
  diskMiB: count(4 * 2 ** 20).describe('Virtual size of its disk, in MiB.'),
});

const operatingSystem = z.strictObject({
  name: printable(64).describe('For example `debian`.'),
  version: printable(64).describe('For example `12`.'),
});

const performed = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._:-]{0,127}$/, 'expected an action key in lower case')
    .describe(
      'Key of the action, 64 hexadecimal digits as `vmplant key` prints them. Another token never matches an action.',
    ),
  name: printable(128)
    .optional()
    .describe('What the client called it; for people. Default: the beginning of the key.'),
  seconds: seconds.default(1).describe('How long it took: what a clone of this image saves.'),
  performedAt: time
    .optional()
    .describe(
      'When it ended, RFC 3339. Default: `created`. Counts where an order limits the age of an action.',
    ),
  opaque: z
    .literal(true)
    .optional()
    .describe(
      'A change made by hand and published live: nobody can perform it again, an image brings it or not.',
    ),
});

const disk = z.strictObject({
  file: fileName.default('disk.qcow2'),
  format: z.literal('qcow2').default('qcow2'),
  backingImage: imageName
    .optional()
    .describe(
      'Name of the golden image whose disk backs this one. The qcow2 header must hold exactly `../NAME/FILE` with the format qcow2, and that image must stand alone.',
    ),
  backingDigest: digest
    .optional()
    .describe('SHA-256 of the disk of `backingImage`, written when published; another disk is refused.'),
});

const memory = z.strictObject({
  file: fileName.default('memory').describe('The guest memory, exactly `memoryMiB` long.'),
  deviceStateFile: fileName.default('device-state').describe('State of processors and devices.'),
  memoryMiB: memoryMiB.optional().describe('Default: `hardware.memoryMiB`.'),
  vcpus: vcpus.optional().describe('Default: `hardware.vcpus`.'),
  cpuModel: printable(256).default(UNKNOWN).describe('Processor model that the guest saw.'),
  accelerator: printable(64).default(UNKNOWN).describe('`kvm` or `tcg`.'),
  vmm: printable(64).default(UNKNOWN).describe('Monitor and version, for example `QEMU 7.2.22`.'),
  guestKernel: printable(128)
    .optional()
    .describe('`uname -r` of the frozen guest. Default: `boot.guestKernel`.'),
  network: network.default('host-only').describe('Whether the frozen machine has a network interface.'),
});

const boot = z.strictObject({
  kernel: fileName.default('vmlinuz'),
  initrd: fileName.default('initrd'),
  commandLine: z
    .string()
    .max(2048)
    .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII')
    .default(''),
  guestKernel: printable(128).default(UNKNOWN).describe('`uname -r` of the kernel.'),
});

const device = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('disk'),
    action: printable(64).describe('Name of the host action that added it.'),
    file: fileName,
    sizeMiB: count(4 * 2 ** 20),
  }),
  z.strictObject({ kind: z.literal('network-interface'), action: printable(64) }),
  z.strictObject({ kind: z.literal('iso'), action: printable(64), file: fileName }),
]);

const file = z.strictObject({
  path: fileName,
  bytes: z.int().min(0),
  digest: digest.describe('SHA-256 of the content, lower-case hexadecimal.'),
});

export const descriptorSchema = z
  .strictObject({
    format: z
      .literal('vmplants-golden-image/1')
      .default('vmplants-golden-image/1')
      .describe('Version of this shape.'),
    name: imageName.optional().describe('Default, and only value allowed: the name of its directory.'),
    created: time.default(UNKNOWN_TIME).describe('When it was frozen, RFC 3339.'),
    operatingSystem: operatingSystem.describe('Planning: compared with the order.'),
    hardware: hardware.describe('Planning: compared with the order.'),
    performed: z
      .array(performed)
      .max(MAX_ITEMS)
      .default([])
      .describe('Planning: the actions that ran in it, in the order in which they ran.'),
    lines: z
      .array(printable(64))
      .min(1)
      .max(64)
      .default(['qemu'])
      .describe('Planning: production lines whose machines can be made from it.'),
    disk: disk.prefault({}),
    memory: memory
      .optional()
      .describe(
        'Planning: the frozen memory and what must be the same for it to be resumed. Absent: it boots.',
      ),
    boot: boot
      .prefault({})
      .describe('How its disk is booted. Planning: `guestKernel` is compared with the order.'),
    devices: z
      .array(device)
      .max(64)
      .default([])
      .describe('Virtual devices that host actions added; a clone gets them again.'),
    bootSeconds: seconds.default(15).describe('Planning: seconds that a boot of its disk takes.'),
    files: z
      .array(file)
      .max(MAX_ITEMS)
      .default([])
      .describe('Every file of the image but this one. Needed in a warehouse, not for planning.'),
    origin: z
      .enum(['recipe', 'live', 'learned', 'rewarmed'])
      .optional()
      .describe(
        'How it came to be. `recipe`: made afresh from the request of a VM. `live`: frozen from a VM that its user had ' +
          'changed. `learned`: baked by a plant of its own accord, and evicted again. `rewarmed`: made by a plant from ' +
          'the disk of an image whose memory its host cannot resume. Absent: an installer put it there.',
      ),
    madeBy: z
      .string()
      .regex(PLANT_ID, `expected the id of a plant, ${PLANT_ID.source}`)
      .optional()
      .describe(
        'Id of the plant that made it of its own accord (`learned`, `rewarmed`): no other plant evicts it. Absent: people made it.',
      ),
    parent: imageName
      .optional()
      .describe('Name of the image that it was made from; not what its disk hangs on (`disk.backingImage`).'),
    owner: clientDomainSchema
      .optional()
      .describe(
        'Planning: the client domain that it belongs to. Absent: every domain may use it, memory included. What others ' +
          'may use of an owned image is in policy.json beside this file.',
      ),
  })
  .describe(
    'Descriptor of a VMPlants golden image, image.json in its directory. For planning off line, `operatingSystem`, ' +
      '`hardware` and `performed` are enough and no other file has to be there. In a warehouse every file that it ' +
      'names must be listed in `files`; publishing writes that list.',
  );

export type WrittenDescriptor = z.output<typeof descriptorSchema>;
