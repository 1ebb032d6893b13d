import { formatBytes, formatCount, formatMiB, formatSeconds } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { indent } from '../../cli/renderPlan.js';
import { renderTable } from '../../cli/table.js';
import type { LearningSummary } from '../client.js';

type Proposal = LearningSummary['bake'][number];
type ImageAndReason = LearningSummary['evict'][number];
type Point = LearningSummary['prepared'][number];

/** What one plant has learned, for people: what it would bake, evict and keep, and why. */
export function renderLearning(learning: LearningSummary, dryRun: boolean): string {
  const { plant, enabled, orders, images, imagesBudget, bytes, bytesBudget, decisionSeconds } = learning;
  const budget = `learned images: ${images} of ${imagesBudget}, ${formatBytes(bytes)} of ${formatBytes(bytesBudget)}`;
  const learns = enabled
    ? 'learns'
    : isSwitchedOff(learning)
      ? 'does not learn (it is switched off)'
      : 'does not learn';
  const head = [
    `${plant}: ${learns}; ${formatCount(orders, 'order')} remembered`,
    `  ${budget}; decided in ${formatSeconds(decisionSeconds)}`,
    ...(learning.doing === undefined
      ? []
      : [`  ${enabled || isSwitchedOff(learning) ? 'now' : 'why'}: ${learning.doing}`]),
  ];
  const verb = dryRun || !enabled ? 'would' : 'will';
  return [
    `${head.map(escapeLine).join('\n')}\n`,
    section(`${verb} bake`, learning.bake, renderProposals),
    section(`${verb} evict`, learning.evict, renderReasons),
    section(`${verb} keep`, learning.keep, renderReasons),
    section('prepared', learning.prepared, renderPoints),
  ].join('');
}

/** It is by a budget of nothing; a plant that would like to and is unable to says why as what it does. */
function isSwitchedOff({ enabled, imagesBudget, bytesBudget }: LearningSummary): boolean {
  return !enabled && (imagesBudget === 0 || bytesBudget === 0);
}

function section<Row>(title: string, rows: readonly Row[], render: (rows: readonly Row[]) => string): string {
  return rows.length === 0 ? `  ${title}: nothing\n` : `  ${title}:\n${indent(indent(render(rows)))}`;
}

function renderProposals(proposals: readonly Proposal[]): string {
  return renderTable<Proposal>(
    [
      { heading: 'ACTIONS', cell: ({ actions }) => actions.map(({ name }) => name).join(',') },
      { heading: 'SYSTEM', cell: ({ operatingSystem }) => operatingSystem },
      { heading: 'MEMORY', cell: ({ memoryMiB }) => formatMiB(memoryMiB), align: 'right' },
      { heading: 'DOMAIN', cell: ({ clientDomain }) => clientDomain },
      { heading: 'SIZE', cell: (proposal) => formatBytes(proposal.bytes), align: 'right' },
      {
        heading: 'SAVES A DAY',
        cell: ({ savedSecondsPerDay }) => formatSeconds(savedSecondsPerDay),
        align: 'right',
      },
      { heading: 'WHY', cell: ({ reason }) => reason },
    ],
    proposals,
  );
}

function renderReasons(images: readonly ImageAndReason[]): string {
  return renderTable<ImageAndReason>(
    [
      { heading: 'IMAGE', cell: ({ image }) => image },
      { heading: 'WHY', cell: ({ reason }) => reason },
    ],
    images,
  );
}

function renderPoints(points: readonly Point[]): string {
  return renderTable<Point>(
    [
      { heading: 'IMAGE', cell: ({ image }) => image },
      { heading: 'LINE', cell: ({ line }) => line },
      { heading: 'RUNG', cell: ({ rung }) => rung },
      { heading: 'VCPUS', cell: ({ vcpus }) => String(vcpus), align: 'right' },
      { heading: 'MEMORY', cell: ({ memoryMiB }) => formatMiB(memoryMiB), align: 'right' },
      { heading: 'NETWORK', cell: ({ network }) => network },
      { heading: 'WAITING', cell: ({ waiting, wanted }) => `${waiting}/${wanted}`, align: 'right' },
      { heading: 'IN USE', cell: ({ inUse }) => String(inUse), align: 'right' },
    ],
    points,
  );
}
