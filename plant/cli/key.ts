import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { renderTable } from '../../cli/table.js';
import type { Action } from '../../model/action.js';
import type { Dag } from '../../model/dag.js';
import type { GlobalOptions } from './globalOptions.js';
import { addOrderOptions, type OrderOptions, readOrder } from './readOrder.js';

/** An action and what it is known by. */
export interface KeyRow {
  /** Actions of error handlers as `action/handler-action`. */
  readonly name: string;
  readonly kind: Action['kind'];
  readonly identity: boolean;
  readonly key: string;
}

/** `vmplant key -f ORDER`: each action's key, by which golden images are matched. */
export function addKey(program: Command, environment: CliEnvironment): void {
  addOrderOptions(program.command('key'))
    .description("print each action's key, by which golden images are matched")
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & OrderOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const order = await readOrder(environment, options);
      const rows = keyRows(order.dag);
      const document = { orderDigest: order.digest, actions: rows };
      await printResult(environment.terminal.stdout, format, document, () => renderKeys(rows));
    });
}

/** Every action of the DAG in the order of writing, each followed by those of its error handler. */
export function keyRows(dag: Dag, prefix = ''): readonly KeyRow[] {
  return dag.actions.flatMap((action) => {
    const name = `${prefix}${action.name}`;
    const { handler } = action.onError;
    return [
      { name, kind: action.kind, identity: action.identity, key: action.key },
      ...(handler === undefined ? [] : keyRows(handler, `${name}/`)),
    ];
  });
}

function renderKeys(rows: readonly KeyRow[]): string {
  return renderTable<KeyRow>(
    [
      { heading: 'ACTION', cell: (row) => row.name },
      { heading: 'KIND', cell: (row) => row.kind },
      { heading: 'IDENTITY', cell: (row) => (row.identity ? 'yes' : 'no') },
      { heading: 'KEY', cell: (row) => row.key },
    ],
    rows,
  );
}
