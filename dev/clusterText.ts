import { formatCount, formatSeconds } from '../cli/amounts.js';
import { renderTable } from '../cli/table.js';
import type { Cluster, Member } from './cluster.js';

/** What the user of a cluster is told once it runs. */
export interface ReadyFacts {
  readonly cluster: Pick<Cluster, 'shopAddress' | 'members'>;
  readonly plants: number;
  readonly brokers: number;
  readonly line: string;
  readonly seconds: number;
  readonly directory: string;
  readonly kept: boolean;
  /** A request that the images serve; undefined when none is known. */
  readonly example: string | undefined;
}

/** The line that a shell takes to talk to the cluster. */
export function exportLine(shopAddress: string): string {
  return `export VMSHOP_ADDRESS=${shopAddress}\n`;
}

/** What runs where, and what to do with it. */
export function renderReady(facts: ReadyFacts): string {
  const { cluster, directory, kept, example } = facts;
  const table = renderTable<Member>(
    [
      { heading: 'NAME', cell: ({ name }) => name },
      { heading: 'ADDRESS', cell: ({ address }) => address },
      { heading: 'PID', cell: ({ pid }) => String(pid), align: 'right' },
      { heading: 'LOG', cell: ({ logFile }) => logFile },
    ],
    cluster.members,
  );
  const commands = [
    exportLine(cluster.shopAddress).trimEnd(),
    'vmshop plants --watch',
    `vmshop create -f ${example === undefined ? 'REQUEST' : quoted(example)}`,
  ];
  const behind = facts.brokers === 0 ? '' : ` behind ${formatCount(facts.brokers, 'broker')}`;
  const end = kept
    ? `Ctrl-C ends all of it and collects the VMs; ${directory} is kept.`
    : 'Ctrl-C ends all of it, collects the VMs and removes its files.';
  return [
    `${formatCount(facts.plants, 'plant')}${behind} and a shop (line ${facts.line}) are ready after ${formatSeconds(facts.seconds)}\n\n`,
    `${table}\n`,
    'In another terminal:\n',
    ...commands.map((line) => `  ${line}\n`),
    `\n${end}\n`,
  ].join('');
}

/** As a shell takes it as one word. */
function quoted(path: string): string {
  return /^[\w./+@%:=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
