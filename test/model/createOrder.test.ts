import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { requestWith, violationsOf } from './violationsOf.js';

const full = {
  hardware: { isa: 'x86_64', vcpus: 2, memory: '1GiB', disk: '4GiB' },
  operatingSystem: { name: 'debian', version: '12', kernel: '6.1.0-44-cloud-amd64' },
  network: 'none',
  clientDomain: 'lab.example.org',
  line: 'qemu',
  identity: { user: 'ivan', hostname: 'ws1', 'ssh-key': 'ssh-ed25519 AAAA ivan@example.org' },
  actions: [
    {
      name: 'install',
      script: '\r\n\n  #!/bin/sh\r\necho hello  \r\n\r\n',
      files: [
        { path: 'pkgs/a.conf', mode: '0600', content: 'x=ü\n' },
        { path: 'b.bin', base64: 'AAEC\n/w==' },
      ],
      parameters: { version: '1.2', another: '' },
      environment: { LC_ALL: 'C', A: 'b' },
      timeout: '1500ms',
      maxAge: '7d',
      onError: {
        retries: 2,
        handler: { actions: [{ name: 'report', script: 'true' }] },
        then: { goOnAt: 'user' },
      },
    },
    {
      name: 'user',
      script: 'adduser',
      parameters: { user: { identity: 'user' } },
      after: ['install', 'install'],
    },
    { name: 'data', host: { addDisk: { size: '1GiB' } }, after: ['install'] },
    { name: 'tools', host: { attachIso: { label: 'TOOLS', files: [{ path: 'readme', content: 'hi' }] } } },
    { name: 'nic', host: { addNetworkInterface: {} }, identity: true, onError: { then: 'continue' } },
  ],
};

