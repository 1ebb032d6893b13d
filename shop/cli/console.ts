import type { Command } from 'commander';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { EXIT } from '../../cli/exitCode.js';
import { write } from '../../cli/terminal.js';
import { VmplantsError } from '../../model/errors.js';
import { untilEscape } from './consoleInput.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

/** A person may sit at a console for a day; no call is without a deadline. */
const CONSOLE_MILLISECONDS = 24 * 3_600_000;

/** `vmshop console VMID`: the serial console, both ways; ^] ends it. */
export function addConsole(program: Command, environment: CliEnvironment): void {
  program
    .command('console')
    .argument('<vmid>', 'VMID of the VM')
    .description("connect to a VM's serial console; Ctrl-] ends the connection")
    .action(async (vmid: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const { stdin, stdout } = environment.terminal;
      const left = new AbortController();
      const signal = AbortSignal.any([environment.signal, left.signal]);
      const leave = (): void => left.abort(new VmplantsError('CANCELLED', 'the console was left'));
      await note(environment, `console of ${vmid}; Ctrl-] ends the connection`);
      if (stdin.isTTY === true) stdin.setRawMode?.(true);
      try {
        await withClient(environment, options, async (client) => {
          const output = client.console(vmid, untilEscape(stdin, leave), {
            timeoutMilliseconds: timeoutOf(options, CONSOLE_MILLISECONDS),
            signal,
          });
          // Not escaped: a console is the guest's own terminal.
          for await (const data of output) await write(stdout, data);
        });
      } catch (thrown) {
        if (!left.signal.aborted) throw thrown;
      } finally {
        if (stdin.isTTY === true) stdin.setRawMode?.(false);
        stdin.pause();
      }
      await note(environment, '\nthe connection has ended');
      if (environment.signal.aborted) throw new CommandEnd(EXIT.interrupted);
    });
}
