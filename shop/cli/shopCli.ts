import { type Command, Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { OUTPUT_FORMATS } from '../../cli/outputFormat.js';
import { write } from '../../cli/terminal.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import { neverConnected } from '../../proto/libraryStatus.js';
import type { VmshopClient } from '../client.js';
import { chooseAddress } from './address.js';
import { withCommandLineHint } from './commandLineHint.js';
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

/** Says of whatever a call was rejected with what it means to the user of a command line. */
export type ExplainError = (thrown: unknown) => VmplantsError;

/**
 * Connects, calls, and closes whatever happens. gRPC is loaded here, so that `--version` and `--help` need not. What
 * is thrown is explained; `explain` is for calls that keep errors to themselves.
 */
export async function withClient<Answer>(
  environment: CliEnvironment,
  options: GlobalOptions,
  call: (client: VmshopClient, explain: ExplainError) => Promise<Answer>,
): Promise<Answer> {
  const address = await shopAddress(environment, options);
  const { connectVmshop } = await import('../client.js');
  const explain: ExplainError = (thrown) => explained(asVmplantsError(thrown), address);
  const client = connectVmshop({ address });
  try {
    return await call(client, explain);
  } catch (thrown) {
    if (!(thrown instanceof VmplantsError)) throw thrown;
    throw explain(thrown);
  } finally {
    client.close();
  }
}

function explained(error: VmplantsError, address: string): VmplantsError {
  // What the shop itself answered has a reason.
  if (error.code !== 'UNAVAILABLE' || error.reason !== undefined) return withCommandLineHint(error);
  const message = neverConnected(error)
    ? `no shop answers at ${address}`
    : `no answer from the shop: ${error.message}`;
  return new VmplantsError('UNAVAILABLE', message, {
    reason: 'SHOP_UNREACHABLE',
    hint: error.hint ?? 'start one with: vmshop serve; or name another with --address or VMSHOP_ADDRESS',
    cause: error,
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
