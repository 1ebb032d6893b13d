import { type Command, Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { OUTPUT_FORMATS } from '../../cli/outputFormat.js';
import { write } from '../../cli/terminal.js';
import { VmplantsError } from '../../model/errors.js';
import type { VmshopClient } from '../client.js';
import { chooseAddress } from './address.js';
import { configPath, readConfiguration } from './configFile.js';

/** Options that every command of `vmshop` takes. */
export interface GlobalOptions {
  readonly output?: string;
  readonly address?: string;
  readonly context?: string;
  readonly timeout?: string;
}

export function addGlobalOptions(program: Command): void {
  program
    .addOption(new Option('-o, --output <FORMAT>', 'form of the output').choices([...OUTPUT_FORMATS]))
    .option(
      '--address <HOST:PORT>',
      'address of the shop (VMSHOP_ADDRESS, else the context, else 127.0.0.1:7070)',
    )
    .option('--context <NAME>', 'context of the configuration file to use')
    .option('--timeout <DURATION>', 'how long to wait, for example 30s or 5m');
}

/** Deadline of calls that only ask. */
const ASKING_MILLISECONDS = 30_000;

/** The address of the shop, from flags, environment, configuration file or default. */
export async function shopAddress(environment: CliEnvironment, options: GlobalOptions): Promise<string> {
  const path = configPath(environment.variables, environment.homeDirectory);
  const { address } = chooseAddress({
    addressFlag: options.address,
    contextFlag: options.context,
    addressVariable: environment.variables.VMSHOP_ADDRESS,
    configuration: await readConfiguration(path),
    configurationPath: path,
  });
  return address;
}

/** Milliseconds of `--timeout`, or the given default. */
export function timeoutOf(options: GlobalOptions, fallback: number = ASKING_MILLISECONDS): number {
  return options.timeout === undefined ? fallback : parseDuration(options.timeout, '--timeout');
}

/** Connects, calls, and closes whatever happens. gRPC is loaded here, so that `--version` and `--help` need not. */
export async function withClient<Answer>(
  environment: CliEnvironment,
  options: GlobalOptions,
  call: (client: VmshopClient) => Promise<Answer>,
): Promise<Answer> {
  const address = await shopAddress(environment, options);
  const { connectVmshop } = await import('../client.js');
  const client = connectVmshop({ address });
  try {
    return await call(client);
  } catch (thrown) {
    throw withHint(thrown, address);
  } finally {
    client.close();
  }
}

/** gRPC's own words for a shop that is not there name neither it nor what to do. */
function withHint(thrown: unknown, address: string): unknown {
  if (!(thrown instanceof VmplantsError) || thrown.code !== 'UNAVAILABLE') return thrown;
  // What the shop itself answered has a reason.
  if (thrown.reason !== undefined) return thrown;
  return new VmplantsError('UNAVAILABLE', `no answer from the shop at ${address}: ${thrown.message}`, {
    reason: 'SHOP_UNREACHABLE',
    hint: thrown.hint ?? 'start one with: vmshop serve; or name another with --address or VMSHOP_ADDRESS',
    cause: thrown,
  });
}

/** Writes data to stdout. */
export function print(environment: CliEnvironment, text: string): Promise<void> {
  return write(environment.terminal.stdout, text);
}

/** Writes a note for people to stderr. */
export function note(environment: CliEnvironment, text: string): Promise<void> {
  return write(environment.terminal.stderr, `${text}\n`);
}
