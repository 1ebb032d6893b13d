import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { requestWith, violationsOf } from './violationsOf.js';

const action = (fields: Readonly<Record<string, unknown>>) =>
  requestWith([{ name: 'a', script: 'x', ...fields }]);
const KEY = 'a5'.repeat(32);
const opaque = (fields: Readonly<Record<string, unknown>>) =>
  requestWith([{ name: 'a', opaque: KEY, ...fields }]);
const file = (fields: Readonly<Record<string, unknown>>) =>
  action({ files: [{ path: 'f', content: '', ...fields }] });
const top = (fields: Readonly<Record<string, unknown>>) => requestWith([], fields);

describe('a wrong field is named with its path and with what was expected', () => {
  const cases: readonly (readonly [field: string, plain: unknown, description: RegExp])[] = [
    ['', null, /expected a request/],
    ['', [], /found a list/],
    ['', 'text', /found "text"/],
    ['operatingSystem', {}, /expected an object, found nothing/],
    ['operatingSystem.name', top({ operatingSystem: {} }), /found nothing/],
    [
      'operatingSystem.version',
      top({ operatingSystem: { name: 'debian', version: 12 } }),
      /found 12; write it in quotes/,
    ],
    ['hardware.isa', top({ hardware: { isa: 'arm64' } }), /expected "x86_64", found "arm64"/],
    ['hardware.vcpus', top({ hardware: { vcpus: 65 } }), /1 to 64, found 65/],
    ['hardware.vcpus', top({ hardware: { vcpus: 1.5 } }), /whole number/],
    ['hardware.memory', top({ hardware: { memory: '512MB' } }), /"512MiB" or "2GiB", found "512MB"/],
    ['hardware.memory', top({ hardware: { memory: 31 } }), /32 to 1048576 MiB, found 31/],
    ['hardware.memory', top({ hardware: { memory: 0.5 } }), /whole number of MiB/],
    ['hardware.disk', top({ hardware: { disk: -1 } }), /found -1/],
    ['network', top({ network: 'bridged' }), /"host-only" or "none"/],
    ['clientDomain', top({ clientDomain: 'Example.org' }), /lower case/],
    ['clientDomain', top({ clientDomain: 'a..b' }), /labels/],
    ['clientDomain', top({ clientDomain: '-a' }), /labels/],
    ['line', top({ line: '--help' }), /letters, digits/],
    ['identity', top({ identity: [] }), /expected an object/],
    ['identity.user', top({ identity: { user: 5 } }), /write it in quotes/],
    ['identity["a b"]', top({ identity: { 'a b': 'x' } }), /letters, digits/],
    ['identity.key', top({ identity: { key: 'a\nb' } }), /one line without control characters/],
    ['identity.key', top({ identity: { key: 'a\u0000b' } }), /NUL/],
    ['identity.key', top({ identity: { key: '\ud800' } }), /whole Unicode/],
    ['identity.key', top({ identity: { key: 'x'.repeat(8193) } }), /at most 8192 bytes/],
    ['identity.hostname', top({ identity: { hostname: 'a_b' } }), /RFC 1123/],
    ['identity.hostname', top({ identity: { hostname: 'a.-b' } }), /RFC 1123/],
    ['identity.hostname', top({ identity: { hostname: 'x'.repeat(64) } }), /RFC 1123/],
    ['actions', { operatingSystem: { name: 'a' }, actions: {} }, /expected a list of actions/],
    ['actions[0]', requestWith(['install']), /expected an action/],
    ['actions[0].name', action({ name: '-rf' }), /the first a letter or digit, found "-rf"/],
    ['actions[0].name', action({ name: 'a,b' }), /letters, digits/],
    ['actions[0].name', action({ name: 'a\nb' }), /found "a\\nb"/],
    ['actions[0].name', action({ name: 'x'.repeat(65) }), /1 to 64/],
    ['actions[0].name', action({ name: 'start' }), /reserved/],
    ['actions[0].name', action({ name: 'end' }), /reserved/],
    ['actions[0].scirpt', requestWith([{ name: 'a', scirpt: 'x' }]), /did you mean "script"/],
    ['actions[0].vcpus', action({ vcpus: 1 }), /not allowed here/],
    ['actions[0].script', requestWith([{ name: 'a' }]), /one of script, host and opaque, found none/],
    ['actions[0].script', action({ script: ' \n\t\n' }), /found an empty one/],
    ['actions[0].script', action({ script: 'a\u0000b' }), /NUL/],
    ['actions[0].script', action({ script: 'x'.repeat(262_145) }), /at most 262144 bytes/],
    ['actions[0].host', action({ host: { addNetworkInterface: {} } }), /found both script and host/],
    ['actions[0].opaque', action({ opaque: KEY }), /found both script and opaque/],
    ['actions[0].opaque', opaque({ host: { addNetworkInterface: {} } }), /found both host and opaque/],
    ...[KEY.toUpperCase(), KEY.slice(1), `${KEY}0`, `${KEY}\n`, '', 5, null, [KEY]].map(
      (wrong) => ['actions[0].opaque', opaque({ opaque: wrong }), /expected a key.*found /] as const,
    ),
    ...Object.entries({
      files: [],
      parameters: {},
      environment: {},
      timeout: 5,
      identity: false,
      maxAge: '1d',
      onError: {},
    }).map(
      ([field, value]) =>
        [
          `actions[0].${field}`,
          opaque({ [field]: value }),
          /brought by an image and never performed/,
        ] as const,
    ),
    ['actions[0].host', requestWith([{ name: 'a', host: {} }]), /exactly one/],
    [
      'actions[0].host',
      requestWith([{ name: 'a', host: { addNetworkInterface: {}, addDisk: { size: 1 } } }]),
      /exactly one/,
    ],
    [
      'actions[0].timeout',
      requestWith([{ name: 'a', host: { addNetworkInterface: {} }, timeout: 5 }]),
      /with a script/,
    ],
    [
      'actions[0].host.addDisk.size',
      requestWith([{ name: 'a', host: { addDisk: { size: 0 } } }]),
      /1 to 16777216 MiB/,
    ],
    [
      'actions[0].host.attachIso.label',
      requestWith([
        { name: 'a', host: { attachIso: { label: 'tools', files: [{ path: 'f', content: '' }] } } },
      ]),
      /A-Z, 0-9/,
    ],
    [
      'actions[0].host.attachIso.label',
      requestWith([
        { name: 'a', host: { attachIso: { label: 'VMPLANTS', files: [{ path: 'f', content: '' }] } } },
      ]),
      /configuration ISO/,
    ],
    [
      'actions[0].host.attachIso.files',
      requestWith([{ name: 'a', host: { attachIso: { label: 'A', files: [] } } }]),
      /at least one file/,
    ],
    ['actions[0].after', action({ after: 'b' }), /expected a list of names/],
    ['actions[0].after[0]', action({ after: [5] }), /name of an action, found 5/],
    ['actions[0].identity', action({ identity: 'yes' }), /true or false/],
    ['actions[0].timeout', action({ timeout: '5 minutes' }), /"5m"/],
    ['actions[0].timeout', action({ timeout: '25h' }), /from 1 s to 86400 s/],
    ['actions[0].timeout', action({ timeout: 0 }), /from 1 s to 86400 s/],
    ['actions[0].maxAge', action({ maxAge: '-1d' }), /duration/],
    ['actions[0].parameters["1a"]', action({ parameters: { '1a': 'x' } }), /PARAM_<name>/],
    ['actions[0].parameters.a-b', action({ parameters: { 'a-b': 'x' } }), /PARAM_<name>/],
    ['actions[0].parameters.p', action({ parameters: { p: 1.2 } }), /write it in quotes/],
    [
      'actions[0].parameters.p.identiti',
      action({ parameters: { p: { identity: 'hostname', identiti: 'x' } } }),
      /did you mean "identity"/,
    ],
    [
      'actions[0].parameters.p.identity',
      action({ parameters: { p: { identity: 'hostnam' } } }),
      /no parameter "hostnam"; did you mean "hostname"/,
    ],
    ['actions[0].environment["A=B"]', action({ environment: { 'A=B': 'x' } }), /letters, digits or "_"/],
    ['actions[0].environment.PARAM_x', action({ environment: { PARAM_x: 'x' } }), /set by the system/],
    [
      'actions[0].environment.VMPLANTS_VMID',
      action({ environment: { VMPLANTS_VMID: 'x' } }),
      /set by the system/,
    ],
    [
      'actions[0].environment',
      action({ environment: Object.fromEntries([...Array(65).keys()].map((n) => [`V${n}`, 'x'])) }),
      /at most 64/,
    ],
    [
      'actions[0].environment',
      action({
        environment: Object.fromEntries([...Array(13).keys()].map((n) => [`V${n}`, 'x'.repeat(8000)])),
      }),
      /at most 98304 bytes/,
    ],
    ['actions[0].files[0].path', file({ path: '../up' }), /"\.\." parts/],
    ['actions[0].files[0].path', file({ path: 'a/../../b' }), /"\.\." parts/],
    ['actions[0].files[0].path', file({ path: '/etc/passwd' }), /relative/],
    ['actions[0].files[0].path', file({ path: 'a//b' }), /empty parts/],
    ['actions[0].files[0].path', file({ path: 'a\\b' }), /letters, digits/],
    ['actions[0].files[0].path', file({ path: 'a\u0000b' }), /letters, digits/],
    ['actions[0].files[0].path', file({ path: 'a b' }), /letters, digits/],
    ['actions[0].files[0].path', file({ path: '' }), /empty/],
    ['actions[0].files[0].path', file({ path: 'x'.repeat(201) }), /at most 200/],
    ['actions[0].files[0].mode', file({ mode: 644 }), /in quotes, such as "0644"/],
    ['actions[0].files[0].mode', file({ mode: '4755' }), /"0644" or "0755"/],
    ['actions[0].files[0].content', file({ content: '\ud800' }), /base64/],
    ['actions[0].files[0].base64', file({ content: undefined, base64: 'AAA' }), /padded/],
    ['actions[0].files[0].base64', file({ content: undefined, base64: 'A*==' }), /padded/],
    ['actions[0].files[0]', file({ base64: '' }), /found both/],
    ['actions[0].files[0]', file({ content: undefined }), /found neither/],
    ['actions[0].files[0].source', file({ content: undefined, source: 'x' }), /only the command line/],
    [
      'actions[0].files[1].path',
      action({
        files: [
          { path: 'a', content: '' },
          { path: 'a', content: '' },
        ],
      }),
      /same path/,
    ],
    [
      'actions[0].files[0].path',
      action({
        files: [
          { path: 'a', content: '' },
          { path: 'a/b', content: '' },
        ],
      }),
      /directory of this name/,
    ],
    ['actions[0].onError.retries', action({ onError: { retries: 11 } }), /0 to 10/],
    ['actions[0].onError.then', action({ onError: { then: 'retry' } }), /"abort", "continue"/],
    ['actions[0].onError.then.goOnAt', action({ onError: { then: {} } }), /found nothing/],
    ['actions[0].onError.handler.actions', action({ onError: { handler: { actions: [] } } }), /at least one/],
    [
      'actions[0].onError.handler.actions[0].script',
      action({ onError: { handler: { actions: [{ name: 'h', script: '' }] } } }),
      /empty/,
    ],
  ];
  it.each(cases.map(([field, plain, description]) => ({ field, plain, description })))(
    '$field: $description',
    ({ field, plain, description }) => {
      expect(violationsOf(plain)[field]).toMatch(description);
    },
  );
});

