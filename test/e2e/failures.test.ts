import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, startCluster } from './cluster.js';
import { microRequest } from './requests.js';

// What becomes of an order whose actions fail, in real guests. examples/error-handling.yaml has the rest.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.close());

const failing = microRequest([
  { name: 'prepare', script: 'echo prepared >/prepared\n' },
  {
    name: 'doomed',
    after: ['prepare'],
    onError: {
      retries: 1,
      handler: { actions: [{ name: 'evidence', script: 'cp /prepared /evidence\n' }] },
      then: 'abort',
    },
    script: 'echo try >>/tries; echo "said on the way"; echo "the reason" >&2; exit 7\n',
  },
  { name: 'never', after: ['doomed'], script: 'echo never >/never\n' },
]);

async function nothingIsLeft(): Promise<void> {
  const [plant] = cluster.plants;
  expect((await cluster.shop().list()).vms).toEqual([]);
  expect(await plant?.clones()).toEqual([]);
  expect(await plant?.monitors()).toEqual([]);
  expect(await plant?.audit()).toEqual([]);
}

it('a failed action fails the creation: the error names it, its status and its last words, and no VM is left', async () => {
  const stdin = JSON.stringify(failing);
  const run = await cluster.vmshop(['create', '-f', '-', '-o', 'json'], { stdin });
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toBe('');
  // Progress comes before it, on the same stream.
  const error: unknown = JSON.parse(run.stderr.slice(run.stderr.indexOf('{\n')));
  expect(error).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'ACTION_FAILED',
    actionFailure: { action: 'doomed', status: 7, outputTail: 'said on the way\nthe reason\n' },
  });
  await nothingIsLeft();
});

it('--keep-failed keeps the VM as it is, with what its retries and its handler did, until it is destroyed', async () => {
  const run = await cluster.vmshop(['create', '-f', '-', '--keep-failed'], {
    stdin: JSON.stringify(failing),
  });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('action doomed failed with status 7');
  const [vm] = (await cluster.shop().list()).vms;
  expect(vm?.state).toBe('failed');
  expect(vm?.reason).toContain('doomed');
  const vmid = vm?.vmid ?? '';
  expect(run.stderr).toContain(vmid);
  expect(await cluster.inGuest(vmid, 'cat /tries /evidence; [ ! -e /never ]')).toBe('try\ntry\nprepared\n');
  expect(await cluster.plants[0]?.audit()).toEqual([]);
  await cluster.shop().collect(vmid);
  await nothingIsLeft();
});

it('an action that runs out of time is ended in the guest, with all that it started', async () => {
  const { vmid, classad } = await cluster.shop().create(
    microRequest([
      {
        name: 'slow',
        timeout: '1s',
        onError: { then: 'continue' },
        script: 'sleep 4321 & sleep 1234\n',
      },
      {
        name: 'after',
        after: ['slow'],
        script: 'echo "Sleepers=$(pidof sleep)" >>"$VMPLANTS_ATTRIBUTES"\n',
      },
    ]),
  );
  expect(classad).toMatchObject({ ActionsHandled: ['slow'], ActionsRun: ['after'], Sleepers: '' });
  await cluster.shop().collect(vmid);

  const stdin = JSON.stringify(
    microRequest([{ name: 'slow', timeout: '1s', script: 'echo begun; sleep 1234\n' }]),
  );
  const run = await cluster.vmshop(['create', '-f', '-'], { stdin });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('action slow ran out of time\n  | begun\n');
  await nothingIsLeft();
});

it('output without end is cut, and the guest is none the worse for it', async () => {
  const { vmid } = await cluster
    .shop()
    .create(
      microRequest([
        { name: 'flood', timeout: '1m', script: 'yes flooding | head -c 1000000; echo end >/end\n' },
      ]),
    );
  expect(await cluster.inGuest(vmid, 'cat /end')).toBe('end\n');
  const parts: Uint8Array[] = [];
  const result = await cluster.shop().exec(vmid, 'yes | head -c 200000', {
    onOutput: (data) => {
      parts.push(data);
    },
  });
  expect(result).toEqual({ status: 0, truncated: true });
  expect(Buffer.concat(parts)).toHaveLength(64 * 1024);
  await cluster.shop().collect(vmid);
  await nothingIsLeft();
});
