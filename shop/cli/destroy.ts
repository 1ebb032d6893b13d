import type { Command } from 'commander';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { renderError, renderErrorJson } from '../../cli/errorText.js';
import { EXIT, exitCodeOf } from '../../cli/exitCode.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { write } from '../../cli/terminal.js';
import type { VmplantsError } from '../../model/errors.js';
import type { VmshopClient } from '../client.js';
import { type ExplainError, type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** Collecting waits for the guest's orderly end, so it takes longer than a question. */
const COLLECT_MILLISECONDS = 120_000;
/** How many are collected at once: the plants do the work, and one that is slow must not hold up the others. */
const AT_ONCE = 8;

interface DestroyOptions extends GlobalOptions {
  readonly ignoreNotFound?: boolean;
}

type Outcome =
  | { readonly kind: 'gone'; readonly vmid: string; readonly collected: boolean }
  | { readonly kind: 'failed'; readonly vmid: string; readonly error: VmplantsError };

/** `vmshop destroy VMID...`: ends and removes VMs; goes on after one that fails, and exits as the first failure. */
export function addDestroy(program: Command, environment: CliEnvironment): void {
  program
    .command('destroy')
    .alias('collect')
    .argument('<vmid...>', 'VMIDs of the VMs')
    .description('end and remove VMs')
    .option('--ignore-not-found', 'exit with 0 where a VM is gone already')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (vmids: readonly string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<DestroyOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const outcomes = await withClient(environment, options, (client, explain) =>
        collectAll(
          client,
          explain,
          [...new Set(vmids)],
          timeoutOf(options, COLLECT_MILLISECONDS),
          environment.signal,
        ),
      );
      const failures = outcomes.flatMap((outcome) =>
        outcome.kind === 'failed' && !(options.ignoreNotFound === true && outcome.error.code === 'NOT_FOUND')
          ? [outcome.error]
          : [],
      );
      const gone = outcomes.flatMap((outcome) =>
        outcome.kind === 'gone' ? [{ vmid: outcome.vmid, collected: outcome.collected }] : [],
      );
      await printResult(environment.terminal.stdout, format, { vms: gone }, () =>
        gone.map(({ vmid }) => `${vmid}\n`).join(''),
      );
      for (const error of failures) {
        await write(
          environment.terminal.stderr,
          format === 'json' ? renderErrorJson(error) : renderError(error),
        );
      }
      const first = failures[0];
      if (environment.signal.aborted) throw new CommandEnd(EXIT.interrupted);
      if (first !== undefined) throw new CommandEnd(exitCodeOf(first));
    });
}

/** The outcomes in the order of the VMIDs. */
async function collectAll(
  client: VmshopClient,
  explain: ExplainError,
  vmids: readonly string[],
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const waiting = [...vmids];
  const worker = async (): Promise<void> => {
    for (let vmid = waiting.shift(); vmid !== undefined; vmid = waiting.shift()) {
      outcomes.set(vmid, await collectOne(client, explain, vmid, timeoutMilliseconds, signal));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, vmids.length) }, worker));
  return vmids.flatMap((vmid) => outcomes.get(vmid) ?? []);
}

async function collectOne(
  client: VmshopClient,
  explain: ExplainError,
  vmid: string,
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { collected } = await client.collect(vmid, { timeoutMilliseconds, signal });
    return { kind: 'gone', vmid, collected };
  } catch (thrown) {
    return { kind: 'failed', vmid, error: explain(thrown) };
  }
}
