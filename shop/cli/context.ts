import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { renderTable } from '../../cli/table.js';
import { configPath, readConfiguration, useContext } from './configFile.js';
import { printListing } from './printListing.js';
import { type GlobalOptions, note } from './shopCli.js';

interface ContextRow {
  readonly name: string;
  readonly address: string;
  readonly current: boolean;
}

/** `vmshop context list|use`: the named shops of the configuration file. */
export function addContext(program: Command, environment: CliEnvironment): void {
  const path = configPath(environment.variables, environment.homeDirectory);
  const context = program.command('context').description('named shops of the configuration file');
  context
    .command('list')
    .alias('ls')
    .description('list the contexts')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const { contexts, currentContext } = await readConfiguration(path);
      const rows = [...contexts].map(([name, { address }]) => ({
        name,
        address,
        current: name === currentContext,
      }));
      await printListing(
        environment,
        {
          table: () =>
            renderTable<ContextRow>(
              [
                { heading: 'CURRENT', cell: (row) => (row.current ? '*' : '') },
                { heading: 'NAME', cell: (row) => row.name },
                { heading: 'ADDRESS', cell: (row) => row.address },
              ],
              rows,
            ),
          document: { contexts: rows },
          names: rows.map((row) => row.name),
        },
        command.optsWithGlobals<GlobalOptions & { readonly quiet?: boolean }>(),
      );
    });
  context
    .command('use')
    .argument('<context>', 'name of the context')
    .description('make a context the current one')
    .action(async (name: string) => {
      await useContext(path, name);
      await note(environment, `current context: ${name}`);
    });
}
