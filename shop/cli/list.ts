import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { type MaxAgeOption, maxAgeOf, maxAgeOption } from './maxAge.js';
import { printListing } from './printListing.js';
import { renderVms, vmDocument } from './renderVms.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

interface ListOptions extends GlobalOptions, MaxAgeOption {
  readonly domain?: string;
  readonly quiet?: boolean;
}

/** `vmshop list`: all VMs, oldest first. */
export function addList(program: Command, environment: CliEnvironment): void {
  program
    .command('list')
    .alias('ls')
    .description('list the VMs, oldest first')
    .option('--domain <NAME>', 'only the VMs of this client domain')
    .option('-q, --quiet', 'print the VMIDs alone')
    .addOption(maxAgeOption())
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ListOptions>();
      const { vms, unreachable } = await withClient(environment, options, (client) =>
        client.list({
          ...(options.domain === undefined ? {} : { clientDomain: options.domain }),
          ...maxAgeOf(options),
          timeoutMilliseconds: timeoutOf(options),
          signal: environment.signal,
        }),
      );
      await printListing(
        environment,
        {
          table: (wide) => renderVms(vms, environment.now(), wide),
          document: { vms: vms.map(vmDocument), unreachable },
          names: vms.map((vm) => vm.vmid),
          unreachable,
        },
        options,
      );
    });
}
