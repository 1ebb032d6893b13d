import { Argument, type Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { write } from '../../cli/terminal.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import { warehouseDirectory } from './directories.js';

interface PolicyOptions {
  readonly warehouse?: string;
}

const SHARED: readonly SharedWithDomains[] = ['no', 'disk', 'memory'];

/**
 * `vmplant warehouse share|pin|unpin NAME`: what the installer decides about an image, whoever owns it. Written beside
 * the image; plants that use the warehouse see it at once.
 */
export function addWarehousePolicy(warehouse: Command, environment: CliEnvironment): void {
  const decide = async (
    name: string,
    options: PolicyOptions,
    decision: { readonly shared?: SharedWithDomains; readonly pinned?: boolean },
  ) => {
    const { setPolicy } = await import('../../warehouse/setPolicy.js');
    const image = await setPolicy({
      warehouse: warehouseDirectory(environment, options.warehouse),
      name,
      ...decision,
      now: environment.now,
      signal: environment.signal,
    });
    await write(environment.terminal.stdout, `${image.name}\n`);
  };
  const command = (words: string, description: string) =>
    warehouse
      .command(words)
      .argument('<image>', 'name of the golden image')
      .description(description)
      .option('--warehouse <DIR>', 'directory of the warehouse');

  command('share', 'let other client domains use an image: not at all, its disk, or its memory as well')
    .addArgument(new Argument('<what>', 'what they may use').choices(SHARED))
    .action((name: string, shared: SharedWithDomains, options: PolicyOptions) =>
      decide(name, options, { shared }),
    );
  command('pin', 'keep an image, whatever it is worth').action((name: string, options: PolicyOptions) =>
    decide(name, options, { pinned: true }),
  );
  command('unpin', 'no longer keep an image at any price').action((name: string, options: PolicyOptions) =>
    decide(name, options, { pinned: false }),
  );
}
