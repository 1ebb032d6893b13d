import type { Command } from 'commander';
import { formatCount } from '../../cli/amounts.js';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { EXIT } from '../../cli/exitCode.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { renderTable } from '../../cli/table.js';
import { type AuditFacts, type Difference, findDifferences } from './auditFindings.js';
import { dataDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

/** `vmplant audit`: compares record and reality, and changes nothing. Exits with 1 when they differ. */
export function addAudit(program: Command, environment: CliEnvironment): void {
  program
    .command('audit')
    .description("compare the plant's records with directories and processes; changes nothing")
    .option('--data <DIR>', 'data directory of the plant')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly data?: string }>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const { readAuditFacts } = await import('./auditFacts.js');
      const facts = await readAuditFacts(dataDirectory(environment, options.data));
      const differences = findDifferences(facts);
      const document = {
        vms: facts.records.length,
        prepared: facts.prepared.length,
        processes: facts.processes.length,
        clones: facts.clones.length,
        served: facts.served,
        differences,
      };
      await printResult(environment.terminal.stdout, format, document, () => renderAudit(facts, differences));
      if (differences.length > 0) throw new CommandEnd(EXIT.failure);
    });
}

function ofThem(count: number, what: string): string {
  return count === 0 ? '' : ` (${count} ${what})`;
}

function renderAudit(facts: AuditFacts, differences: readonly Difference[]): string {
  // These may have no clone or monitor yet, or none any more: without them the numbers do not add up.
  const coming = facts.records.filter(({ vm }) => vm.state === 'producing');
  const going = facts.records.filter(({ vm }) => vm.state === 'collecting');
  const making = facts.prepared.filter(({ state }) => state === 'making');
  const counts = [
    `${formatCount(facts.records.length, 'VM')} recorded${ofThem(coming.length, 'being made')}${ofThem(going.length, 'being removed')}`,
    ...(facts.prepared.length === 0
      ? []
      : [`${formatCount(facts.prepared.length, 'prepared machine')}${ofThem(making.length, 'being made')}`]),
    formatCount(facts.clones.length, 'clone'),
    formatCount(facts.processes.length, 'monitor'),
    facts.served ? 'a plant serves' : 'no plant serves',
  ].join(', ');
  if (differences.length === 0) return `${counts}: record and reality agree\n`;
  const table = renderTable<Difference>(
    [
      { heading: 'VMID', cell: (row) => row.vmid },
      { heading: 'DIFFERENCE', cell: (row) => row.kind },
      { heading: 'DETAIL', cell: (row) => row.detail },
    ],
    differences,
  );
  return `${counts}: ${formatCount(differences.length, 'difference')}\n${table}`;
}
