import { type Command, Option } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';
import type { Logger } from '../../proto/logger.js';
import type { Registry } from '../../registry/registry.js';

/** The options of a server that finds its plants: in a list, or in etcd. */
export interface RegistryFlags {
  readonly plants: string;
  readonly etcd?: string;
  readonly etcdPrefix?: string;
  readonly insecureAnyAddress?: boolean;
}

/** Adds `--plants`, `--etcd` and `--etcd-prefix`; `--insecure-any-address` is the command's own. */
export function addRegistryFlags(command: Command): Command {
  return command
    .option('--plants <LIST>', 'addresses of the plants, with commas between them', '127.0.0.1:7071')
    .addOption(
      new Option(
        '--etcd <LIST>',
        'instead: members of an etcd where plants register, http://HOST:PORT with commas between them; no TLS yet, so other machines only with --insecure-any-address',
      ).conflicts('plants'),
    )
    .option('--etcd-prefix <PREFIX>', 'what the keys in etcd begin with (default: /vmplants/)');
}

/**
 * Opens the registry that the flags name. With etcd it waits for the first answer, or until there is none in time.
 * @throws VmplantsError INVALID_ARGUMENT naming the flag; CANCELLED
 */
export async function openRegistry(
  flags: RegistryFlags,
  logger: Logger,
  signal: AbortSignal,
  clock: Pick<CliEnvironment, 'now' | 'monotonic'>,
): Promise<Registry> {
  if (flags.etcd === undefined) {
    if (flags.etcdPrefix !== undefined) throw usage('--etcd-prefix: only together with --etcd');
    const { fixedList } = await import('../../registry/fixedList.js');
    return fixedList(plantAddresses(flags.plants));
  }
  const [{ readLocation }, { openEtcdRegistry }] = await Promise.all([
    import('../../registry/etcd/location.js'),
    import('../../registry/etcd/etcdRegistry.js'),
  ]);
  const location = readLocation(flags.etcd, flags.etcdPrefix, flags.insecureAnyAddress === true);
  return await openEtcdRegistry({ ...location, logger, signal, clock, isAddress });
}

/** @throws VmplantsError INVALID_ARGUMENT naming the entry that is no address */
function plantAddresses(text: string): readonly string[] {
  const addresses = text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  for (const address of addresses) {
    if (!isAddress(address))
      throw usage(`--plants: expected host:port or unix:PATH, found ${JSON.stringify(address)}`);
  }
  return addresses;
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

function usage(message: string): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', message, { reason: 'USAGE' });
}
