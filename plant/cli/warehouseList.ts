import type { Command } from 'commander';
import { formatAgeSince, formatBytes, formatCount, formatMiB } from '../../cli/amounts.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { describeProblem } from '../../cli/errorText.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { renderTable } from '../../cli/table.js';
import { write } from '../../cli/terminal.js';
import { accessTo } from '../../model/imageAccess.js';
import type { ImageProblem } from '../../warehouse/listDescriptors.js';
import type { Survey, SurveyedImage } from '../../warehouse/survey.js';
import type { ImageUsage } from '../../warehouse/usage.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

interface ListOptions extends GlobalOptions {
  readonly warehouse?: string;
  readonly quiet?: boolean;
}

/** `vmplant warehouse list`: the golden images, what they take, and why some of them are not used. */
export function addWarehouseList(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('list')
    .alias('ls')
    .description(
      'list the golden images; what was written to since it was last read is compared with its digests',
    )
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ListOptions>();
      const format = chooseFormat(options.output, LIST_FORMATS);
      const { surveyWarehouse } = await import('../../warehouse/survey.js');
      const directory = warehouseDirectory(environment, options.warehouse);
      const survey = await surveyWarehouse(directory, environment.signal);
      const { stdout, stderr } = environment.terminal;
      if (options.quiet === true) {
        await write(stdout, survey.images.map(({ image }) => `${image.name}\n`).join(''));
      } else {
        await printResult(stdout, format, surveyDocument(survey), () =>
          renderSurvey(survey, environment.now(), format === 'wide'),
        );
      }
      await write(stderr, renderWarnings(survey));
    });
}

function surveyDocument({ images, problems, policyProblems, totals }: Survey): unknown {
  const problemDocument = ({ name, error }: ImageProblem) => ({
    name,
    code: error.code,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    message: error.message,
    fields: error.violations,
  });
  return {
    images: images.map(({ image, state, usage }) => ({ ...image, state, ...usage })),
    problems: problems.map(problemDocument),
    policyProblems: policyProblems.map(problemDocument),
    totals: { images: images.length, ...totals },
  };
}

function renderWarnings({ images, problems, policyProblems }: Survey): string {
  const states = new Map(images.map(({ image, state }) => [image.name, state]));
  const unusable = problems
    .filter(({ name }) => states.get(name) !== 'planning-only')
    .map(({ name, error }) => {
      const [what = '', ...places] = describeProblem(error);
      const state = states.has(name) ? 'is in quarantine' : 'is no usable image';
      return `${[`warning: ${escapeLine(name)} ${state}: ${what}`, ...places].join('\n  ')}\n`;
    });
  const undecided = policyProblems.map(
    ({ error }) => `warning: ${escapeLine(error.message)}; it counts as not shared and not pinned\n`,
  );
  return [...unusable, ...undecided].join('');
}

/** Golden images as a table, and what all of them take. `now` is in milliseconds since the epoch. */
function renderSurvey({ images, totals }: Survey, now: number, wide: boolean): string {
  const table = renderTable<SurveyedImage>(
    [
      { heading: 'IMAGE', cell: ({ image }) => image.name },
      {
        heading: 'SYSTEM',
        cell: ({ image }) => `${image.operatingSystem.name} ${image.operatingSystem.version}`,
      },
      {
        heading: 'RUNG',
        cell: ({ image, state }) =>
          state !== 'usable' ? state : image.memory === undefined ? 'disk' : 'warm',
      },
      { heading: 'VCPUS', cell: ({ image }) => String(image.hardware.vcpus), align: 'right' },
      { heading: 'MEMORY', cell: ({ image }) => formatMiB(image.hardware.memoryMiB), align: 'right' },
      { heading: 'DISK', cell: ({ image }) => formatMiB(image.hardware.diskMiB), align: 'right', wide: true },
      {
        heading: 'SIZE',
        cell: ({ image }) => formatBytes(image.files.reduce((sum, file) => sum + file.bytes, 0)),
        align: 'right',
      },
      { heading: 'UNIQUE', cell: ({ usage }) => formatBytes(usage.uniqueBytes), align: 'right', wide: true },
      { heading: 'SHARED', cell: ({ usage }) => formatBytes(usage.sharedBytes), align: 'right', wide: true },
      { heading: 'ACTIONS', cell: ({ image }) => String(image.performed.length), align: 'right' },
      { heading: 'AGE', cell: ({ image }) => formatAgeSince(Date.parse(image.created), now) },
      { heading: 'ORIGIN', cell: ({ image }) => image.origin ?? '', wide: true },
      { heading: 'PARENT', cell: ({ image }) => image.parent ?? '', wide: true },
      { heading: 'OWNER', cell: ({ image }) => image.owner ?? '', wide: true },
      // No domain has the empty name: what any other than the owner's may use.
      { heading: 'OTHERS USE', cell: ({ image }) => accessTo(image, ''), wide: true },
      { heading: 'PINNED', cell: ({ image }) => (image.policy?.pinned === true ? 'yes' : 'no'), wide: true },
      { heading: 'BASE', cell: ({ image }) => image.disk.backingImage ?? '', wide: true },
      { heading: 'ACCELERATOR', cell: ({ image }) => image.memory?.accelerator ?? '', wide: true },
      { heading: 'LINES', cell: ({ image }) => image.lines.join(','), wide: true },
      {
        heading: 'PERFORMED',
        cell: ({ image }) => image.performed.map(({ name }) => name).join(','),
        wide: true,
      },
    ],
    images,
    { wide },
  );
  return `${table}${renderTotals(images.length, totals)}`;
}

function renderTotals(images: number, { uniqueBytes, sharedBytes }: ImageUsage): string {
  const shared = sharedBytes === 0 ? '' : `, of which ${formatBytes(sharedBytes)} shared by siblings`;
  return `${formatCount(images, 'image')}, ${formatBytes(uniqueBytes)} on disk${shared}\n`;
}
