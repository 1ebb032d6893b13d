import { VmplantsError } from '../../model/errors.js';
import { ConfigurationError } from '../configure/configuration.js';
import type { ExcludedClone } from '../planner/query.js';
import type { Accepted, Configured, ProduceTools } from './accepted.js';
import { IMAGE_GONE } from './attempt.js';
import { KeptFailed } from './keptFailed.js';
import { makeMachine } from './makeMachine.js';
import { bothRungs, isGone, nextAttempt } from './nextAttempt.js';
import { isHostShort, reasonOf } from './reasonOf.js';
import type { StepRunner } from './runSteps.js';

/**
 * Clones of a plant with one line that are tried before an order is given up: the plan's, and what is below it on the
 * ladder. Every further line may boot the disk once more.
 */
const MAX_TRIES = 3;

/**
 * Tries the attempt, and while no machine confirms its identity what is below it on the ladder: the same image's disk,
 * on one line after the other, then the next best image. In place of a machine that waited resumed and does not answer,
 * a clone of the same plan comes first; in place of one that waited booted, the best clone.
 * @throws as `makeMachine` does; VmplantsError UNAVAILABLE, MACHINE_DID_NOT_START; FAILED_PRECONDITION,
 * NO_MATCHING_IMAGE, when every image that matched has gone since it was planned
 */
export async function climbDown(
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
  const mostTries = MAX_TRIES + parts.lines.length - 1;
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
      const line = attempt.line.name;
      const what = attempt.ready === undefined ? `${rung} clone` : 'machine that waited';
      parts.log.warn({ vmid, image, rung, line, reason: failure.message }, `a ${what} could not be used`);
      tools.progress({ phase: 'start', message: `the ${what} of ${image} failed: ${failure.message}` });
      await runner.unwind(base);
      let planAgain = tools.planAgain;
      if (attempt.ready !== undefined) {
        const same = { plan: attempt.plan, line };
        // It was better than a resumed one because it had booted: that is no longer so.
        if (rung === 'warm')
          planAgain = (without) => (without.length === 0 ? same : tools.planAgain(without));
      } else if (failure.reason === IMAGE_GONE || (await isGone(parts, attempt.image))) {
        excluded.push(...bothRungs(image));
        reasons.push(`${image}: it was removed or damaged`);
      } else {
        tools.onRungFailed(attempt.image, rung, failure);
        tries += 1;
        excluded.push({ image, rung, line });
        const where = parts.lines.length === 1 ? rung : `${rung}, ${line}`;
        reasons.push(`${image} (${where}): ${failure.message}`);
      }
      const next =
        tries < mostTries
          ? nextAttempt(parts, accepted.wanted, planAgain, excluded, tools.takenMacs())
          : undefined;
      if (next === undefined)
        throw tries === 0 && excluded.length > 0
          ? noImageLeft(reasons, failure)
          : didNotStart(reasons, failure);
      attempt = next;
      parts.info.update(vmid, {
        vm: { image: next.plan.image, rung: next.plan.rung, line: next.line.name },
        macs: next.identity.macs,
        directory: next.spec.directory,
      });
    }
  }
}

function noImageLeft(reasons: readonly string[], last: VmplantsError): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `no golden image matches any more: ${reasons.join('; ')}`, {
    reason: 'NO_MATCHING_IMAGE',
    cause: last,
  });
}

function didNotStart(reasons: readonly string[], last: VmplantsError): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `no clone could be started: ${reasons.join('; ')}`, {
    reason: 'MACHINE_DID_NOT_START',
    cause: last,
  });
}
