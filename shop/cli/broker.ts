import { type Command, Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { LOG_LEVELS } from '../../cli/logLevels.js';
import { untilAborted } from '../../cli/untilAborted.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { asVmplantsError } from '../../model/errors.js';
import { brokerIdentity } from '../broker/brokerId.js';
import { parseMarkup } from '../broker/markup.js';
import { DEFAULT_SHOP_LIMITS } from '../shopParts.js';
import { addRegistryFlags, openRegistry, type RegistryFlags } from './registryFlags.js';
import { note, print } from './shopCli.js';

interface BrokerOptions extends RegistryFlags {
  readonly listen: string;
  readonly name: string;
  readonly markup: string;
  readonly bidDeadline: string;
  readonly askAll: number;
  readonly sample: number;
  readonly logLevel: string;
}

const DEFAULT_BROKER_ADDRESS = '127.0.0.1:7072';
/** How long calls, and then productions, may take to finish once the broker is told to stop. */
const STOP_MILLISECONDS = 5_000;

/** `vmshop broker`: a plant made of plants, until SIGTERM or Ctrl-C. It keeps nothing; the plants do. */
export function addBroker(program: Command, environment: CliEnvironment, version: string): void {
  const command = program
    .command('broker')
    .description('run a broker: it offers many plants, or brokers, to shops as one plant')
    .option('--listen <ADDRESS>', 'host:port or unix:PATH to serve on', DEFAULT_BROKER_ADDRESS)
    .option('--name <NAME>', 'what it is called: plants behind it are NAME/PLANT', 'broker')
    .option('--markup <PRICE>', 'added to the cost of every VM: 10% of it, or 5 for each', '0')
    .option('--bid-deadline <DURATION>', 'how long a plant may take to bid', '1500ms')
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
    );
  addRegistryFlags(command)
    .addOption(
      new Option('--log-level <LEVEL>', 'least important records to log')
        .choices([...LOG_LEVELS])
        .default('info'),
    )
    .option('--insecure-any-address', 'allow an address that other machines reach, without TLS')
    .action(async (options: BrokerOptions) => {
      await serveBroker(environment, options, version);
    });
}

async function serveBroker(
  environment: CliEnvironment,
  options: BrokerOptions,
  version: string,
): Promise<void> {
  const markup = parseMarkup(options.markup);
  const self = brokerIdentity(options.name, environment.randomBytes);
  const bidMilliseconds = parseDuration(options.bidDeadline, '--bid-deadline');
  const { createLog } = await import('../../cli/log.js');
  const logger = createLog(environment.terminal.stderr, 'vmbroker', options.logLevel);
  const [{ createBroker }, { seededRandom }, { serve: startServer }] = await Promise.all([
    import('../broker/broker.js'),
    import('../random.js'),
    import('../../proto/serve.js'),
  ]);
  const registry = await openRegistry(options, logger, environment.signal, environment);
  const broker = createBroker({
    registry,
    logger,
    now: environment.monotonic,
    random: seededRandom(Buffer.from(environment.randomBytes(4)).readUInt32LE()),
    self,
    markup,
    version,
    limits: { bidMilliseconds, askAll: options.askAll, sample: options.sample },
  });
  try {
    const server = await startServer({
      address: options.listen,
      services: [broker.service],
      logger,
      insecureAnyAddress: options.insecureAnyAddress === true,
    });
    await print(environment, `broker ${self.name} serves on ${server.address}\n`);
    broker.lookForLoops(environment.signal).catch((thrown: unknown) => {
      logger.debug?.({ code: asVmplantsError(thrown).code }, 'the look for loops ended early');
    });
    await untilAborted(environment.signal);
    await note(environment, 'the broker stops; plants go on with what they have begun');
    await server.stop(STOP_MILLISECONDS);
  } finally {
    await broker.close(STOP_MILLISECONDS);
    await registry.close();
  }
}
