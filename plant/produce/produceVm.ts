import { setImmediate as nextTurn } from 'node:timers/promises';
import { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Plan, Rung } from '../../model/plan.js';
import type { ReportProgress } from '../../model/progress.js';
import type { Vm } from '../../model/vm.js';
import { ConfigurationError, type ConfigurationResult } from '../configure/configuration.js';
import type { RandomBytes } from '../configure/identity.js';
import { buildFirstRound, type Round } from '../configure/round.js';
import type { Machine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import type { ExcludedClone } from '../planner/query.js';
import { untilAborted } from '../untilAborted.js';
import { type Attempt, type AttemptFor, IMAGE_GONE } from './attempt.js';
import { addedMacs, buildClassad } from './classad.js';
import { bothRungs, isGone, nextAttempt } from './nextAttempt.js';
import type { Planned } from './planOrder.js';
import { isHostShort, reasonOf } from './reasonOf.js';
import { createStepRunner, type StepRunner } from './runSteps.js';
import type { Steps } from './steps.js';
import { vmHistory } from './vmHistory.js';

/** A production that has been accepted: its record exists. */
export interface Accepted {
  readonly wanted: AttemptFor;
  readonly attempt: Attempt;
  readonly keepFailed: boolean;
  /** Of the plant's monotonic clock, when the request came. */
  readonly began: number;
  /** Resolves when the prepared machines that have to make room for it have ended. Never rejects. */
  readonly room: Promise<void>;
}

export interface ProduceTools {
  readonly parts: PlantParts;
  readonly steps: Steps;
  /** Waits until this production may run. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Plans the order again without the clones that have failed. */
  readonly planAgain: (excluded: readonly ExcludedClone[]) => Planned | undefined;
  readonly takenMacs: () => ReadonlySet<string>;
  readonly random: RandomBytes;
  readonly onPlan: (plan: Plan) => void;
  /** A clone on this rung could not be brought to confirm its identity. */
  readonly onRungFailed: (image: LocatedImage, rung: Rung, reason: VmplantsError) => void;
  readonly progress: ReportProgress;
}

/** A VM that is there, running, and the machine behind it. */
export interface Produced {
  readonly vm: Vm;
  readonly machine: Machine;
  readonly attempt: Attempt;
  readonly configuration: ConfigurationResult;
}

/** The creation failed, and the VM was kept for inspection as the client had asked. */
export class KeptFailed extends Error {
  override readonly cause: VmplantsError;
  readonly machine: Machine;
  readonly attempt: Attempt;

  constructor(cause: VmplantsError, machine: Machine, attempt: Attempt) {
    super(cause.message, { cause });
    this.name = 'KeptFailed';
    this.cause = cause;
    this.machine = machine;
    this.attempt = attempt;
  }
}

/** Clones that are tried before an order is given up: the plan's, and what is below it on the ladder. */
const MAX_TRIES = 3;

interface Configured {
  readonly attempt: Attempt;
  readonly machine: Machine;
  readonly configuration: ConfigurationResult;
  readonly seconds: { readonly clone: number; readonly start: number };
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

async function climbDown(
  accepted: Accepted,
  tools: ProduceTools,
  runner: StepRunner,
  signal: AbortSignal,
): Promise<Configured> {
  const { parts, steps } = tools;
  const { vmid } = accepted.wanted;
  const base = runner.depth();
  const excluded: ExcludedClone[] = [];
  const reasons: string[] = [];
  let tries = 0;
  let attempt = accepted.attempt;
  if (attempt.ready !== undefined) {
    // Their log entries came with the record.
    runner.begun(steps.clone);
    runner.begun(steps.start);
  }
  for (;;) {
    tools.onPlan(attempt.plan);
    try {
      return await makeMachine(accepted, attempt, tools, runner, signal);
    } catch (error) {
      if (signal.aborted || error instanceof KeptFailed) throw error;
      const failure = reasonOf(error);
      const renewed = error instanceof ConfigurationError && error.renewed;
      if (renewed || isHostShort(failure)) throw failure;
      const { image, rung } = attempt.plan;
      const what = attempt.ready === undefined ? `${rung} clone` : 'machine that waited';
      parts.log.warn({ vmid, image, rung, reason: failure.message }, `a ${what} could not be used`);
      tools.progress({ phase: 'start', message: `the ${what} of ${image} failed: ${failure.message}` });
      await runner.unwind(base);
      let planAgain = tools.planAgain;
      if (attempt.ready !== undefined) {
        const same = { plan: attempt.plan, line: attempt.line.name };
        planAgain = (without) => (without.length === 0 ? same : tools.planAgain(without));
      } else if (failure.reason === IMAGE_GONE || (await isGone(parts, attempt.image))) {
        excluded.push(...bothRungs(image));
        reasons.push(`${image}: it was removed`);
      } else {
        tools.onRungFailed(attempt.image, rung, failure);
        tries += 1;
        excluded.push({ image, rung });
        reasons.push(`${image} (${rung}): ${failure.message}`);
      }
      const next =
        tries < MAX_TRIES
          ? nextAttempt(parts, accepted.wanted, planAgain, excluded, tools.takenMacs())
          : undefined;
      if (next === undefined) throw didNotStart(reasons, failure);
      attempt = next;
      parts.info.update(vmid, {
        vm: { image: next.plan.image, rung: next.plan.rung, line: next.line.name },
        macs: next.identity.macs,
        directory: next.spec.directory,
      });
    }
  }
}

async function makeMachine(
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

function didNotStart(reasons: readonly string[], last: VmplantsError): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `no clone could be started: ${reasons.join('; ')}`, {
    reason: 'MACHINE_DID_NOT_START',
    cause: last,
  });
}

async function timed<T>(
  parts: Pick<PlantParts, 'clock'>,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = parts.clock.monotonic();
  const value = await work();
  return { value, seconds: (parts.clock.monotonic() - began) / 1000 };
}
