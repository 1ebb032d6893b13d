import type { Command, CommanderError } from 'commander';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeText } from '../../cli/escape.js';
import { EXIT } from '../../cli/exitCode.js';
import { chooseFormat, outputOption } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { write } from '../../cli/terminal.js';
import { VmplantsError } from '../../model/errors.js';
import { scriptOf } from './quote.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

/** As the protocol's own default. */
const COMMAND_MILLISECONDS = 60_000;
const LONGEST_COMMAND_MILLISECONDS = 3_600_000;
/** The guest ends the command at its time limit; the call waits this much longer for the news. */
const MARGIN_MILLISECONDS = 15_000;

/** `table` is the output itself, as it comes. */
const EXEC_FORMATS = ['table', 'json', 'yaml'] as const;

interface ExecOptions extends GlobalOptions {
  readonly raw?: boolean;
}

/**
 * `vmshop exec VMID -- COMMAND...`: one command in the guest. Exits as the command did (128+N after signal N, 6
 * when its time ran out).
 */
export function addExec(program: Command, environment: CliEnvironment): void {
  program
    .command('exec')
    .argument('<vmid>', 'VMID of the VM')
    .argument('<command...>', 'program and arguments, after --')
    .description('run a command in a VM, as root, without input; exits as the command does')
    .addOption(outputOption(EXEC_FORMATS))
    .option('--raw', 'write terminal escapes of the output as they are, on a terminal too')
    .exitOverride((error) => {
      throw withSeparatorHint(error);
    })
    .action(async (vmid: string, words: readonly string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExecOptions>();
      const format = chooseFormat(options.output, EXEC_FORMATS);
      const script = scriptOf(words);
      const limit = timeoutOf(options, COMMAND_MILLISECONDS);
      if (limit > LONGEST_COMMAND_MILLISECONDS) {
        throw new VmplantsError('INVALID_ARGUMENT', '--timeout: expected at most 1h for a command', {
          reason: 'USAGE',
        });
      }
      const { stdout } = environment.terminal;
      // A pipe gets the bytes as they are: escaping is for eyes.
      const escaping = stdout.isTTY === true && options.raw !== true;
      const decoder = new TextDecoder();
      // For programs: the output whole, at most the 64 KiB that a plant sends.
      const collected: Uint8Array[] = [];
      const { status, truncated } = await withClient(environment, options, (client) =>
        client.exec(vmid, script, {
          commandTimeoutSeconds: Math.max(1, Math.ceil(limit / 1000)),
          timeoutMilliseconds: limit + MARGIN_MILLISECONDS,
          signal: environment.signal,
          onOutput: (data) => {
            if (format !== 'table') {
              collected.push(data);
              return;
            }
            return write(stdout, escaping ? escapeText(decoder.decode(data, { stream: true })) : data);
          },
        }),
      );
      if (format !== 'table') {
        const document = { status, truncated, output: Buffer.concat(collected).toString('utf8') };
        await printResult(stdout, format, document, () => '');
      }
      if (truncated) await note(environment, 'warning: the output was cut at 64 KiB');
      if (status === -1)
        await note(environment, `the command ran out of its ${limit / 1000} s (see --timeout)`);
      const exitCode = exitCodeOfStatus(status);
      if (exitCode !== EXIT.done) throw new CommandEnd(exitCode);
    });
}

/** An option of the guest's command, taken for one of ours. */
function withSeparatorHint(error: CommanderError): Error {
  if (error.code !== 'commander.unknownOption') return error;
  return new VmplantsError('INVALID_ARGUMENT', error.message.replace(/^error: /, '').split('\n')[0] ?? '', {
    reason: 'USAGE',
    hint: 'put -- before the command: vmshop exec VMID -- COMMAND...',
    cause: error,
  });
}

/** As a shell would say it: the status itself, 128+N after signal N; 6 when the time ran out. */
export function exitCodeOfStatus(status: number): number {
  if (status === -1) return EXIT.timeout;
  if (status >= 256) return 128 + (status - 256);
  return status;
}
