import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';

interface DevOptions {
  readonly plants: number;
  readonly brokers: number;
  readonly line?: string;
  readonly warehouse?: string;
  readonly directory?: string;
  readonly maxVms?: number;
  readonly listen: string;
}

/** Each is a process of its own, of some 80 MB. */
const MOST_PLANTS = 64;
const COLLECTED_AT_ONCE = 8;

/** `vmshop dev`: plants and a shop on this host, each a process of its own, until Ctrl-C. */
export function addDev(program: Command, environment: CliEnvironment): void {
  program
    .command('dev')
    .argument('[plant-arguments...]', 'after --: more arguments for every vmplant serve')
    .description(
      'run a cluster on this host, for trying things: a shop and plants, until Ctrl-C; then all of it goes',
    )
    .option('--plants <N>', 'plants, each a process of its own', wholeNumber(1, MOST_PLANTS), 2)
    .option(
      '--brokers <N>',
      'brokers that the plants stand behind; 0 for none',
      wholeNumber(0, MOST_PLANTS),
      0,
    )
    .option(
      '--line <LIST>',
      'production lines of the plants: qemu, uml, fake (default: qemu where it works, else fake)',
    )
    .option('--warehouse <DIR>', 'directory of the golden images (default: as of vmplant)')
    .option('--directory <DIR>', 'where data and logs lie, and are kept (default: a temporary one)')
    .option('--max-vms <N>', 'most VMs of each plant', wholeNumber(1, 100_000))
    .option('--listen <ADDRESS>', 'host:port or unix:PATH that the shop serves on', '127.0.0.1:0')
    .action(async (plantArguments: readonly string[], options: DevOptions) => {
      checkUsage(plantArguments, options);
      const { runDevCluster } = await import('../../dev/runDevCluster.js');
      const hangup = new AbortController();
      // A terminal that is closed ends the cluster, too, whose processes it does not reach.
      const onHangup = (): void => hangup.abort(new VmplantsError('CANCELLED', 'the terminal was closed'));
      process.on('SIGHUP', onHangup);
      try {
        const { listen, ...rest } = options;
        await runDevCluster(
          { ...rest, shopAddress: listen, plantArguments },
          { environment, collectVms, signal: AbortSignal.any([environment.signal, hangup.signal]) },
        );
      } finally {
        process.off('SIGHUP', onHangup);
      }
    });
}

/** @throws VmplantsError INVALID_ARGUMENT */
function checkUsage(plantArguments: readonly string[], options: DevOptions): void {
  const wrong = (message: string): VmplantsError =>
    new VmplantsError('INVALID_ARGUMENT', message, { reason: 'USAGE' });
  const [first] = plantArguments;
  if (first !== undefined && !first.startsWith('-')) {
    throw wrong(`expected options of vmplant serve after --; found ${JSON.stringify(first)}`);
  }
  if (options.brokers > options.plants) {
    throw wrong(
      `--brokers: expected at most one for each of ${options.plants} plants; found ${options.brokers}`,
    );
  }
  try {
    parseAddress(options.listen);
  } catch {
    throw wrong(`--listen: expected host:port or unix:PATH, found ${JSON.stringify(options.listen)}`);
  }
}

/** Collects every VM that the shop knows, some at a time, and answers with how many; rejects as the first that fails. */
async function collectVms(address: string, signal: AbortSignal): Promise<number> {
  const { connectVmshop } = await import('../client.js');
  const shop = connectVmshop({ address });
  try {
    const { vms } = await shop.list({ signal });
    const left = vms.map(({ vmid }) => vmid);
    const collectSome = async (): Promise<void> => {
      for (let vmid = left.pop(); vmid !== undefined; vmid = left.pop()) await shop.collect(vmid, { signal });
    };
    await Promise.all(Array.from({ length: COLLECTED_AT_ONCE }, collectSome));
    return vms.length;
  } finally {
    shop.close();
  }
}
