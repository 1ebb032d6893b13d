import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RequestDocument } from '../../shop/client.js';
import { type Cluster, startCluster } from './cluster.js';
import { failureOf } from './failure.js';
import { microRequest } from './requests.js';

// Faults 9 and 27: input that is wrong or made to hurt, through the real shop and the real command line.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.close());
afterEach(async () => {
  const [plant] = cluster.plants;
  expect((await cluster.shop().list()).vms).toEqual([]);
  expect(await plant?.clones()).toEqual([]);
  expect(await plant?.monitors()).toEqual([]);
  expect(await plant?.audit()).toEqual([]);
});

const yaml = (text: string): RequestDocument => new RequestDocument('yaml', text);
const xml = (text: string): RequestDocument => new RequestDocument('xml', text);
const json = (text: string): RequestDocument => new RequestDocument('json', text);

/** Ten levels of ten aliases each. */
const aliasBomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...[...Array(10).keys()].map((n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
].join('\n');

const SYSTEM = 'operatingSystem: { name: micro }';
const named = (name: string): object => microRequest([{ name, script: 'exit 0\n' }]);

describe('a request that is wrong is INVALID_ARGUMENT at its field, and nothing is created', () => {
  it.each<[string, object, string]>([
    ['a field that nobody knows', microRequest([], { memori: '1GiB' }), 'memori'],
    ['a prototype', json('{"operatingSystem":{"name":"micro"},"actions":[],"__proto__":{"x":1}}'), ''],
    [
      'actions with one name',
      microRequest([
        { name: 'a', script: 'x\n' },
        { name: 'a', script: 'y\n' },
      ]),
      'actions[1].name',
    ],
    [
      'a cycle',
      microRequest([
        { name: 'a', script: 'x\n', after: ['b'] },
        { name: 'b', script: 'x\n', after: ['a'] },
      ]),
      'actions[0].after',
    ],
    ['a DOCTYPE', xml('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><request>&e;</request>'), ''],
    ['a million character references', xml(`<request>${'&#97;'.repeat(1_000_000)}</request>`), ''],
    ['an alias bomb', yaml(aliasBomb), ''],
    ['a depth of 10,000', json('['.repeat(10_000)), ''],
    ['a depth of 10,000 in XML', xml('<request>'.repeat(10_000)), ''],
    [
      'a file of the shop',
      yaml(`${SYSTEM}\nactions: [{ name: a, script: x, files: [{ path: p, source: /etc/shadow }] }]`),
      'actions[0].files[0].source',
    ],
    ['a comma in a name', named('a,readonly=off'), 'actions[0].name'],
    ['a quote in a name', named('a"b'), 'actions[0].name'],
    ['a line break in a name', named('a\nb'), 'actions[0].name'],
    ['a name that looks like an option', named('--help'), 'actions[0].name'],
    [
      'a line break in the hostname',
      microRequest([], { identity: { hostname: 'a\nroot::0:0::/:/bin/sh' } }),
      'identity.hostname',
    ],
    ['an option as the hostname', microRequest([], { identity: { hostname: '-b' } }), 'identity.hostname'],
    ['a comma in the domain', microRequest([], { clientDomain: 'a,b' }), 'clientDomain'],
    [
      'a path that leads out',
      microRequest([{ name: 'a', script: 'x\n', files: [{ path: '../../etc/cron.d/x', content: '' }] }]),
      'actions[0].files[0].path',
    ],
    [
      'a variable of the system',
      microRequest([{ name: 'a', script: 'x\n', environment: { LD_PRELOAD: 'x', VMPLANTS_VMID: 'y' } }]),
      'actions[0].environment.VMPLANTS_VMID',
    ],
  ])('%s', async (_, request, field) => {
    const error = await failureOf(cluster.shop().create(request));
    expect([error.code, error.violations[0]?.field]).toEqual(['INVALID_ARGUMENT', field]);
  });

  it.each(['', 'vm-1', '--help', '../../etc/passwd', `vm-${'a'.repeat(26)}\n`])(
    'the VMID %j',
    async (vmid) => {
      const error = await failureOf(cluster.shop().query(vmid));
      expect([error.code, error.violations[0]?.field]).toEqual(['INVALID_ARGUMENT', 'vmid']);
    },
  );
});

describe('the command line ends with 2 and says where', () => {
  it.each<[string, string, string]>([
    ['hardware', `hardware: { vcpus: 99 }\n${SYSTEM}\nactions: []\n`, 'hardware.vcpus'],
    ['an action', `${SYSTEM}\nactions: [{ name: "a,b", script: x }]\n`, 'actions[0].name'],
    ['a cycle', `${SYSTEM}\nactions: [{ name: a, script: x, after: [a] }]\n`, 'actions[0].after'],
    ['XML', '<!DOCTYPE r [<!ENTITY a "b">]><request>&a;</request>', ''],
  ])('%s', async (_, text, field) => {
    const [plain, document] = await Promise.all([
      cluster.vmshop(['create', '-f', '-'], { stdin: text }),
      cluster.vmshop(['create', '-f', '-', '-o', 'json'], { stdin: text }),
    ]);
    expect([plain.exitCode, document.exitCode]).toEqual([2, 2]);
    expect(plain.stdout + document.stdout).toBe('');
    expect(plain.stderr).toMatch(/^error: /);
    expect(JSON.parse(document.stderr)).toMatchObject({ code: 'INVALID_ARGUMENT', field });
  });
});
