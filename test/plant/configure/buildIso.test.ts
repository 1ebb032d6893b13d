import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { GuestAction } from '../../../model/action.js';
import { buildIso } from '../../../plant/configure/buildIso.js';
import { freshIdentity } from '../../../plant/configure/identity.js';
import { scriptEnvironment } from '../../../plant/configure/scriptEnvironment.js';
import { readIso } from '../../../plant/line/fake/readIso.js';
import { readManifest } from '../../../plant/line/fake/readManifest.js';
import { fakeOrder } from '../produce/rig.js';

const vm = { vmid: 'vm-1', hostname: 'h', identity: new Map([['user', 'ivan']]) };

function guestAction(plain: object, identity: Record<string, string> = { user: 'ivan' }): GuestAction {
  const action = fakeOrder([{ name: 'a', script: 'echo a\n', ...plain }], { identity }).dag.actions[0];
  if (action?.kind !== 'guest') throw new Error('expected a guest action');
  return action;
}

test('everything that an ISO holds is in its manifest, which the doorbell proves', () => {
  const identity = freshIdentity('h', 1, new Set(), (count) => new Uint8Array(count).fill(7));
  const action = guestAction({ files: [{ path: 'sub/file', content: 'data' }], timeout: 1.5 });
  const environment = scriptEnvironment(action, vm);
  const iso = buildIso({ vmid: 'vm-1', nonce: 'n', identity, actions: [{ action, environment }] });
  const files = readIso(Buffer.from(iso.bytes));
  const text = files?.get('manifest');
  if (files === undefined || text === undefined) throw new Error('no manifest');
  expect(createHash('sha256').update(text).digest('hex')).toBe(iso.manifestDigest);
  const manifest = readManifest(text.toString());
  expect(manifest).toMatchObject({
    vmid: 'vm-1',
    nonce: 'n',
    identity: { hostname: 'h', macs: identity.macs },
    // The daemon counts whole seconds: never less than was asked for.
    actions: [{ index: 0, timeoutSeconds: 2, directory: '0' }],
  });
  const listed = new Map(manifest?.files.map(({ path, digest }) => [path, digest]));
  expect([...files.keys()].filter((path) => path !== 'manifest').sort()).toEqual([...listed.keys()].sort());
  for (const [path, digest] of listed) {
    expect(
      createHash('sha256')
        .update(files.get(path) ?? '')
        .digest('hex'),
    ).toBe(digest);
  }
  expect(files.get('0/files/sub/file')?.toString()).toBe('data');
});

test('an ISO without an identity brings none', () => {
  const iso = buildIso({ vmid: 'vm-1', nonce: 'n', actions: [] });
  const files = readIso(Buffer.from(iso.bytes));
  expect([...(files?.keys() ?? [])]).toEqual(['manifest']);
  expect(readManifest(files?.get('manifest')?.toString() ?? '')?.identity).toBeUndefined();
});

test('only identity actions are told which VM they run in', () => {
  const plain = guestAction({ parameters: { version: '1' }, environment: { LC_ALL: 'C' } });
  expect(scriptEnvironment(plain, vm)).toEqual([
    ['LC_ALL', 'C'],
    ['PARAM_version', '1'],
  ]);
  const own = guestAction({ parameters: { name: { identity: 'user' } } });
  expect(scriptEnvironment(own, vm)).toEqual([
    ['PARAM_name', 'ivan'],
    ['VMPLANTS_VMID', 'vm-1'],
    ['VMPLANTS_HOSTNAME', 'h'],
  ]);
});
