import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption } from '../../cli/outputFormat.js';
import { type MaxAgeOption, maxAgeOf, maxAgeOption } from './maxAge.js';
import { printVm, VM_FORMATS } from './printVm.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** `vmshop get VMID`: one VM with its classad. */
export function addGet(program: Command, environment: CliEnvironment): void {
  program
    .command('get')
    .argument('<vmid>', 'VMID of the VM')
    .description('print a VM: its classad, unless -o says otherwise')
    .addOption(maxAgeOption())
    .addOption(outputOption(VM_FORMATS))
    .action(async (vmid: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & MaxAgeOption>();
      chooseFormat(options.output, VM_FORMATS);
      const vm = await withClient(environment, options, (client) =>
        client.query(vmid, {
          ...maxAgeOf(options),
          timeoutMilliseconds: timeoutOf(options),
          signal: environment.signal,
        }),
      );
      await printVm(environment, vm, options.output);
    });
}
