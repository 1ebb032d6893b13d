import type { Command } from 'commander';
import { aboutFile } from '../../cli/aboutFile.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, outputOption } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { createProgressDisplay } from '../../cli/progressDisplay.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';
import type { CreateEvent, VmshopClient } from '../client.js';
import { withHint } from './commandLineHint.js';
import { createEventText } from './createEventText.js';
import { printVm, VM_FORMATS } from './printVm.js';
import { addRequestOptions, type RequestOptions, readRequest } from './requestOptions.js';
import { resumeHint } from './resumeHint.js';
import { type GlobalOptions, print, timeoutOf, withClient } from './shopCli.js';

/** Installing software takes minutes; whoever wants to wait longer says so, or follows the creation later. */
const CREATE_MILLISECONDS = 600_000;

interface CreateOptions extends GlobalOptions, RequestOptions {
  readonly requestId?: string;
  readonly keepFailed?: boolean;
  /** Absent when nothing was said: it waits. */
  readonly wait?: boolean;
  readonly quiet?: boolean;
}

/** `vmshop create -f FILE`: creates a VM and prints its classad. */
export function addCreate(program: Command, environment: CliEnvironment): void {
  addRequestOptions(program.command('create'))
    .description('create a VM and print its classad')
    .option(
      '--request-id <ID>',
      'repeating a create with the same ID gives the same VM (default: a random one)',
    )
    .option('--keep-failed', 'keep a VM whose configuration failed, for inspection')
    .option('--wait', 'wait until the VM runs (default)')
    .option('--no-wait', 'print the VMID as soon as a plant has taken the order')
    .option('-q, --quiet', 'print the VMID alone, no progress')
    .addOption(outputOption(VM_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      const format = chooseFormat(options.output, VM_FORMATS);
      const request = await readRequest(environment, options);
      const requestId = options.requestId ?? environment.newRequestId();
      const outcome = await withClient(environment, options, (client) =>
        followCreation(environment, client, request, requestId, options),
      );
      const { vmid, vm } = outcome;
      if (options.quiet === true) await print(environment, `${escapeLine(vmid)}\n`);
      else if (vm === undefined) {
        await printResult(environment.terminal.stdout, format, { vmid }, () => `${escapeLine(vmid)}\n`);
      } else await printVm(environment, vm, options.output);
    });
}

/** The VM, or only its VMID when it was not waited for. */
interface Outcome {
  readonly vmid: string;
  readonly vm: Vm | undefined;
}

async function followCreation(
  environment: CliEnvironment,
  client: VmshopClient,
  request: object,
  requestId: string,
  options: CreateOptions,
): Promise<Outcome> {
  const display = createProgressDisplay(environment.terminal, {
    quiet: options.quiet === true,
    now: environment.now,
  });
  let vmid: string | undefined;
  try {
    const events = client.createEvents(request, {
      requestId,
      keepFailed: options.keepFailed === true,
      firstUse: options.requestId === undefined,
      timeoutMilliseconds: timeoutOf(options, CREATE_MILLISECONDS),
      signal: environment.signal,
    });
    for await (const event of events) {
      if (event.kind === 'accepted') vmid = event.vmid;
      if (event.kind === 'vm') return { vmid: event.vm.vmid, vm: event.vm };
      if (event.kind === 'progress') display.report(event.progress);
      else for (const line of createEventText(event)) display.note(line);
      // Leaving the loop ends the call, not the creation.
      if (options.wait === false && vmid !== undefined && isTaken(event)) return { vmid, vm: undefined };
    }
    throw new VmplantsError('INTERNAL', 'the shop ended the creation without naming a VM');
  } catch (thrown) {
    throw withWayOn(asVmplantsError(thrown), {
      file: options.file,
      requestId,
      vmid,
      keepFailed: options.keepFailed === true,
    });
  } finally {
    display.end();
  }
}

/** True of events that only come once a plant has taken the order: from then on it does not depend on this call. */
function isTaken(event: CreateEvent): boolean {
  return event.kind === 'plan' || (event.kind === 'progress' && event.progress.phase !== 'auction');
}

/**
 * Errors that end the waiting and say nothing about the creation get the way back to it; of a creation that failed
 * it is said what became of its VM.
 */
function withWayOn(error: VmplantsError, creation: Parameters<typeof resumeHint>[0]): VmplantsError {
  const endsWaitingOnly =
    error.code === 'CANCELLED' ||
    error.code === 'DEADLINE_EXCEEDED' ||
    // What the shop itself says has a reason; without one, the connection was lost.
    (error.code === 'UNAVAILABLE' && error.reason === undefined && creation.vmid !== undefined);
  if (endsWaitingOnly) return withHint(error, resumeHint(creation));
  if (error.actionFailure !== undefined && creation.vmid !== undefined) {
    return withHint(error, remainsHint(creation.vmid, creation.keepFailed));
  }
  return aboutFile(error, creation.file);
}

function remainsHint(vmid: string, keptFailed: boolean): string {
  return keptFailed
    ? `${vmid} was kept as it is; look at it with vmshop get or console, end it with vmshop destroy`
    : 'the VM was removed; --keep-failed keeps one that failed, to look at';
}
