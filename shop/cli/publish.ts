import type { Command } from 'commander';
import { aboutFile } from '../../cli/aboutFile.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { createProgressDisplay } from '../../cli/progressDisplay.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Publication, PublishedImage, VmshopClient } from '../client.js';
import { withHint } from './commandLineHint.js';
import { publishedDocument, renderPublished } from './renderPublished.js';
import { readRequest } from './requestOptions.js';
import { readScrubScript } from './scrubScript.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** The work of a whole request, a boot and a rehearsal. */
const PUBLISH_MILLISECONDS = 1_800_000;

interface PublishOptions extends GlobalOptions {
  /** `--as`. */
  readonly as: string;
  readonly file?: string;
  readonly allowOutside?: boolean;
  readonly live?: boolean;
  readonly memory?: boolean;
  readonly scrub?: string;
  readonly keepIdentity?: readonly string[];
  readonly share?: 'disk' | 'memory';
  readonly pin?: boolean;
}

/** `vmshop publish VMID --as NAME`: makes a golden image of a VM, which goes on running. */
export function addPublish(program: Command, environment: CliEnvironment): void {
  program
    .command('publish')
    .argument('<vmid>', 'VMID of the VM')
    .description('make a golden image of a VM, which goes on running')
    .requiredOption('--as <NAME>', 'name of the new image')
    .option('-f, --file <FILE>', 'the request of the VM, for a plant that does not know it any more')
    .option('--allow-outside', 'let the request name source files outside of its own directory')
    .option('--live', 'take the VM as it is, with what was changed by hand, and rid it of its identity')
    .option('--memory', 'with --live: take its memory too, with all programs that run')
    .option('--scrub <FILE>', 'with --live: a script that removes what must not be in an image')
    .option('--keep-identity <ACTION...>', 'with --live: identity actions whose effect may stay in the image')
    .addOption(
      program
        .createOption('--share <WHAT>', 'let other client domains use the disk, or the memory too')
        .choices(['disk', 'memory']),
    )
    .option('--pin', 'never evict the image')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (vmid: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<PublishOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      checkWay(options);
      const publication = await publicationOf(environment, options);
      const published = await withClient(environment, options, (client) =>
        follow(environment, client, vmid, publication, options),
      );
      await printResult(environment.terminal.stdout, format, publishedDocument(published), () =>
        renderPublished(published),
      );
    });
}

/** Options of the one way make no sense with the other: better said than passed over. */
function checkWay(options: PublishOptions): void {
  const live = options.live === true;
  const stray = live
    ? [['-f', options.file] as const]
    : ([
        ['--memory', options.memory],
        ['--scrub', options.scrub],
        ['--keep-identity', options.keepIdentity],
      ] as const);
  const found = stray.find(([, value]) => value !== undefined)?.[0];
  if (found === undefined) return;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    live ? `${found} cannot be combined with --live` : `${found} needs --live`,
    {
      reason: 'USAGE',
      hint: live
        ? 'a live publication takes the VM as it is, not its request'
        : 'without --live the image is made from the request, and nothing of this VM is in it',
    },
  );
}

async function publicationOf(environment: CliEnvironment, options: PublishOptions): Promise<Publication> {
  const { live, memory, scrub, keepIdentity, file, share, pin } = options;
  const common = { ...(share === undefined ? {} : { shared: share }), pinned: pin === true };
  if (live === true) {
    return {
      ...common,
      live: {
        memory: memory === true,
        ...(scrub === undefined ? {} : { scrub: await readScrubScript(environment, scrub) }),
        keep: keepIdentity ?? [],
      },
    };
  }
  return file === undefined
    ? common
    : { ...common, request: await readRequest(environment, { ...options, file }) };
}

async function follow(
  environment: CliEnvironment,
  client: VmshopClient,
  vmid: string,
  publication: Publication,
  options: PublishOptions,
): Promise<PublishedImage> {
  const display = createProgressDisplay(environment.terminal, { quiet: false, now: environment.now });
  let isPublished = false;
  try {
    return await client.publish(vmid, options.as, {
      ...publication,
      timeoutMilliseconds: timeoutOf(options, PUBLISH_MILLISECONDS),
      signal: environment.signal,
      onEvent: (event) => {
        if (event.kind !== 'progress') return;
        isPublished = event.progress.phase === 'publish';
        display.report(event.progress);
      },
    });
  } catch (thrown) {
    throw explained(asVmplantsError(thrown), options, isPublished);
  } finally {
    display.end();
  }
}

/** Fields of the call itself: what is wrong there is not wrong in the request's file. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['vmid', 'name', 'shared']);

/** @param isPublished whether the plant has said that the image is in the warehouse: then it stays there */
function explained(
  error: VmplantsError,
  { as, file }: Pick<PublishOptions, 'as' | 'file'>,
  isPublished: boolean,
): VmplantsError {
  if (error.code !== 'CANCELLED' && error.code !== 'DEADLINE_EXCEEDED') {
    const isOwn = error.violations.some(({ field }) => OWN_FIELDS.has(field));
    return file === undefined || isOwn ? error : aboutFile(error, file);
  }
  if (isPublished) return withHint(error, `it was too late: ${as} is in the warehouse already`);
  // Unlike a creation, a publication ends with the call.
  const limit = error.code === 'DEADLINE_EXCEEDED' ? '; --timeout lets it take longer' : '';
  return withHint(error, `the publication was ended, and nothing of it is left; the VM runs on${limit}`);
}
