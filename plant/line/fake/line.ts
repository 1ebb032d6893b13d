import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import { call } from '../call.js';
import type { CloneSpec, Machine, ProductionLine } from '../line.js';
import { clone } from './clone.js';
import { discard } from './discard.js';
import type { FailAt } from './failure.js';
import { createMachine, failIf } from './machine.js';
import type { RunningMachine } from './running.js';
import { start } from './start.js';

export interface FakeLineOptions {
  /** Real milliseconds that pass for one of a guest's; 0 lets no time pass. Default 1. */
  readonly timeScale?: number;
  /** Guest milliseconds that a boot takes. Default 50. */
  readonly bootMilliseconds?: number;
  /** What goes wrong with which machine. Default: nothing. */
  readonly failAt?: FailAt;
}

/**
 * The production line without a virtualisation technology: for tests, and for trying a plant on a host that has
 * none. Its files are real, its guests are a few lines of this process (`script.ts` says what they understand), and
 * they end with it.
 */
export function createFakeLine(options: FakeLineOptions = {}): ProductionLine {
  const { timeScale = 1, bootMilliseconds = 50, failAt = () => undefined } = options;
  const machines = new Map<string, RunningMachine>();

  /** The machine that runs in the directory now. */
  function runningIn(directory: string): RunningMachine | undefined {
    const machine = machines.get(directory);
    return machine === undefined || machine.hasEnded() ? undefined : machine;
  }

  async function startMachine(spec: CloneSpec, signal: AbortSignal): Promise<Machine> {
    failIf(failAt(spec), 'start');
    const machine = await start(spec, { timeScale, bootMilliseconds }, failAt(spec), signal);
    machines.set(spec.directory, machine);
    return createMachine(machine, FAKE_ENVIRONMENT);
  }

  return {
    name: 'fake',
    capabilities: {
      resume: true,
      freeze: true,
      snapshot: true,
      attachIso: true,
      addDisk: true,
      addNetworkInterface: true,
      runsPrograms: false,
      console: false,
      isolates: false,
    },
    environment: FAKE_ENVIRONMENT,
    clone: (spec, signal) =>
      call(`cloning ${spec.vmid}`, CALL_MILLISECONDS, signal, async (until) => {
        failIf(failAt(spec), 'clone');
        await clone(spec, runningIn(spec.directory) !== undefined, until);
      }),
    start: (spec, signal) =>
      call(`starting ${spec.vmid}`, CALL_MILLISECONDS, signal, (until) => startMachine(spec, until)),
    adopt: (directory, _identity, signal) =>
      call('adopting a machine', CALL_MILLISECONDS, signal, async () => {
        const machine = runningIn(directory);
        return machine === undefined ? undefined : createMachine(machine, FAKE_ENVIRONMENT);
      }),
    discard: (directory, _identity, signal) =>
      call('discarding a clone', CALL_MILLISECONDS, signal, async () => {
        const machine = machines.get(directory);
        if (machine !== undefined) failIf(machine.failure, 'discard');
        await discard(directory, machine);
        machines.delete(directory);
      }),
  };
}

/** Nothing here takes long; see `call`. */
const CALL_MILLISECONDS = 60_000;

const FAKE_ENVIRONMENT: LineEnvironment = {
  line: 'fake',
  accelerator: 'none',
  cpuModel: 'fake',
  vmm: 'fake 1',
  resumes: true,
};
