import type { Command } from 'commander';
import { named } from '../../cli/aboutFile.js';
import type { CliEnvironment } from '../../cli/environment.js';

import type { Order } from '../../model/order.js';

/** The options of commands that take an order. */
export interface OrderOptions {
  readonly file: string;
  readonly allowOutside?: boolean;
}

export function addOrderOptions(command: Command): Command {
  return command
    .requiredOption('-f, --file <ORDER>', 'request as YAML, JSON or XML; - is standard input')
    .option('--allow-outside', 'let the request name source files outside of its own directory');
}

/** The validated order of `-f FILE`. INVALID_ARGUMENT with the path of every wrong field. */
export async function readOrder(environment: CliEnvironment, options: OrderOptions): Promise<Order> {
  // Parsers are loaded where a request is read, so that other commands start fast.
  const { readRequestFile } = await import('../../cli/requestFile.js');
  const plain = await readRequestFile(environment, options.file, {
    allowOutside: options.allowOutside === true,
  });
  const { createOrder } = await import('../../model/createOrder.js');
  return named(options.file, async () => createOrder(plain));
}
