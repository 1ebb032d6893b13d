import type { VmplantsError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import type { Machine } from '../line/line.js';
import type { Accepted, Configured, ProduceTools } from './accepted.js';
import type { Attempt } from './attempt.js';
import { addedMacs, buildClassad } from './classad.js';
import { climbDown } from './climbDown.js';
import { KeptFailed } from './keptFailed.js';
import { reasonOf } from './reasonOf.js';
import { createStepRunner, type StepRunner } from './runSteps.js';
import { vmHistory } from './vmHistory.js';

/** A VM that is there, running, and the machine behind it. */
export interface Produced {
  readonly vm: Vm;
  readonly machine: Machine;
  readonly attempt: Attempt;
  readonly configuration: ConfigurationResult;
}

/**
 * Carries out an accepted production step by step (VMPlants paper, section 3.2). When a clone cannot be brought to
 * confirm its identity, the next rung of the ladder is tried: the same image's disk, then the next best image. In place
 * of a machine that waited and does not answer, a clone of the same plan is made first.
 * Whatever fails, every step that was begun is undone in reverse before this rejects.
 *
 * @throws KeptFailed, or VmplantsError: FAILED_PRECONDITION, ACTION_FAILED; UNAVAILABLE, MACHINE_DID_NOT_START; or the
 * signal's reason
 */
export async function produceVm(
  accepted: Accepted,
  tools: ProduceTools,
  signal: AbortSignal,
): Promise<Produced> {
  const { parts, steps } = tools;
  const { vmid } = accepted.wanted;
  const runner = createStepRunner(parts, vmid);
  runner.begun(steps.reserve);
  try {
    await parts.crashPoint('reserve:done');
    if (accepted.attempt.ready !== undefined) await parts.crashPoint('hand-out:done');
    await tools.turn(signal);
    const configured = await climbDown(accepted, tools, runner, signal);
    return await record(accepted, tools, runner, configured, signal);
  } catch (error) {
    if (error instanceof KeptFailed) throw error;
    const reason = reasonOf(error);
    await rollBack(tools, runner, vmid, reason);
    throw reason;
  }
}

async function record(
  accepted: Accepted,
  tools: ProduceTools,
  runner: StepRunner,
  configured: Configured,
  signal: AbortSignal,
): Promise<Produced> {
  const { parts, steps, progress } = tools;
  const { order, vmid } = accepted.wanted;
  const { attempt, machine, configuration } = configured;
  const create = (parts.clock.monotonic() - accepted.began) / 1000;
  const reserved = parts.info.get(vmid);
  if (reserved === undefined) throw new Error('a production has a record until it is over');
  const classad = buildClassad({
    vm: { ...reserved.vm, state: 'running' },
    order,
    attempt,
    configuration,
    seconds: { ...configured.seconds, create },
  });
  const vm = await runner.perform(
    steps.record,
    {
      vmid,
      orderDigest: order.digest,
      classad,
      macs: [...attempt.identity.macs, ...addedMacs(configuration)],
      durations: configuration.runs.map(({ key, seconds, status }) => ({ key, seconds, ok: status === 0 })),
      history: vmHistory(
        order,
        attempt.image.descriptor.performed,
        configuration,
        new Date(parts.clock.now()).toISOString(),
      ),
    },
    signal,
  );
  progress({ phase: 'record', message: `${vmid} is running`, seconds: create });
  return { vm, machine, attempt, configuration };
}

/** What cannot be undone now stays recorded, failed, with its log; collecting it or the next start tries again. */
async function rollBack(
  tools: ProduceTools,
  runner: StepRunner,
  vmid: string,
  reason: VmplantsError,
): Promise<void> {
  try {
    await runner.unwind(0);
  } catch (error) {
    tools.parts.log.error(
      { vmid, err: error },
      'a production could not be rolled back; collect the VM to try again',
    );
    if (tools.parts.info.get(vmid) === undefined) return;
    try {
      tools.parts.info.update(vmid, {
        vm: { state: 'failed', reason: `${reason.message}; and it could not be rolled back` },
      });
    } catch (unwritten) {
      // The client is to know why its VM failed, not that this could not be written down.
      tools.parts.log.error({ vmid, err: unwritten }, 'the failure of a production could not be recorded');
    }
  }
}
