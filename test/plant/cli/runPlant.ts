import { runProgram } from '../../../cli/runProgram.js';
import type { PlantEnvironment } from '../../../plant/cli/plantEnvironment.js';
import { plantProgram } from '../../../plant/cli/program.js';
import { type FakeOptions, fakeEnvironment } from '../../cli/fakeTerminal.js';

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `vmplant` in this process, with nothing of the real environment. */
export async function runPlant(args: readonly string[], options: FakeOptions = {}): Promise<Run> {
  const fake = fakeEnvironment(args, options);
  const environment: PlantEnvironment = {
    ...fake.environment,
    hostName: 'host-of-the-test',
    hostMemoryMiB: 4096,
    temporaryDirectory: '/nonexistent/tmp',
    version: '1.2.3',
  };
  const exitCode = await runProgram(plantProgram(environment), environment);
  return { exitCode, stdout: fake.stdout(), stderr: fake.stderr() };
}
