import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { outputOf, ROOT, startProcess } from './program.js';

// Every example, created with the command line as its first lines say. host-actions.yaml has a file of its own.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro', 'debian-12'] });
});
afterAll(() => cluster.close());

const example = (name: string): string => join(ROOT, 'examples', name);

async function create(name: string): Promise<Vm> {
  return JSON.parse(await cluster.vmshopOutput(['create', '-f', example(name), '-o', 'json'])) as Vm;
}

describe('the examples for the micro guest', () => {
  it('hello.yaml, ci-runner.yaml, agent-sandbox.yaml and error-handling.yaml do what they promise', async () => {
    const vms = await Promise.all(
      ['hello.yaml', 'ci-runner.yaml', 'agent-sandbox.yaml', 'error-handling.yaml'].map(create),
    );
    const [hello, ci, sandbox, errors] = vms;
    expect(hello?.classad.GREETING).toBe(`Hello, world, from ${hello?.vmid}`);

    expect(ci?.classad).toMatchObject({ CI_TESTS: '2', CI_FAILURES: '0', Hostname: 'runner-4711' });
    const registration = await cluster.inGuest(
      ci?.vmid ?? '',
      'cat /srv/ci/registration; stat -c "%a %U" /srv/ci/registration',
    );
    expect(registration).toBe('job=4711\ntoken=not-a-real-token\n600 ci\n');

    expect(sandbox?.classad).toMatchObject({ TASK: '2f9a', TASK_RESULT: '25', Network: 'none' });
    const inside = await cluster.inGuest(
      sandbox?.vmid ?? '',
      'ls /sys/class/net; cd /srv/agent/work; agent-run sh main.sh; agent-run sh -c "id -un; dmesg | wc -l"',
    );
    expect(inside).toBe('lo\n25\nagent\ndmesg: klogctl: Operation not permitted\n0\n');

    expect(errors?.classad).toMatchObject({
      ATTEMPTS: '3',
      VARIANT: 'portable',
      OPTIONAL: 'optional did not work',
      ActionsRun: ['flaky', 'portable', 'report'],
      ActionsHandled: ['optional', 'probe'],
      ActionsSkipped: ['accelerated'],
    });
    await Promise.all(vms.map(({ vmid }) => cluster.shop().collect(vmid)));
  });

  it('the Python client creates, queries and collects with nothing but the .proto files', async () => {
    const client = startProcess('/usr/bin/python3', [example('python/create_query_collect.py')], {
      variables: { VMSHOP_ADDRESS: cluster.shopAddress() },
    });
    const output = await outputOf(client);
    expect(output).toContain('Greeting = "hello from Linux"\n');
    expect(output).toMatch(/^VMID = "vm-[a-z2-7]{26}"$/m);
    expect(client.stderr()).toMatch(/^collected vm-[a-z2-7]{26}$/m);
    expect((await cluster.shop().list()).vms).toEqual([]);

    const wrong = startProcess(
      '/usr/bin/python3',
      [example('python/create_query_collect.py'), example('workspace.yaml')],
      { variables: { VMSHOP_ADDRESS: cluster.shopAddress() } },
    );
    expect(await wrong.ended).toBe(1);
    expect(wrong.stderr()).toContain('INVALID_ARGUMENT');
    expect(wrong.stderr()).toContain('actions[0].files[0].source');
  });
});

describe('the examples for Debian', () => {
  it('teaching-lab.yaml gives a machine that a student can use', async () => {
    const vm = await create('teaching-lab.yaml');
    expect(vm.classad).toMatchObject({ STUDENT: 'maria', Hostname: 'lab-07', Image: 'debian-12' });
    const seen = await cluster.inGuest(
      vm.vmid,
      `hostname
       su - maria -c 'ls; check 1 2>&1 | head -n 1'
       ssh-keygen -lf /home/maria/.ssh/authorized_keys | cut -d ' ' -f 3
       stat -c '%a %U' /home/maria/.ssh/authorized_keys
       mkdir -p /run/sshd; /usr/sbin/sshd -T | grep -E '^(permitrootlogin|passwordauthentication)'`,
    );
    expect(seen.split('\n')).toEqual(
      expect.arrayContaining([
        'lab-07',
        'README',
        'exercise1.sh',
        'exercise2.sh',
        'maria@example.edu',
        '600 maria',
      ]),
    );
    expect(seen).toContain('permitrootlogin no\npasswordauthentication no\n');
    await cluster.shop().collect(vm.vmid);
  });

  it('workspace.yaml serves a desktop and files; its golden image serves workspace.xml, the same order', async () => {
    const first = await create('workspace.yaml');
    expect(first.classad).toMatchObject({ Image: 'debian-12', Rung: 'warm', ActionsPerformed: [] });
    await serves(first);
    await cluster.shop().collect(first.vmid);

    await cluster.vmplantOutput(['warehouse', 'build', 'workspace', '-f', example('workspace.yaml')]);
    const images = async (): Promise<readonly string[]> =>
      (await cluster.shop().images()).images.map(({ name }) => name);
    await expect.poll(images, { timeout: 60_000 }).toContain('workspace');

    const second = await create('workspace.xml');
    expect(second.orderDigest).toBe(first.orderDigest);
    expect(second.classad).toMatchObject({
      Image: 'workspace',
      Rung: 'warm',
      ActionsPerformed: expect.arrayContaining([
        'install-tools',
        'install-vnc-server',
        'install-file-manager',
      ]),
    });
    expect(second.classad.ActionsRun).toHaveLength(4);
    await serves(second);
    await cluster.shop().collect(second.vmid);
  });
});

/** The workspace's services answer inside the guest, to its own account only, as its attributes say. */
async function serves(vm: Vm): Promise<void> {
  expect(vm.classad).toMatchObject({
    Hostname: 'workspace-1',
    ADDRESS: '10.20.0.11',
    VNC: '10.20.0.11:1',
    FILES: 'http://10.20.0.11:8080/cgi-bin/files.cgi',
  });
  const answers = await cluster.inGuest(
    vm.vmid,
    `bash -e <<'END'
exec 3<>/dev/tcp/10.20.0.11/5901; head -c 12 <&3; exec 3>&-
echo mine >/home/ivan/files/note; chown ivan /home/ivan/files/note
url=http://10.20.0.11:8080/cgi-bin/files.cgi
busybox wget -q -O - "$url?get=note" 2>&1 | grep -c mine || true
busybox wget -q -O - "http://ivan:workspace@\${url#http://}?get=note"
id -un ivan; findmnt -no FSTYPE /home/ivan/files
systemctl is-active workspace-desktop@ivan workspace-vnc@ivan workspace-files@ivan
END
`,
  );
  expect(answers).toBe('RFB 003.008\n0\nmine\nivan\ntmpfs\nactive\nactive\nactive\n');
}