describe('createOrder', () => {
  it('brings every field of a request into the order', () => {
    const order = createOrder(full);
    expect(order).toMatchObject({
      hardware: { isa: 'x86_64', vcpus: 2, memoryMiB: 1024, diskMiB: 4096 },
      operatingSystem: { name: 'debian', version: '12', kernel: '6.1.0-44-cloud-amd64' },
      network: { kind: 'none' },
      clientDomain: 'lab.example.org',
      line: 'qemu',
    });
    expect([...order.identity]).toEqual([
      ['hostname', 'ws1'],
      ['ssh-key', 'ssh-ed25519 AAAA ivan@example.org'],
      ['user', 'ivan'],
    ]);
    const [install, user, data, tools, nic] = order.dag.actions;
    expect(install).toMatchObject({
      kind: 'guest',
      name: 'install',
      script: '  #!/bin/sh\necho hello\n',
      timeoutSeconds: 2,
      maxAgeSeconds: 604_800,
      identity: false,
      parameters: [
        ['another', { kind: 'literal', value: '' }],
        ['version', { kind: 'literal', value: '1.2' }],
      ],
      environment: [
        ['A', 'b'],
        ['LC_ALL', 'C'],
      ],
      onError: { retries: 2, then: { kind: 'go-on-at', action: 'user' } },
    });
    expect(install?.onError.handler?.actions.map((action) => action.name)).toEqual(['report']);
    expect(install?.kind === 'guest' && install.files).toEqual([
      {
        path: 'pkgs/a.conf',
        mode: 0o600,
        content: new TextEncoder().encode('x=ü\n'),
        digest: digestOf('x=ü\n'),
      },
      {
        path: 'b.bin',
        mode: 0o644,
        content: Uint8Array.of(0, 1, 2, 255),
        digest: digestOf(Uint8Array.of(0, 1, 2, 255)),
      },
    ]);
    expect(user).toMatchObject({
      identity: true,
      parameters: [['user', { kind: 'identity', name: 'user' }]],
    });
    expect(data).toMatchObject({
      kind: 'host',
      identity: false,
      operation: { kind: 'add-disk', sizeMiB: 1024 },
    });
    expect(tools).toMatchObject({
      operation: { kind: 'attach-iso', label: 'TOOLS', files: [{ path: 'readme' }] },
    });
    expect(nic).toMatchObject({
      identity: true,
      operation: { kind: 'add-network-interface' },
      onError: { retries: 0, then: { kind: 'continue' } },
    });
    expect(order.dag.predecessors.get('user')).toEqual(['install']);
    expect(order.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('fills in the documented defaults', () => {
    expect(createOrder({ operatingSystem: { name: 'micro' } })).toMatchObject({
      hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 0 },
      network: { kind: 'host-only' },
      clientDomain: 'default',
      dag: { actions: [] },
    });
    const [action] = createOrder(requestWith([{ name: 'a', script: 'x' }])).dag.actions;
    expect(action).toMatchObject({
      timeoutSeconds: 300,
      identity: false,
      onError: { retries: 0, then: { kind: 'abort' } },
    });
    expect(action).not.toHaveProperty('maxAgeSeconds');
  });

  it('takes undefined fields for absent ones and bytes for the content of a file', () => {
    const content = Uint8Array.of(1, 2, 3);
    const order = createOrder(
      requestWith([
        { name: 'a', script: 'x', host: undefined, files: [{ path: 'f', content, mode: undefined }] },
      ]),
    );
    content[0] = 9;
    const [action] = order.dag.actions;
    expect(action?.kind === 'guest' && action.files[0]?.content).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('changes nothing in what it was given', () => {
    const before = structuredClone(full);
    createOrder(full);
    expect(full).toEqual(before);
  });

  it('gives equal digests to equal orders and others to any change', () => {
    const digest = createOrder(full).digest;
    expect(createOrder(structuredClone(full)).digest).toBe(digest);
    const changes: readonly unknown[] = [
      { ...full, clientDomain: 'other.example.org' },
      { ...full, line: undefined },
      { ...full, network: 'host-only' },
      { ...full, hardware: { ...full.hardware, vcpus: 3 } },
      { ...full, operatingSystem: { name: 'debian' } },
      { ...full, identity: { ...full.identity, hostname: 'ws2' } },
      { ...full, actions: full.actions.slice(0, 4) },
      { ...full, actions: full.actions.map((action) => ({ ...action, maxAge: '8d' })) },
      {
        ...full,
        actions: full.actions.map((action) => (action.name === 'user' ? { ...action, after: [] } : action)),
        line: 'qemu',
        network: 'none',
        hardware: full.hardware,
        identity: full.identity,
      },
    ];
    const repaired = changes.map(
      (change) => JSON.parse(JSON.stringify(change)) as { actions: { name: string; onError?: unknown }[] },
    );
    // Without its edge `user` no longer follows `install`, so install must not go on there.
    for (const action of repaired.at(-1)?.actions ?? [])
      if (action.name === 'install') action.onError = undefined;
    const digests = repaired.map((change) => createOrder(change).digest);
    expect(new Set([digest, ...digests]).size).toBe(changes.length + 1);
  });

  it('takes an opaque action by its key, and does not mistake it for what has the same', () => {
    const nic = createOrder(requestWith([{ name: 'a', host: { addNetworkInterface: {} } }]));
    const key = nic.dag.actions[0]?.key;
    const opaque = createOrder(requestWith([{ name: 'a', opaque: key }]));
    expect(opaque.dag.actions).toEqual([
      { kind: 'opaque', name: 'a', key, identity: false, onError: { retries: 0, then: { kind: 'abort' } } },
    ]);
    expect(opaque.digest).not.toBe(nic.digest);
    const another = createOrder(requestWith([{ name: 'a', opaque: 'b'.repeat(64) }]));
    expect(another.digest).not.toBe(opaque.digest);
  });

  it('lists predecessors in any order under one digest', () => {
    const actions = (after: readonly string[]) => [
      { name: 'a', script: 'a' },
      { name: 'b', script: 'b' },
      { name: 'c', script: 'c', after },
    ];
    expect(createOrder(requestWith(actions(['a', 'b']))).digest).toBe(
      createOrder(requestWith(actions(['b', 'a', 'b']))).digest,
    );
  });

  it('makes an action with an identity parameter an identity action, but not one whose handler has it', () => {
    const order = createOrder(
      requestWith(
        [
          { name: 'a', script: 'x', identity: false, parameters: { u: { identity: 'user' } } },
          {
            name: 'b',
            script: 'x',
            onError: {
              handler: { actions: [{ name: 'h', script: 'y', parameters: { u: { identity: 'user' } } }] },
            },
          },
          { name: 'c', script: 'x', parameters: { h: { identity: 'hostname' } } },
        ],
        { identity: { user: 'ivan' } },
      ),
    );
    expect(order.dag.actions.map((action) => action.identity)).toEqual([true, false, true]);
    expect(order.dag.actions[1]?.onError.handler?.actions[0]?.identity).toBe(true);
  });

  it('carries at most 20 violations and counts them in the message', () => {
    const actions = Array.from({ length: 30 }, (_, index) => ({ name: `-${index}`, script: 'x' }));
    expect(Object.keys(violationsOf(requestWith(actions)))).toHaveLength(20);
    expect(() => createOrder(requestWith(actions))).toThrow(/^actions\[0\]\.name: .*\(and 19 more\)$/);
  });

  it('finds what is wrong with fields, graph and references in one go', () => {
    const found = violationsOf({
      operatingSystem: { name: 'debian', version: 12 },
      hardwear: {},
      actions: [
        { name: 'a', script: 'x', after: ['b'] },
        { name: 'b', script: 'x', after: ['a'], timeout: '0s' },
        { name: 'c', script: 'x', after: ['z'], parameters: { u: { identity: 'usr' } } },
      ],
    });
    expect(Object.keys(found).sort()).toEqual([
      'actions[0].after',
      'actions[1].timeout',
      'actions[2].after[0]',
      'actions[2].parameters.u.identity',
      'hardwear',
      'operatingSystem.version',
    ]);
  });
});

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
