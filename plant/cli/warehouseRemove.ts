import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { write } from '../../cli/terminal.js';
import { dataDirectory, warehouseDirectory } from './directories.js';
import { vmsByImage } from './vmsByImage.js';

interface RemoveOptions {
  readonly warehouse?: string;
  readonly data?: string;
}

/** `vmplant warehouse remove NAME`: refused while a VM of this plant or another image depends on it. */
export function addWarehouseRemove(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('remove')
    .argument('<image>', 'name of the golden image')
    .description('remove a golden image that no VM and no other image depends on')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('--data <DIR>', 'data directory of the plant whose VMs may depend on it')
    .action(async (name: string, options: RemoveOptions) => {
      const [{ removeImage }, { readRecords }] = await Promise.all([
        import('../../warehouse/remove.js'),
        import('../info/readRecords.js'),
      ]);
      const { records } = readRecords(dataDirectory(environment, options.data));
      await removeImage({
        warehouse: warehouseDirectory(environment, options.warehouse),
        name,
        inUse: vmsByImage(records),
        signal: environment.signal,
      });
      await write(environment.terminal.stdout, `${name}\n`);
    });
}
