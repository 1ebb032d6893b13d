import type { LearnResponse } from '../proto/gen/vmplants/v1/LearnResponse.js';
import { askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';
import { unreachableOf } from './unreachableOf.js';

/**
 * What the plants that answer have learned, and the addresses of those that do not, behind brokers too. Unless it is a dry run, each also
 * sets about what it decided.
 */
export async function askLearning(
  parts: ShopParts,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<LearnResponse> {
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    (plant, call) => plant.learn({ dryRun }, call),
  );
  return {
    reports: answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value.reports : [])),
    unreachable: unreachableOf(answers),
  };
}
