import { afterEach, describe, expect, it } from 'vitest';
import { contracts } from '../../proto/load.js';
import { all, createdVm, machine, openStage, rejection, SOON } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Bids, Collect, Exec, Plan, Query } = contracts().shop;
const document = (format: string, content: string) => ({
  document: { format, content: Buffer.from(content) },
});

describe('a request that is wrong', () => {
  it.each<[string, object, readonly string[]]>([
    ['nothing at all', {}, ['machine']],
    [
      'fields of a message',
      {
        machine: {
          ...machine,
          hardware: { vcpus: 99 },
          actions: [{ name: 'a', after: ['b'], guest: { script: 'x' } }],
        },
      },
      ['machine.actions[0].after[0]', 'machine.hardware.vcpus'],
    ],
    ['an unknown format', document('toml', 'a = 1'), ['document.format']],
    [
      'fields of a document',
      document(
        'yaml',
        'operatingSystem: { name: debian }\nhardware: { vcpus: 99 }\nactions:\n  - { name: a, script: x, files: [{ path: /etc/passwd, content: x }] }\n',
      ),
      ['actions[0].files[0].path', 'hardware.vcpus'],
    ],
    [
      'a cycle',
      document(
        'json',
        '{"operatingSystem":{"name":"debian"},"actions":[{"name":"a","script":"x","after":["b"]},{"name":"b","script":"x","after":["a"]}]}',
      ),
      ['actions[0].after'],
    ],
    [
      'a local file, which only the command line may read',
      document(
        'yaml',
        'operatingSystem: { name: debian }\nactions: [{ name: a, script: x, files: [{ path: p, source: /etc/shadow }] }]',
      ),
      ['actions[0].files[0].source'],
    ],
  ])('by %s is told where, and nothing reaches a plant', async (_, request, fields) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const errors = await Promise.all([
      rejection(all(shop.create(request))),
      rejection(shop.channel.unary(Plan, request, SOON)),
      rejection(shop.channel.unary(Bids, request, SOON)),
    ]);
    for (const error of errors) {
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.violations.map((violation) => violation.field).sort()).toEqual(fields);
    }
    expect(plant.calls).toEqual([]);
  });

  it.each([
    ['text that is no YAML', document('yaml', 'a: [1, 2\nb: }')],
    [
      'an alias bomb',
      document(
        'yaml',
        `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
          .split('')
          .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`)
          .join('\n')}`,
      ),
    ],
    [
      'a DOCTYPE',
      document('xml', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><request>&x;</request>'),
    ],
    ['depth', document('json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['a prototype', document('json', '{"operatingSystem":{"name":"debian"},"__proto__":{"x":1}}')],
    ['bytes that are no text', { document: { format: 'json', content: Buffer.from([0xff, 0xfe, 0x00]) } }],
  ])('by %s is INVALID_ARGUMENT', async (_, request) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const error = await rejection(all(shop.create(request)));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.violations.length).toBeGreaterThan(0);
    expect(plant.calls).toEqual([]);
  });

  it('does not keep the shop from the next one', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    // Deeper than messages may nest, as raw bytes: each level is an action in the handler of the one before.
    let bytes: Uint8Array = Buffer.alloc(0);
    for (let depth = 0; depth < 2000; depth++) bytes = nested(58, nested(18, bytes));
    const { Create } = contracts().shop;
    const raw = { ...Create, requestSerialize: () => nested(18, nested(58, bytes)) };
    const error = await rejection(all(shop.channel.serverStream(raw, {}, SOON)));
    expect(['INVALID_ARGUMENT', 'INTERNAL']).toContain(error.code);
    expect((await createdVm(shop.create())).plant).toBe('a');
  });
});

/** A length-delimited field of a message. */
function nested(tag: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

describe('a VMID that is none', () => {
  it.each(['', 'vm-1', `vm-${'A'.repeat(26)}`, `vm-${'a'.repeat(26)}\n`, '--help', '../../etc/passwd'])(
    '%j reaches no plant',
    async (vmid) => {
      const plant = await stage.plant({ name: 'a' });
      const shop = await stage.shop([plant]);
      const errors = await Promise.all([
        rejection(shop.channel.unary(Query, { vmid }, SOON)),
        rejection(shop.channel.unary(Collect, { vmid }, SOON)),
        rejection(all(shop.channel.serverStream(Exec, { vmid, script: 'true' }, SOON))),
      ]);
      for (const error of errors) {
        expect(error.violations.map((violation) => violation.field)).toEqual(['vmid']);
      }
      expect(plant.calls).toEqual([]);
    },
  );
});
