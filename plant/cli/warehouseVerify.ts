import type { Command } from 'commander';
import { formatBytes, formatCount } from '../../cli/amounts.js';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { describeProblem } from '../../cli/errorText.js';
import { escapeLine } from '../../cli/escape.js';
import { EXIT } from '../../cli/exitCode.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { write } from '../../cli/terminal.js';
import type { ImageReport } from '../../warehouse/verify.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

/** `vmplant warehouse verify [NAME...]`: every byte against the descriptors. Exits with 1 when one is wrong. */
export function addWarehouseVerify(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('verify')
    .argument('[image...]', 'names of golden images; all of them by default')
    .description('compare the files of golden images with their digests')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (names: readonly string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly warehouse?: string }>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const { verifyWarehouse } = await import('../../warehouse/verify.js');
      const directory = warehouseDirectory(environment, options.warehouse);
      const { stdout } = environment.terminal;
      const reports: ImageReport[] = [];
      const chosen = names.length === 0 ? undefined : names;
      for await (const report of verifyWarehouse(directory, chosen, environment.signal)) {
        reports.push(report);
        // Reading gigabytes takes a while: people see each image as it is done.
        if (format === 'table') await write(stdout, renderReport(report));
      }
      const document = { images: reports.map(reportDocument), totals: totalsOf(reports) };
      await printResult(stdout, format, document, () => renderTotals(totalsOf(reports)));
      if (reports.some((report) => !report.good)) throw new CommandEnd(EXIT.failure);
    });
}

/** One image: a line, and one more for everything that is wrong with it. */
export function renderReport(report: ImageReport): string {
  const problems = [
    ...(report.error === undefined ? [] : describeProblem(report.error)),
    ...report.files
      .filter((file) => file.state !== 'good')
      .map((file) => escapeLine(`${file.path}: ${file.state}: ${file.detail}`)),
  ];
  const notes = [
    ...report.unlisted.map((file) => `${escapeLine(file)}: not in the descriptor, not checked`),
    ...(report.policyProblem === undefined
      ? []
      : [`${escapeLine(report.policyProblem.message)}; it counts as not shared and not pinned`]),
  ];
  const { files, bytes } = totalsOf([report]);
  const headline = `${escapeLine(report.name)}: ${report.good ? 'good' : 'BAD'} (${formatCount(files, 'file')}, ${formatBytes(bytes)} compared)`;
  return `${[headline, ...problems, ...notes].join('\n  ')}\n`;
}

/** What was checked. `bytes` were read and compared with their digests. */
interface Totals {
  readonly images: number;
  readonly bad: number;
  readonly files: number;
  readonly bytes: number;
}

function totalsOf(reports: readonly ImageReport[]): Totals {
  const files = reports.flatMap((report) => report.files);
  return {
    images: reports.length,
    bad: reports.filter((report) => !report.good).length,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

function renderTotals({ images, bad, files, bytes }: Totals): string {
  const found = bad === 0 ? 'all good' : `${bad} BAD`;
  return `${formatCount(images, 'image')}: ${found}; descriptors, disk headers, bases, and ${formatBytes(bytes)} in ${formatCount(files, 'file')} against their SHA-256\n`;
}

function reportDocument(report: ImageReport): Readonly<Record<string, unknown>> {
  const { error, policyProblem, ...rest } = report;
  return {
    ...rest,
    ...(error === undefined
      ? {}
      : { error: { code: error.code, message: error.message, fields: error.violations } }),
    ...(policyProblem === undefined ? {} : { policyProblem: policyProblem.message }),
  };
}
