import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { asVmplantsError } from '../../model/errors.js';
import { type GlobalOptions, shopAddress, timeoutOf, withClient } from './shopCli.js';

const SERVER_MILLISECONDS = 3000;

/** What answers at the shop's address. A shop has no version of its own to tell: the plants behind it do. */
interface ServerVersion {
  readonly address: string;
  readonly plants: readonly { readonly name: string; readonly version: string }[];
  /** Why it could not be asked. */
  readonly error?: string;
}

/** `vmshop version`: this program and what it talks to. Exits with 0 whether or not a shop answers. */
export function addVersion(program: Command, environment: CliEnvironment, version: string): void {
  program
    .command('version')
    .description('print the versions of this program and of the plants behind the shop')
    .option('--client', 'this program only; nothing is connected to')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly client?: boolean }>();
      const format = chooseFormat(options.output, ['table', 'json', 'yaml']);
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
    return { address, plants: plants.map(({ name, version }) => ({ name, version })) };
  } catch (thrown) {
    return { address, plants: [], error: asVmplantsError(thrown).message };
  }
}

function versionText(version: string, server: ServerVersion | undefined): string {
  const lines = [`client: ${version}`];
  if (server?.error !== undefined) lines.push(`server: none at ${server.address} (${server.error})`);
  else if (server !== undefined) {
    lines.push(`server: ${server.address}`);
    for (const plant of server.plants) lines.push(`plant ${plant.name}: ${plant.version}`);
  }
  return lines.map((line) => `${escapeLine(line)}\n`).join('');
}
