import type { BakeSummary, LearningSummary } from '../proto/mapping/learning.js';
import type { BakeProposal } from './learn/decide/learning.js';
import type { LearningReport } from './learn/report.js';
import type { PreparedCount } from './prepare/prepared.js';

/** What a plant has learned, as clients are told. Pure. */
export function learningSummary(
  plant: string,
  report: LearningReport,
  prepared: readonly PreparedCount[],
): LearningSummary {
  const { enabled, orders, used, budget, decision, decisionSeconds, doing } = report;
  return {
    plant,
    enabled,
    orders,
    images: used.images,
    imagesBudget: budget.images,
    bytes: used.bytes,
    bytesBudget: budget.bytes,
    bake: decision.bake.map(bakeSummary),
    evict: decision.evict,
    keep: decision.keep,
    ...(doing === undefined ? {} : { doing }),
    prepared,
    decisionSeconds,
  };
}

function bakeSummary(proposal: BakeProposal): BakeSummary {
  const { actions, profile } = proposal.shape;
  const { name, version } = profile.operatingSystem;
  return {
    actions: proposal.perform.flatMap((place) => {
      const action = actions[place];
      return action === undefined ? [] : [{ name: action.name, key: action.key }];
    }),
    operatingSystem: version === undefined ? name : `${name} ${version}`,
    memoryMiB: profile.hardware.memoryMiB,
    clientDomain: profile.clientDomain,
    bytes: proposal.bytes,
    savedSecondsPerDay: proposal.savedSecondsPerDay,
    reason: proposal.reason,
  };
}
