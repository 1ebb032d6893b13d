import type { CliEnvironment } from '../../cli/environment.js';
import { escapeText } from '../../cli/escape.js';
import { chooseFormat } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import type { Vm } from '../../model/vm.js';
import { renderVms, vmDocument } from './renderVms.js';

/** Forms of one VM; the first is the default: what the shop answers a client with is a classad. */
export const VM_FORMATS = ['classad', 'table', 'wide', 'json', 'yaml'] as const;

/** Writes one VM in the form that was asked for. */
export async function printVm(environment: CliEnvironment, vm: Vm, asked: string | undefined): Promise<void> {
  const format = chooseFormat(asked, VM_FORMATS);
  await printResult(environment.terminal.stdout, format, vmDocument(vm), async () => {
    if (format !== 'classad') return renderVms([vm], environment.now(), format === 'wide');
    const { renderClassad } = await import('../../model/classadText.js');
    return escapeText(`${renderClassad(vm.classad).trimEnd()}\n`);
  });
}