describe('where an opaque action may stand', () => {
  const by = (name: string, fields: object = {}) => ({ name, opaque: KEY, ...fields });
  const mine = { name: 'mine', script: 'x', identity: true };

  it('anywhere but after what belongs to one VM', () => {
    const actions = [{ name: 'b', script: 'b' }, by('o', { after: ['b'] }), { ...mine, after: ['o'] }];
    expect(createOrder(requestWith(actions)).dag.actions.map(({ kind }) => kind)).toEqual([
      'guest',
      'opaque',
      'guest',
    ]);
  });

  it.each([
    ['directly', [mine, by('o', { after: ['mine'] })], 'actions[1].after'],
    [
      'behind others',
      [by('o', { after: ['c'] }), { name: 'c', script: 'c', after: ['mine'] }, mine],
      'actions[0].after',
    ],
    [
      'by a parameter',
      [
        { name: 'mine', script: 'x', parameters: { h: { identity: 'hostname' } } },
        by('o', { after: ['mine'] }),
      ],
      'actions[1].after',
    ],
  ])('not after an identity action, %s', (_, actions, field) => {
    expect(violationsOf(requestWith(actions))).toEqual({
      [field]: 'no image can bring an opaque action that follows identity action "mine"',
    });
  });

  it('not in a handler', () => {
    const inner = { name: 'i', script: 'i', onError: { handler: { actions: [by('o')] } } };
    expect(violationsOf(action({ onError: { handler: { actions: [inner] } } }))).toEqual({
      'actions[0].onError.handler.actions[0].onError.handler.actions[0].opaque':
        expect.stringMatching(/handler is performed/),
    });
  });

  it('not twice, nor beside an action that does the same', () => {
    expect(violationsOf(requestWith([by('o'), by('p')]))).toEqual({
      'actions[1].opaque': 'expected a key that no other action has; "o" has it too',
    });
    const nic = { name: 'nic', host: { addNetworkInterface: {} } };
    const [made] = createOrder(requestWith([nic])).dag.actions;
    const same = { name: 'o', opaque: made?.key };
    for (const [actions, field] of [
      [[nic, same], 'actions[1].opaque'],
      [[same, nic], 'actions[0].opaque'],
    ] as const) {
      expect(violationsOf(requestWith(actions))).toEqual({
        [field]: expect.stringMatching(/"nic" has it too/),
      });
    }
  });
});

