import { runProgram } from '../../../cli/runProgram.js';
import { shopProgram } from '../../../shop/cli/program.js';
import { type FakeOptions, fakeEnvironment } from '../../cli/fakeTerminal.js';

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `vmshop` in this process, with nothing of the real environment. */
export async function runShop(args: readonly string[], options: FakeOptions = {}): Promise<Run> {
  const fake = fakeEnvironment(args, options);
  const exitCode = await runProgram(shopProgram(fake.environment, '1.2.3'), fake.environment);
  return { exitCode, stdout: fake.stdout(), stderr: fake.stderr() };
}
