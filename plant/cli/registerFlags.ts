import type { Command } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';
import type { EtcdLocation } from '../../registry/etcd/location.js';
import type { Registration } from '../../registry/registration.js';
import type { Log } from '../log.js';
import type { PlantEnvironment } from './plantEnvironment.js';

/** The options of a server that lets itself be found in etcd. */
export interface RegisterFlags {
  readonly listen: string;
  readonly etcd?: string;
  readonly etcdPrefix?: string;
  readonly lease?: string;
  readonly advertise?: string;
  readonly insecureAnyAddress?: boolean;
}

/** The flags, checked. */
export interface RegisterSettings extends EtcdLocation {
  /** Where shops reach the plant; absent: where it listens. */
  readonly advertise?: string;
  readonly leaseSeconds: number;
  /** Whether etcd is on this machine. */
  readonly local: boolean;
}

/** What the plant says of itself. */
export interface RegisteredPlant {
  readonly id: string;
  readonly name: string;
  readonly lines: readonly string[];
  /** Where it listens, with the port that was taken. */
  readonly address: string;
}

const DEFAULT_LEASE = '5s';

/** So that a plant which stands still for 2 s keeps its entry. */
const LEAST_LEASE_SECONDS = 4;
const MOST_LEASE_SECONDS = 3600;

const INSTANCE_BYTES = 16;

/** Adds `--etcd`, `--etcd-prefix`, `--lease` and `--advertise`; the other flags are the command's own. */
export function addRegisterFlags(command: Command): Command {
  return command
    .option(
      '--etcd <LIST>',
      'register with the members of an etcd, http://HOST:PORT with commas between them; no TLS yet, so other machines only with --insecure-any-address',
    )
    .option('--etcd-prefix <PREFIX>', 'what the keys in etcd begin with (default: /vmplants/)')
    .option('--lease <DURATION>', `within which a dead plant is gone from etcd (default: ${DEFAULT_LEASE})`)
    .option('--advertise <ADDRESS>', 'where shops reach the plant (default: where it listens)');
}

/**
 * Checks the flags before anything is begun; undefined: nothing is to be registered.
 * @throws VmplantsError INVALID_ARGUMENT naming the flag
 */
export async function registerSettings(flags: RegisterFlags): Promise<RegisterSettings | undefined> {
  const { etcd, etcdPrefix, lease, advertise } = flags;
  if (etcd === undefined) {
    const alone = Object.entries({ '--etcd-prefix': etcdPrefix, '--lease': lease, '--advertise': advertise });
    const given = alone.find(([, value]) => value !== undefined);
    if (given !== undefined) throw usage(`${given[0]}: only together with --etcd`);
    return undefined;
  }
  const { isLocal, readLocation } = await import('../../registry/etcd/location.js');
  const location = readLocation(etcd, etcdPrefix, flags.insecureAnyAddress === true);
  const leaseSeconds = Math.floor(parseDuration(lease ?? DEFAULT_LEASE, '--lease') / 1000);
  if (leaseSeconds < LEAST_LEASE_SECONDS || leaseSeconds > MOST_LEASE_SECONDS) {
    throw usage(
      `--lease: expected ${LEAST_LEASE_SECONDS}s to ${MOST_LEASE_SECONDS}s, found ${JSON.stringify(lease)}`,
    );
  }
  if (advertise === undefined) checkReachable(flags.listen, '--listen');
  else checkReachable(advertise, '--advertise');
  return {
    ...location,
    leaseSeconds,
    local: isLocal(location),
    ...(advertise === undefined ? {} : { advertise }),
  };
}

/**
 * Registers a plant that serves. Undefined when the signal was aborted first.
 * @throws VmplantsError ALREADY_EXISTS when a living process has the plant's id
 */
export async function register(
  settings: RegisterSettings,
  plant: RegisteredPlant,
  environment: PlantEnvironment,
  logger: Log,
): Promise<Registration | undefined> {
  const { registerInEtcd } = await import('../../registry/etcd/etcdRegistration.js');
  const { now, monotonic, signal, version, randomBytes } = environment;
  const address = settings.advertise ?? plant.address;
  if (!settings.local && parseAddress(address).local) {
    logger.warn(
      { address },
      'etcd is for many machines, but the address is reached from this one only: see --advertise',
    );
  }
  try {
    return await registerInEtcd({
      endpoints: settings.endpoints,
      prefix: settings.prefix,
      id: plant.id,
      entry: {
        address,
        name: plant.name,
        lines: plant.lines,
        version,
        started: new Date(now()).toISOString(),
        leaseSeconds: settings.leaseSeconds,
        instance: Buffer.from(randomBytes(INSTANCE_BYTES)).toString('hex'),
      },
      logger,
      clock: { now, monotonic },
      signal,
    });
  } catch (error) {
    if (signal.aborted && asVmplantsError(error).code === 'CANCELLED') return undefined;
    throw error;
  }
}

/** What stands for every address of a host is none that another could connect to. */
function checkReachable(address: string, flag: string): void {
  let target: string;
  try {
    target = parseAddress(address).target;
  } catch (cause) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${flag}: expected host:port or unix:PATH, found ${JSON.stringify(address)}`,
      { reason: 'USAGE', cause },
    );
  }
  const anywhere = /^ipv4:0\.0\.0\.0:|^ipv6:\[[0:]*\]:/.test(target);
  const noPort = flag === '--advertise' && !target.startsWith('unix:') && target.endsWith(':0');
  const relative = target.startsWith('unix:') && !target.startsWith('unix:/');
  if (!anywhere && !noPort && !relative) return;
  throw usage(
    `${flag}: shops cannot reach ${JSON.stringify(address)}; say with --advertise under which address they can`,
  );
}

function usage(message: string): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', message, { reason: 'USAGE' });
}