describe('limits of a whole request', () => {
  it('refuses more than 48 MiB in all files', () => {
    const content = new Uint8Array(13 * 1024 * 1024);
    const files = ['a', 'b', 'c', 'd'].map((path) => ({ path, content }));
    expect(violationsOf(action({ files }))).toEqual({ actions: expect.stringMatching(/48 MiB/) });
    expect(createOrder(action({ files: files.slice(1) })).dag.actions).toHaveLength(1);
  });

  it('refuses one file over 16 MiB, however it is given', () => {
    const bytes = new Uint8Array(16 * 1024 * 1024 + 1);
    expect(violationsOf(file({ content: bytes }))['actions[0].files[0].content']).toMatch(/16 MiB/);
    const base64 = Buffer.from(bytes).toString('base64');
    expect(violationsOf(file({ content: undefined, base64 }))['actions[0].files[0].base64']).toMatch(
      /16 MiB/,
    );
  });

  it('refuses more than 1,000 actions, handlers included', () => {
    const many = (count: number, prefix: string) =>
      [...Array(count).keys()].map((n) => ({ name: `${prefix}${n}`, script: 'x' }));
    expect(createOrder(requestWith(many(1000, 'a'))).dag.actions).toHaveLength(1000);
    expect(violationsOf(requestWith(many(1001, 'a'))).actions).toMatch(/at most 1000/);
    const [first, ...rest] = many(600, 'a');
    const withHandler = [{ ...first, onError: { handler: { actions: many(401, 'h') } } }, ...rest];
    expect(violationsOf(requestWith(withHandler)).actions).toMatch(/handlers included, found 1001/);
  });

  it('refuses more than 5,000 edges', () => {
    const names = [...Array(110).keys()].map((n) => `a${n}`);
    const actions = names.map((name, index) => ({ name, script: 'x', after: names.slice(0, index) }));
    expect(violationsOf(requestWith(actions)).actions).toMatch(/at most 5000 names/);
  });

  it('refuses objects and lists that are too large, too deep or cyclic without walking them', () => {
    expect(
      violationsOf(top({ identity: Object.fromEntries([...Array(300).keys()].map((n) => [`k${n}`, 'x'])) }))
        .identity,
    ).toMatch(/at most 256 fields/);
    expect(violationsOf(requestWith(Array(30_000).fill(0))).actions).toMatch(/at most 5000 entries/);
    let deep: unknown = 'x';
    for (let n = 0; n < 10_000; n++) deep = { a: deep };
    expect(Object.values(violationsOf(deep))).toEqual([expect.stringMatching(/at most 32 deep/)]);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(Object.values(violationsOf(cyclic))).toEqual([expect.stringMatching(/at most 32 deep/)]);
  });

  it('refuses a value that is shared so often that it stands for too much', () => {
    let shared: unknown = ['x', 'x'];
    for (let n = 0; n < 30; n++) shared = [shared, shared];
    expect(Object.values(violationsOf(shared))).toEqual([
      expect.stringMatching(/at most (100000 values|32 deep)/),
    ]);
  });

  it.each([
    ['__proto__', '{"__proto__": {"operatingSystem": {"name": "debian"}}}'],
    ['identity.__proto__', '{"operatingSystem": {"name": "debian"}, "identity": {"__proto__": "x"}}'],
    ['identity.constructor', '{"operatingSystem": {"name": "debian"}, "identity": {"constructor": "x"}}'],
    ['identity.prototype', '{"operatingSystem": {"name": "debian"}, "identity": {"prototype": "x"}}'],
  ])('refuses %s as the name of a field', (field, json) => {
    expect(violationsOf(JSON.parse(json))[field]).toMatch(/not allowed as the name/);
    expect(Object.prototype).not.toHaveProperty('operatingSystem');
  });

  it.each([
    ['a function', () => 0],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a big number', 10n],
    ['a symbol', Symbol('x')],
  ])('refuses %s where data is expected', (_, value) => {
    expect(violationsOf(top({ line: value })).line).toMatch(/plain data/);
  });

  it('never shows what may be a secret', () => {
    const secret = 'hunter2';
    const plain = {
      operatingSystem: { name: 'debian' },
      identity: { password: `${secret}\n` },
      actions: [
        {
          name: 'a',
          script: `${secret}\0`,
          parameters: { p: `${secret}\0`, q: [secret] },
          environment: { E: `${secret}\0` },
          files: [
            { path: 'f', content: `${secret}\ud800` },
            { path: 'g', base64: `${secret}*` },
          ],
        },
      ],
    };
    expect(JSON.stringify(violationsOf(plain))).not.toContain(secret);
    expect(Object.keys(violationsOf(plain))).toHaveLength(7);
  });
});
