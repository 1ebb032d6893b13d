import { Command, Help } from 'commander';
import { type Terminal, write } from './terminal.js';

/**
 * The root of a command line with the habits that both programs share: wrong usage is thrown instead of ending the
 * process, messages go where `terminal` says, suggestions for misspelt commands, global options shown everywhere.
 */
export function createProgram(
  name: string,
  description: string,
  version: string,
  terminal: Terminal,
): Command {
  const globals = new Help();
  globals.showGlobalOptions = true;
  return new Command(name)
    .description(description)
    .version(`${name} ${version}`, '-V, --version', 'print the version of this program')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [COMMAND]', 'show help for a command')
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({
      showGlobalOptions: true,
      // Each command shows the `-o` that it takes, if any (see `outputOption`).
      visibleGlobalOptions: (command) =>
        globals.visibleGlobalOptions(command).filter((option) => option.long !== '--output'),
    })
    .configureOutput({
      writeOut: (text) => void write(terminal.stdout, text),
      writeErr: (text) => void write(terminal.stderr, text),
      // runProgram writes errors, in the form that was asked for.
      outputError() {},
      getOutHelpWidth: () => terminal.stdout.columns ?? 80,
      getErrHelpWidth: () => terminal.stderr.columns ?? 80,
    });
}
