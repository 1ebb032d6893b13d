import type { Dag } from '../../model/dag.js';
import type { Stage } from '../../model/plan.js';
import { type BuiltIso, buildIso } from './buildIso.js';
import type { FreshIdentity, RandomBytes } from './identity.js';
import { type ScriptVm, scriptEnvironment } from './scriptEnvironment.js';
import { afterWork, beginWalk, nextWork, type WorkItem } from './walk.js';

/** One ISO and what it is for: one doorbell, one session. */
export interface Round {
  readonly iso: BuiltIso;
  readonly nonce: string;
  readonly items: readonly WorkItem[];
}

export interface RoundSource {
  readonly vm: ScriptVm;
  readonly random: RandomBytes;
}

export function buildRound(
  source: RoundSource,
  items: readonly WorkItem[],
  identity: FreshIdentity | undefined,
): Round {
  const nonce = Buffer.from(source.random(16)).toString('hex');
  const iso = buildIso({
    vmid: source.vm.vmid,
    nonce,
    ...(identity === undefined ? {} : { identity }),
    actions: items.flatMap(({ action }) =>
      action.kind === 'guest' ? [{ action, environment: scriptEnvironment(action, source.vm) }] : [],
    ),
  });
  return { iso, nonce, items };
}

/**
 * Builds the first ISO before there is a machine: the identity, and the guest actions that come first. Host actions
 * before them are taken to end well; if one does not, the ISO is not used.
 */
export function buildFirstRound(
  source: RoundSource,
  dag: Dag,
  stages: readonly Stage[],
  identity: FreshIdentity,
): Round {
  let state = beginWalk(dag, stages);
  while (nextWork(state).kind === 'host') state = afterWork(state, [0]);
  const work = nextWork(state);
  return buildRound(source, work.kind === 'guest' ? work.actions : [], identity);
}

/** Whether the round carries exactly this work. */
export function carries(round: Round, items: readonly WorkItem[]): boolean {
  return (
    round.items.length === items.length &&
    round.items.every(
      ({ action, attempt }, at) => action === items[at]?.action && attempt === items[at]?.attempt,
    )
  );
}
