import { type Command, Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { LOG_LEVELS } from '../../cli/logLevels.js';
import { untilAborted } from '../../cli/untilAborted.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';
import { DEFAULT_ADDRESS } from './address.js';
import { note, print } from './shopCli.js';

interface ServeOptions {
  readonly listen: string;
  readonly plants: string;
  readonly bidDeadline: string;
  readonly seed?: number;
  readonly logLevel: string;
  readonly insecureAnyAddress?: boolean;
}

/** How long calls, and then creations, may take to finish once the shop is told to stop. */
const STOP_MILLISECONDS = 5000;

/** `vmshop serve`: a shop, until SIGTERM or Ctrl-C. It keeps nothing; the plants do. */
export function addServe(program: Command, environment: CliEnvironment): void {
  program
    .command('serve')
    .description('run a shop; it keeps nothing that the plants do not have')
    .option('--listen <ADDRESS>', 'host:port or unix:PATH to serve on', DEFAULT_ADDRESS)
    .option('--plants <LIST>', 'addresses of the plants, with commas between them', '127.0.0.1:7071')
    .option('--bid-deadline <DURATION>', 'how long a plant may take to bid', '2s')
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
  const plants = plantAddresses(options.plants);
  const bidMilliseconds = parseDuration(options.bidDeadline, '--bid-deadline');
  const { createLog } = await import('../../cli/log.js');
  const logger = createLog(environment.terminal.stderr, 'vmshop', options.logLevel);
  const [{ createShop }, { seededRandom }, { fixedList }, { serve: startServer }] = await Promise.all([
    import('../server.js'),
    import('../random.js'),
    import('../../registry/fixedList.js'),
    import('../../proto/serve.js'),
  ]);
  const shop = createShop({
    registry: fixedList(plants),
    logger,
    now: environment.monotonic,
    random: seededRandom(options.seed ?? Buffer.from(environment.randomBytes(4)).readUInt32LE()),
    randomBytes: environment.randomBytes,
    limits: { bidMilliseconds },
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
  }
}

/** @throws VmplantsError INVALID_ARGUMENT naming the entry that is no address */
function plantAddresses(text: string): readonly string[] {
  const addresses = text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  for (const address of addresses) {
    try {
      parseAddress(address);
    } catch (cause) {
      throw new VmplantsError(
        'INVALID_ARGUMENT',
        `--plants: expected host:port or unix:PATH, found ${JSON.stringify(address)}`,
        { reason: 'USAGE', cause },
      );
    }
  }
  return addresses;
}
