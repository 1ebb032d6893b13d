import { setImmediate as nextTurn } from 'node:timers/promises';
import { VmplantsError } from '../../model/errors.js';
import { ConfigurationError } from '../configure/configuration.js';
import { buildFirstRound, type Round } from '../configure/round.js';
import type { Machine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import { untilAborted } from '../untilAborted.js';
import type { Accepted, Configured, ProduceTools } from './accepted.js';
import type { Attempt } from './attempt.js';
import { KeptFailed } from './keptFailed.js';
import { isHostShort, reasonOf } from './reasonOf.js';
import type { StepRunner } from './runSteps.js';

/**
 * One try: clones, starts and configures, or takes a machine that waited and configures it.
 * @throws KeptFailed, ConfigurationError, or as the steps do; what was begun is left to be undone
 */
export async function makeMachine(
  accepted: Accepted,
  attempt: Attempt,
  tools: ProduceTools,
  runner: StepRunner,
  signal: AbortSignal,
): Promise<Configured> {
  const { parts, steps, progress } = tools;
  const { order, vmid, hostname } = accepted.wanted;
  const { plan, identity, ready } = attempt;
  const vm = { vmid, hostname, identity: order.identity };
  const build = (): Round => buildFirstRound({ vm, random: tools.random }, order.dag, plan.stages, identity);
  const { machine, round, seconds } =
    ready === undefined
      ? await startClone(accepted, attempt, build, tools, runner, signal)
      : { machine: ready.machine, round: build(), seconds: { clone: 0, start: 0 } };
  if (ready !== undefined)
    progress({ phase: 'start', message: `handed out a machine of ${plan.image} that waited` });
  try {
    const configuration = await runner.perform(
      steps.configure,
      {
        machine,
        request: {
          vm,
          dag: order.dag,
          stages: plan.stages,
          rung: plan.rung,
          ...(ready === undefined ? {} : { runs: true as const }),
          identity,
          directory: attempt.spec.directory,
          deadlines: parts.deadlines,
          prepared: round,
          clock: parts.clock,
          random: tools.random,
          progress,
        },
      },
      signal,
    );
    progress({ phase: 'configure', message: 'configured', seconds: configuration.seconds.configure });
    return { attempt, machine, configuration, seconds };
  } catch (error) {
    const inspectable = error instanceof ConfigurationError && error.renewed && !isHostShort(reasonOf(error));
    if (inspectable && accepted.keepFailed && !signal.aborted) {
      throw keep(accepted, tools, machine, attempt, error.cause);
    }
    throw error;
  }
}

/** Clones the image and starts the monitor, while the first ISO is built. */
async function startClone(
  accepted: Accepted,
  attempt: Attempt,
  build: () => Round,
  tools: ProduceTools,
  runner: StepRunner,
  signal: AbortSignal,
): Promise<{ readonly machine: Machine; readonly round: Round; readonly seconds: Configured['seconds'] }> {
  const { parts, steps, progress } = tools;
  const { plan } = attempt;
  await untilAborted(accepted.room, signal);
  const clone = await timed(parts, () => runner.perform(steps.clone, attempt, signal));
  progress({ phase: 'clone', message: `cloned ${plan.image}, copy-on-write`, seconds: clone.seconds });
  // The ISO is built while the monitor loads: it needs nothing of it. Both are over before anything is undone.
  const [starting, building] = await Promise.allSettled([
    timed(parts, () => runner.perform(steps.start, attempt, signal)),
    nextTurn().then(build),
  ]);
  if (starting.status === 'rejected') throw starting.reason;
  if (building.status === 'rejected') throw building.reason;
  const start = starting.value;
  const started = plan.rung === 'warm' ? 'resumed its memory' : 'its disk is about to boot';
  progress({ phase: 'start', message: `the monitor runs; ${started}`, seconds: start.seconds });
  return {
    machine: start.value,
    round: building.value,
    seconds: { clone: clone.seconds, start: start.seconds },
  };
}

function keep(
  accepted: Accepted,
  tools: ProduceTools,
  machine: Machine,
  attempt: Attempt,
  cause: VmplantsError,
): KeptFailed {
  const { vmid } = accepted.wanted;
  tools.parts.info.update(vmid, { vm: { state: 'failed', reason: cause.message } });
  const error = new VmplantsError(cause.code, cause.message, {
    ...(cause.reason === undefined ? {} : { reason: cause.reason }),
    ...(cause.actionFailure === undefined ? {} : { actionFailure: cause.actionFailure }),
    hint: `The VM was kept as ${vmid}; destroy it when you have seen enough.`,
    cause,
  });
  return new KeptFailed(error, machine, attempt);
}

async function timed<T>(
  parts: Pick<PlantParts, 'clock'>,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = parts.clock.monotonic();
  const value = await work();
  return { value, seconds: (parts.clock.monotonic() - began) / 1000 };
}
