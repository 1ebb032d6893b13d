import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { asVmplantsError } from '../../model/errors.js';
import type { PlantDescription } from '../client.js';
import { type GlobalOptions, shopAddress, timeoutOf, withClient } from './shopCli.js';

const SERVER_MILLISECONDS = 3000;

interface PlantVersion {
  /** Empty, as is the version, of a plant that does not answer. */
  readonly name: string;
  readonly version: string;
  readonly address: string;
  /** Why it does not answer. */
  readonly error?: string;
}

/** What answers at the shop's address. A shop has no version of its own to tell: the plants behind it do. */
interface ServerVersion {
  readonly address: string;
  readonly plants: readonly PlantVersion[];
  /** Why it could not be asked. */
  readonly error?: string;
}

/** `vmshop version`: this program and what it talks to. Exits with 0 whether or not a shop answers. */
export function addVersion(program: Command, environment: CliEnvironment, version: string): void {
  program
    .command('version')
    .description('print the versions of this program and of the plants behind the shop')
    .option('--client', 'this program only; nothing is connected to')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly client?: boolean }>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const server = options.client === true ? undefined : await askServer(environment, options);
      const document = { client: { version }, ...(server === undefined ? {} : { server }) };
      await printResult(environment.terminal.stdout, format, document, () => versionText(version, server));
    });
}

async function askServer(environment: CliEnvironment, options: GlobalOptions): Promise<ServerVersion> {
  const address = await shopAddress(environment, options);
  try {
    const plants = await withClient(environment, options, (client) =>
      client.plants({
        timeoutMilliseconds: timeoutOf(options, SERVER_MILLISECONDS),
        signal: environment.signal,
      }),
    );
    return { address, plants: plants.map(plantVersion) };
  } catch (thrown) {
    return { address, plants: [], error: asVmplantsError(thrown).message };
  }
}

function plantVersion({ name, version, address, error }: PlantDescription): PlantVersion {
  return { name, version, address, ...(error === undefined ? {} : { error }) };
}

function versionText(version: string, server: ServerVersion | undefined): string {
  const lines = [`client: ${version}`];
  if (server?.error !== undefined) lines.push(`server: none at ${server.address} (${server.error})`);
  else if (server !== undefined) {
    lines.push(`server: ${server.address}`);
    for (const plant of server.plants) {
      lines.push(
        plant.error === undefined
          ? `plant ${plant.name}: ${plant.version}`
          : `plant ${plant.address}: unreachable`,
      );
    }
  }
  return lines.map((line) => `${escapeLine(line)}\n`).join('');
}
