import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addRegisterFlags, type RegisterFlags, registerSettings } from '../../plant/cli/registerFlags.js';
import { addRegistryFlags, openRegistry, type RegistryFlags } from '../../shop/cli/registryFlags.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { now: () => Date.now(), monotonic: () => performance.now() };

function shopFlags(...args: readonly string[]): RegistryFlags {
  const command = addRegistryFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse([...args], { from: 'user' }).opts();
}

function plantFlags(...args: readonly string[]): RegisterFlags {
  const command = addRegisterFlags(new Command())
    .option('--listen <ADDRESS>', '', '127.0.0.1:7071')
    .option('--insecure-any-address')
    .exitOverride();
  return command.parse([...args], { from: 'user' }).opts();
}

const ETCD = ['--etcd', 'http://127.0.0.1:2379'];

describe('the flags of who looks for plants', () => {
  const open = (...args: readonly string[]) =>
    openRegistry(shopFlags(...args), quiet, new AbortController().signal, clock);

  it('name a fixed list unless they name etcd', async () => {
    expect((await open()).plants()).toEqual([{ address: '127.0.0.1:7071' }]);
    expect((await open('--plants', 'a:1, b:2')).plants()).toEqual([{ address: 'a:1' }, { address: 'b:2' }]);
  });

  it('name one of the two', () => {
    expect(() => shopFlags('--plants', 'a:1', ...ETCD)).toThrow(/cannot be used with/);
  });

  it.each<[string, readonly string[]]>([
    ['--plants', ['--plants', 'nowhere']],
    ['--etcd-prefix', ['--etcd-prefix', '/x/']],
    ['--etcd-prefix', [...ETCD, '--etcd-prefix', 'x']],
    ['--etcd', ['--etcd', 'http://etcd.example:2379']],
  ])('are refused by name: %s', async (flag, args) => {
    await expect(open(...args)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${flag}: `),
    });
  });
});

describe('the flags of a plant that registers', () => {
  it('are not needed', async () => {
    expect(await registerSettings(plantFlags())).toBeUndefined();
  });

  it('have a lease of 5 s', async () => {
    expect(await registerSettings(plantFlags(...ETCD))).toEqual({
      endpoints: ['http://127.0.0.1:2379'],
      prefix: '/vmplants/',
      leaseSeconds: 5,
      local: true,
    });
  });

  it('say another lease, another address and etcd on other machines', async () => {
    const args = ['--etcd', 'http://e:1', '--insecure-any-address', '--lease', '1m', '--etcd-prefix', '/x/'];
    const listening = ['--listen', '0.0.0.0:7071', '--advertise', 'plant-1.example:7071'];
    expect(await registerSettings(plantFlags(...args, ...listening))).toEqual({
      endpoints: ['http://e:1'],
      prefix: '/x/',
      leaseSeconds: 60,
      local: false,
      advertise: 'plant-1.example:7071',
    });
  });

  it.each<[string, readonly string[]]>([
    ['--lease', [...ETCD, '--lease', '3s']],
    ['--lease', [...ETCD, '--lease', '2h']],
    ['--lease', ['--lease', '5s']],
    ['--advertise', ['--advertise', 'a:1']],
    ['--advertise', [...ETCD, '--advertise', 'a:0']],
    ['--advertise', [...ETCD, '--advertise', 'nowhere']],
    ['--advertise', [...ETCD, '--advertise', '[::]:1']],
    ['--listen', [...ETCD, '--listen', '0.0.0.0:7071']],
    ['--listen', [...ETCD, '--listen', '[0:0::0]:7071']],
    ['--listen', [...ETCD, '--listen', 'unix:plant.sock']],
    ['--etcd-prefix', ['--etcd-prefix', '/x/']],
  ])('are refused by name: %s %j', async (flag, args) => {
    await expect(registerSettings(plantFlags(...args))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'USAGE',
      message: expect.stringContaining(`${flag}: `),
    });
  });
});
