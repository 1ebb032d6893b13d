import { type ProgramOptions, startProgram } from './program.js';

/** A program that serves. */
export interface Server {
  readonly address: string;
  /** Asks it to end and answers with what was wrong with its end. */
  readonly stop: () => Promise<readonly string[]>;
  /** As a crash does. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** The end of what it wrote to its error output. */
  readonly log: () => string;
}

const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 30_000;
const LOG_CHARACTERS = 4000;

/** Starts a server and waits until it says where it serves. */
export async function startServer(
  name: 'vmshop' | 'vmplant',
  args: readonly string[],
  options: ProgramOptions,
): Promise<Server> {
  const program = startProgram(name, args, options);
  const log = (): string => `${name} ${args.join(' ')} wrote:\n${program.stderr().slice(-LOG_CHARACTERS)}`;
  const kill = async (): Promise<void> => {
    program.child.kill('SIGKILL');
    await program.ended;
  };
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it does not serve; ${log()}`)), START_MILLISECONDS);
    program.child.stdout?.on('data', () => {
      const found = / serves on (\S+)\n/.exec(program.stdout())?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    program.ended.then((exit) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${exit}; ${log()}`));
    }, reject);
  }).catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return {
    address,
    kill,
    log,
    stop: async () => {
      const timer = setTimeout(() => program.child.kill('SIGKILL'), STOP_MILLISECONDS);
      program.child.kill('SIGTERM');
      const exit = await program.ended;
      clearTimeout(timer);
      return exit === 0 ? [] : [`${name} ${args.join(' ')} ended with ${exit}`];
    },
  };
}
