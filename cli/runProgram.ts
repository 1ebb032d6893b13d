import { type Command, CommanderError } from 'commander';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { CommandEnd } from './commandEnd.js';
import type { CliEnvironment } from './environment.js';
import { renderError, renderErrorJson } from './errorText.js';
import { EXIT, exitCodeOf } from './exitCode.js';
import { wantsJsonErrors } from './outputFormat.js';
import { write } from './terminal.js';

/**
 * Runs a command line to its end and says how it ended. Never rejects: whatever is thrown becomes a message on
 * stderr (as JSON under `-o json`) and an exit code.
 */
export async function runProgram(program: Command, environment: CliEnvironment): Promise<number> {
  try {
    await program.parseAsync([...parsedArguments(program, environment.arguments)], { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof CommandEnd) return thrown.exitCode;
    if (isClosedPipe(thrown)) return EXIT.done;
    if (thrown instanceof CommanderError && isHelp(thrown))
      return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = thrown instanceof CommanderError ? usageError(thrown, program.name()) : asCliError(thrown);
    const json = wantsJsonErrors(environment.arguments);
    await write(environment.terminal.stderr, json ? renderErrorJson(error) : renderError(error));
    return exitCodeOf(error);
  }
}

/**
 * `help NOPE` shows the help of everything; parsed as NOPE alone, it is answered with that there is no such command
 * and with what may have been meant.
 */
function parsedArguments(program: Command, args: readonly string[]): readonly string[] {
  const [first, command] = args;
  if (first !== 'help' || command === undefined || command.startsWith('-')) return args;
  const known = program.commands.some((one) => one.name() === command || one.aliases().includes(command));
  if (known) return args;
  return command === 'help' ? ['--help'] : [command];
}

/** Commander ends `--help`, `--version` and a missing subcommand this way, after having written the text. */
function isHelp(error: CommanderError): boolean {
  return (
    error.code === 'commander.helpDisplayed' ||
    error.code === 'commander.help' ||
    error.code === 'commander.version'
  );
}

/** Commander's text begins with `error:` and may end with a suggestion on a line of its own. */
function usageError(error: CommanderError, program: string): VmplantsError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint =
    suggestion === undefined || suggestion === '' ? undefined : suggestion.replace(/^\((.*)\)$/, '$1');
  return new VmplantsError('INVALID_ARGUMENT', message, {
    reason: 'USAGE',
    hint: hint ?? `${program} --help lists the commands, ${program} COMMAND --help what one takes`,
  });
}

/**
 * What goes wrong on this side of the network is the user's own: unlike a server, a command line may say what an
 * unexpected error was.
 */
function asCliError(thrown: unknown): VmplantsError {
  const error = asVmplantsError(thrown);
  if (error.code !== 'INTERNAL' || thrown instanceof VmplantsError || !(thrown instanceof Error))
    return error;
  return new VmplantsError('INTERNAL', `unexpected: ${thrown.message}`, { cause: thrown });
}

/** The reader of a pipe (`| head`) has seen enough. */
function isClosedPipe(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';
}
