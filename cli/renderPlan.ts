import type { Plan, PlannedAction, Rejection } from '../model/plan.js';
import { formatCount, formatSeconds } from './amounts.js';
import { escapeLine } from './escape.js';
import { renderTable } from './table.js';

/** Characters of a key that are shown to people; the JSON form has it whole. */
const SHOWN_KEY_LENGTH = 12;

/**
 * A plan for people: the golden image and why on this rung, the DAG as it will be walked (`=` brought by the
 * image, `+` run on the clone), what it saves, and why each other image lost.
 */
export function renderPlan(plan: Plan): string {
  const lines = [`golden image  ${escapeLine(plan.image)} (${rungText(plan)})`, '', ...drawing(plan), ''];
  lines.push(
    `${planWorth(plan)}, leaves about ${formatSeconds(plan.residualSeconds)}${plan.rung === 'disk' && !plan.prepared ? ', boot included' : ''}`,
  );
  for (const warning of plan.warnings) lines.push(`warning: ${escapeLine(warning)}`);
  const others =
    plan.rejected.length === 0 ? '' : `\nother images\n${indent(renderRejections(plan.rejected))}`;
  return `${lines.join('\n')}\n${others}`;
}

/**
 * What a plan's image is worth. To save is said of what is left when a boot has been taken off, as in the reasons
 * for which other images lose; of an image that is booted, a plan only tells the work that it brings.
 */
export function planWorth(plan: Plan): string {
  const seconds = formatSeconds(plan.savedSeconds);
  return plan.rung === 'warm' || plan.prepared ? `saves ${seconds}` : `brings ${seconds} of work`;
}

/** Why images lost, as a table: the failed test (or `saves-less`), the action it failed at, one sentence. */
export function renderRejections(rejected: readonly Rejection[]): string {
  return renderTable<Rejection>(
    [
      { heading: 'IMAGE', cell: (row) => row.image },
      { heading: 'TEST', cell: (row) => row.test },
      { heading: 'ACTION', cell: (row) => row.action ?? '' },
      { heading: 'REASON', cell: (row) => row.reason },
    ],
    rejected,
  );
}

/** Two spaces before every line that is not empty. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function rungText(plan: Plan): string {
  if (plan.prepared && plan.rung === 'warm') return 'warm: from a prepared machine, resumed and waiting';
  if (plan.prepared)
    return `disk: from a prepared machine of the ${escapeLine(plan.line)} line, booted and waiting`;
  if (plan.rung === 'warm') return 'warm: its frozen memory is resumed';
  const why = plan.rungReason === undefined ? '' : `; not warm: ${escapeLine(plan.rungReason)}`;
  return `disk: its disk is booted by the ${escapeLine(plan.line)} line${why}`;
}

/**
 *     start
 *       = install      3f9a1c2e77d0   in the image
 *       + user         77d0c2a9be01   guest, ISO 1
 *       + data         a91ec2a9be02   host
 *     end
 */
function drawing(plan: Plan): readonly string[] {
  const steps: { readonly mark: string; readonly action: PlannedAction; readonly where: string }[] = [];
  for (const action of plan.performed) steps.push({ mark: '=', action, where: 'in the image' });
  let isos = 0;
  for (const stage of plan.stages) {
    if (stage.kind === 'host') {
      steps.push({ mark: '+', action: stage.action, where: 'host' });
      continue;
    }
    isos += 1;
    for (const action of stage.actions) steps.push({ mark: '+', action, where: `guest, ISO ${isos}` });
  }
  const width = Math.max(0, ...steps.map((step) => [...escapeLine(step.action.name)].length));
  const performed = formatCount(plan.performed.length, 'action');
  const residual = formatCount(steps.length - plan.performed.length, 'action');
  return [
    `  start                 (= ${performed} in the image, + ${residual} to run)`,
    ...steps.map(
      ({ mark, action, where }) =>
        `    ${mark} ${escapeLine(action.name).padEnd(width)}   ${escapeLine(action.key.slice(0, SHOWN_KEY_LENGTH))}   ${where}`,
    ),
    '  end',
  ];
}
