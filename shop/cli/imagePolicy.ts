import { Argument, type Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { renderTable } from '../../cli/table.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import type { ImageSummary } from '../client.js';
import { imageDocument } from './imageDocument.js';
import { printListing } from './printListing.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

interface PolicyOptions extends GlobalOptions {
  readonly domain: string;
}

/** `vmshop share IMAGE no|disk|memory`: what other client domains may use of an image. */
export function addShare(program: Command, environment: CliEnvironment): void {
  policyCommand(program, 'share')
    .description(
      'say what other client domains may use of an image of yours: nothing, its disk, its memory too',
    )
    .addArgument(new Argument('<what>', 'what they may use').choices(['no', 'disk', 'memory']))
    .action(async (name: string, shared: SharedWithDomains, _options: unknown, command: Command) =>
      change(environment, command, name, { shared }),
    );
}

/** `vmshop pin IMAGE`: keeps an image from being evicted. */
export function addPin(program: Command, environment: CliEnvironment): void {
  policyCommand(program, 'pin')
    .description('keep an image from being evicted')
    .action(async (name: string, _options: unknown, command: Command) =>
      change(environment, command, name, { pinned: true }),
    );
}

/** `vmshop unpin IMAGE`: lets a learned image be evicted again. */
export function addUnpin(program: Command, environment: CliEnvironment): void {
  policyCommand(program, 'unpin')
    .description('let a learned image be evicted again when it is not worth its room')
    .action(async (name: string, _options: unknown, command: Command) =>
      change(environment, command, name, { pinned: false }),
    );
}

function policyCommand(program: Command, verb: string): Command {
  return program
    .command(verb)
    .argument('<golden-image>', 'name of the image')
    .option('--domain <NAME>', 'client domain that decides: the owner of the image', 'default')
    .addOption(outputOption(LIST_FORMATS));
}

/** On every plant that has it, and says what it is there now. */
async function change(
  environment: CliEnvironment,
  command: Command,
  name: string,
  decision: { readonly shared?: SharedWithDomains; readonly pinned?: boolean },
): Promise<void> {
  const options = command.optsWithGlobals<PolicyOptions>();
  const { images, unreachable } = await withClient(environment, options, (client) =>
    client.updateImage(name, decision, {
      clientDomain: options.domain,
      timeoutMilliseconds: timeoutOf(options),
      signal: environment.signal,
    }),
  );
  await printListing(
    environment,
    {
      table: () =>
        renderTable<ImageSummary>(
          [
            { heading: 'IMAGE', cell: (image) => image.name },
            { heading: 'PLANT', cell: (image) => image.plant },
            { heading: 'OWNER', cell: (image) => image.owner ?? '' },
            { heading: 'OTHERS USE', cell: (image) => image.shared },
            { heading: 'PINNED', cell: (image) => (image.pinned ? 'yes' : 'no') },
          ],
          images,
        ),
      document: { images: images.map(imageDocument), unreachable },
    },
    options,
  );
  for (const plant of unreachable) {
    await note(
      environment,
      `warning: plant ${escapeLine(plant)} did not answer; if it has the image, nothing is changed there`,
    );
  }
}
