import type { Command } from 'commander';
import { drawsBoxes } from '../../cli/drawsBoxes.js';
import { parseDuration } from '../../cli/duration.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { VmplantsError } from '../../model/errors.js';
import type { PlantDescription, VmshopClient } from '../client.js';
import { printListing } from './printListing.js';
import { renderPlants } from './renderPlants.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

interface PlantsOptions extends GlobalOptions {
  readonly quiet?: boolean;
  readonly watch?: boolean;
  readonly every: string;
}

/** Who watches is told soon that the shop hangs, unless --timeout says otherwise. */
const ANSWER_MILLISECONDS = 5_000;

interface PlantsAnswer {
  readonly plants: readonly PlantDescription[];
  readonly warning?: string;
}

/** `vmshop plants`: the plants that the shop knows, with their load; with `--watch` again and again. */
export function addPlants(program: Command, environment: CliEnvironment): void {
  program
    .command('plants')
    .description('list the plants and how loaded they are')
    .option('-q, --quiet', 'print the names alone')
    .option('-w, --watch', 'show them again and again, with what they cost, until Ctrl-C')
    .option('--every <DURATION>', 'how often, with --watch', '1s')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<PlantsOptions>();
      checkUsage(options, command.getOptionValueSource('every') === 'cli');
      await withClient(environment, options, async (client) => {
        if (options.watch === true) await watch(environment, client, options);
        else await list(environment, client, options);
      });
    });
}

/** @throws VmplantsError INVALID_ARGUMENT where options do not go together; it names what to drop */
function checkUsage(options: PlantsOptions, everyGiven: boolean): void {
  const wrong = (message: string): VmplantsError =>
    new VmplantsError('INVALID_ARGUMENT', message, { reason: 'USAGE' });
  if (options.watch !== true) {
    if (everyGiven) throw wrong('--every: expected --watch with it; add --watch or drop --every');
    return;
  }
  if (options.quiet === true) throw wrong('--watch: expected a table; drop -q');
  const format = chooseFormat(options.output, LIST_FORMATS);
  if (format === 'json' || format === 'yaml') {
    throw wrong(`--watch: expected a table or -o wide; drop -o ${format}`);
  }
}

async function list(
  environment: CliEnvironment,
  client: VmshopClient,
  options: PlantsOptions,
): Promise<void> {
  const { plants, warning } = await ask(environment, client, options);
  await printListing(
    environment,
    {
      table: (wide) => renderPlants(plants, { wide, boxes: drawsBoxes(environment) }),
      document: { plants },
      names: plants.flatMap((plant) => (plant.name === '' ? [] : [plant.name])),
    },
    options,
  );
  if (warning !== undefined) await note(environment, `warning: ${escapeLine(warning)}`);
}

async function watch(
  environment: CliEnvironment,
  client: VmshopClient,
  options: PlantsOptions,
): Promise<void> {
  const every = parseDuration(options.every, '--every');
  const format = chooseFormat(options.output, LIST_FORMATS);
  const { momentScreen, watchPlants } = await import('./watchPlants.js');
  const show = momentScreen(environment, format === 'wide', (text) => note(environment, `warning: ${text}`));
  await watchPlants(environment, every, () => ask(environment, client, options, ANSWER_MILLISECONDS), show);
}

async function ask(
  environment: CliEnvironment,
  client: VmshopClient,
  options: PlantsOptions,
  within?: number,
): Promise<PlantsAnswer> {
  let warning: string | undefined;
  const plants = await client.plants({
    timeoutMilliseconds: timeoutOf(options, within),
    signal: environment.signal,
    onWarning: (text) => {
      warning = text;
    },
  });
  return { plants, ...(warning === undefined ? {} : { warning }) };
}
