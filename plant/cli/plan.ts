import type { Command } from 'commander';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { describeProblem } from '../../cli/errorText.js';
import { escapeLine } from '../../cli/escape.js';
import { EXIT } from '../../cli/exitCode.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { planResultDocument } from '../../cli/planDocument.js';
import { printResult } from '../../cli/printResult.js';
import { write } from '../../cli/terminal.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';
import { addLineOptions, describedLines, type LineOptions } from './lineOptions.js';
import { parseTime } from './parseTime.js';
import { addOrderOptions, type OrderOptions, readOrder } from './readOrder.js';
import { renderResult } from './renderResult.js';

interface PlanOptions extends GlobalOptions, OrderOptions, LineOptions {
  readonly warehouse?: string;
  readonly now?: number;
}

/**
 * `vmplant plan -f ORDER`: plans off line, from the descriptors of a warehouse alone. Exits with 5 when no golden
 * image matches, after having said why.
 */
export function addPlan(program: Command, environment: CliEnvironment): void {
  addLineOptions(
    addOrderOptions(program.command('plan'))
      .description('plan an order from the descriptors of a warehouse alone; nothing is started')
      .option('--warehouse <DIR>', 'directory with NAME/image.json for each golden image')
      .option('--now <RFC3339>', 'plan as of this time, for actions with a greatest age', parseTime)
      .addOption(outputOption(VALUE_FORMATS)),
  ).action(async (_options: unknown, command: Command) => {
    const options = command.optsWithGlobals<PlanOptions>();
    const format = chooseFormat(options.output, VALUE_FORMATS);
    const host = describedLines(options);
    const order = await readOrder(environment, options);
    const [{ listDescriptors }, { plan }] = await Promise.all([
      import('../../warehouse/listDescriptors.js'),
      import('../planner/plan.js'),
    ]);
    const directory = warehouseDirectory(environment, options.warehouse);
    const { images, problems } = await listDescriptors(directory, environment.signal);
    const { stdout, stderr } = environment.terminal;
    for (const { name, error } of problems) {
      const [what = '', ...places] = describeProblem(error);
      const lines = [`warning: ${escapeLine(name)} is left out: ${what}`, ...places];
      await write(stderr, `${lines.join('\n  ')}\n`);
    }
    const result = plan({ order, images, ...host, now: options.now ?? environment.now() });
    await printResult(stdout, format, planResultDocument(result, order.digest), () => renderResult(result));
    if (result.kind === 'no-match') throw new CommandEnd(EXIT.noBid);
  });
}
