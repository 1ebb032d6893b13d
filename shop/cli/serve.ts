import { type Command, Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { LOG_LEVELS } from '../../cli/logLevels.js';
import { untilAborted } from '../../cli/untilAborted.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { DEFAULT_SHOP_LIMITS } from '../shopParts.js';
import { DEFAULT_ADDRESS } from './address.js';
import { addRegistryFlags, openRegistry, type RegistryFlags } from './registryFlags.js';
import { note, print } from './shopCli.js';

interface ServeOptions extends RegistryFlags {
  readonly listen: string;
  readonly bidDeadline: string;
  readonly askAll: number;
  readonly sample: number;
  readonly seed?: number;
  readonly logLevel: string;
}

/** How long calls, and then creations, may take to finish once the shop is told to stop. */
const STOP_MILLISECONDS = 5000;

/** `vmshop serve`: a shop, until SIGTERM or Ctrl-C. It keeps nothing; the plants do. */
export function addServe(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('serve')
    .description('run a shop; it keeps nothing that the plants do not have')
    .option('--listen <ADDRESS>', 'host:port or unix:PATH to serve on', DEFAULT_ADDRESS);
  addRegistryFlags(command)
    .option('--bid-deadline <DURATION>', 'how long a plant may take to bid', '2s')
    .option(
      '--ask-all <N>',
      'up to so many plants all are asked for a bid, of more a sample',
      wholeNumber(0, 1_000_000),
      DEFAULT_SHOP_LIMITS.askAll,
    )
    .option(
      '--sample <K>',
      'how many plants of more are asked first: those that should offer most',
      wholeNumber(1, 1_000_000),
      DEFAULT_SHOP_LIMITS.sample,
    )
    .option(
      '--seed <N>',
      'choose between equal bids in a way that can be repeated',
      wholeNumber(0, 2 ** 32 - 1),
    )
    .addOption(
      new Option('--log-level <LEVEL>', 'least important records to log')
        .choices([...LOG_LEVELS])
        .default('info'),
    )
    .option('--insecure-any-address', 'allow an address that other machines reach, without TLS')
    .action(async (options: ServeOptions) => {
      await serve(environment, options);
    });
}

async function serve(environment: CliEnvironment, options: ServeOptions): Promise<void> {
  const bidMilliseconds = parseDuration(options.bidDeadline, '--bid-deadline');
  const { createLog } = await import('../../cli/log.js');
  const logger = createLog(environment.terminal.stderr, 'vmshop', options.logLevel);
  const [{ createShop }, { seededRandom }, { serve: startServer }] = await Promise.all([
    import('../server.js'),
    import('../random.js'),
    import('../../proto/serve.js'),
  ]);
  const registry = await openRegistry(options, logger, environment.signal, environment);
  const shop = createShop({
    registry,
    logger,
    now: environment.monotonic,
    random: seededRandom(options.seed ?? Buffer.from(environment.randomBytes(4)).readUInt32LE()),
    randomBytes: environment.randomBytes,
    limits: { bidMilliseconds, askAll: options.askAll, sample: options.sample },
  });
  try {
    const server = await startServer({
      address: options.listen,
      services: [shop.service],
      logger,
      insecureAnyAddress: options.insecureAnyAddress === true,
    });
    await print(environment, `shop serves on ${server.address}\n`);
    await untilAborted(environment.signal);
    await note(environment, 'the shop stops; plants go on with what they have begun');
    await server.stop(STOP_MILLISECONDS);
  } finally {
    await shop.close(STOP_MILLISECONDS);
    await registry.close();
  }
}
