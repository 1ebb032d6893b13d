import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { write } from '../../cli/terminal.js';
import { dataDirectory, warehouseDirectory } from './directories.js';
import { vmsByImage } from './vmsByImage.js';

interface RemoveOptions {
  readonly warehouse?: string;
  readonly data?: string;
}

/**
 * `vmplant warehouse remove NAME`: refused while a VM of this plant, a machine that it keeps prepared, another plant on
 * the warehouse or another image depends on it, and while it is pinned.
 */
export function addWarehouseRemove(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('remove')
    .argument('<image>', 'name of the golden image')
    .description('remove a golden image that no VM and no other image depends on, and that is not pinned')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('--data <DIR>', 'data directory of the plant whose VMs may depend on it')
    .action(async (name: string, options: RemoveOptions) => {
      const [{ removeImage }, { readRecords }, { readPlantId }] = await Promise.all([
        import('../../warehouse/remove.js'),
        import('../info/readRecords.js'),
        import('../info/plantId.js'),
      ]);
      const data = dataDirectory(environment, options.data);
      await removeImage({
        warehouse: warehouseDirectory(environment, options.warehouse),
        name,
        inUse: () => {
          const { records, prepared } = readRecords(data);
          return vmsByImage([
            ...records.map(({ vm }) => ({ image: vm.image, name: vm.vmid })),
            ...prepared.map(({ image, id }) => ({ image, name: id })),
          ]);
        },
        plant: readPlantId(data),
        signal: environment.signal,
      });
      await write(environment.terminal.stdout, `${name}\n`);
    });
}
