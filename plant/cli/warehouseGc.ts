import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { renderTable } from '../../cli/table.js';
import type { Garbage } from '../../warehouse/gc.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

interface GcOptions extends GlobalOptions {
  readonly warehouse?: string;
  readonly dryRun?: boolean;
}

/** `vmplant warehouse gc`: removes what interrupted publications left; golden images are never garbage. */
export function addWarehouseGc(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('gc')
    .description('remove what interrupted publications and removals left; never a golden image')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('--dry-run', 'only say what would be removed')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GcOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const dryRun = options.dryRun === true;
      const { collectGarbage } = await import('../../warehouse/gc.js');
      const garbage = await collectGarbage({
        warehouse: warehouseDirectory(environment, options.warehouse),
        dryRun,
        now: environment.now(),
        signal: environment.signal,
      });
      await printResult(environment.terminal.stdout, format, { dryRun, garbage }, () =>
        renderGarbage(garbage, dryRun),
      );
    });
}

/** What was found and what became of it. */
export function renderGarbage(garbage: readonly Garbage[], dryRun: boolean): string {
  if (garbage.length === 0) return 'no garbage\n';
  const done = dryRun ? 'would be removed' : 'removed';
  return renderTable<Garbage>(
    [
      { heading: 'PATH', cell: (row) => row.path },
      { heading: 'KIND', cell: (row) => row.kind },
      { heading: 'DONE', cell: (row) => (row.removable ? done : whyKept(row)) },
    ],
    garbage,
  );
}

function whyKept({ kind }: Garbage): string {
  return kind === 'plant'
    ? 'kept: VMs of that plant may still live on images; delete it when the plant is gone for good'
    : "kept: it may be somebody else's";
}
