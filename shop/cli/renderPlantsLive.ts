import { formatCount, formatMiB } from '../../cli/amounts.js';
import { cellsOf, cutToWidth } from '../../cli/cells.js';
import { type Column, renderTable } from '../../cli/table.js';
import { PLANT_CELLS, type PlantRow, plantRows } from './plantRows.js';
import type { SeenPlant } from './seenPlants.js';

/** What a moment of a watched table shows. */
export interface PlantsMoment {
  readonly plants: readonly SeenPlant[];
  /** Text for people: the time of this answer. */
  readonly time: string;
  /** What is wrong with the answer; empty where nothing is. */
  readonly warnings: readonly Warning[];
}

/** Something that is wrong for a while. */
export interface Warning {
  /** What remains the same as long as it is: the text may say since when. */
  readonly kind: string;
  /** One line, escaped. */
  readonly text: string;
}

export interface LiveStyle {
  /** Cells in a line; what is less important is left out until it fits. */
  readonly columns: number;
  /** Lines at most. */
  readonly rows: number;
  /** Draw with the characters for boxes; otherwise with ASCII. */
  readonly boxes: boolean;
  readonly colour: boolean;
  /** As `-o wide`: nothing is left out but by the width. */
  readonly wide: boolean;
}

const BAR_CHARACTERS = 10;
/** Headings in the order in which they are left out where a line is too long. */
const LEFT_OUT_FIRST = ['NETWORKS', 'LINES', 'RESERVED', 'PREPARED', 'NET', 'IMAGES', 'COST'];
const ONLY_WIDE: ReadonlySet<string> = new Set(['NETWORKS']);

const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const DIM = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** The lines of the table with what stands above it, none longer than the terminal is wide. */
export function renderPlantsLive(moment: PlantsMoment, style: LiveStyle): readonly string[] {
  const rows = plantRows(moment.plants, style.boxes);
  const [heading = '', ...lines] = tableLines(rows, style);
  const above = [painted(summary(moment), DIM), painted(heading, DIM)];
  const below = moment.warnings.map((warning) => painted(`warning: ${warning.text}`, YELLOW));
  const room = Math.max(1, style.rows - above.length - below.length);
  const shown = lines.length <= room ? lines : lines.slice(0, room - 1);
  const more = lines.length - shown.length;
  const table = shown.map((text, index) => painted(text, rows[index]?.status === 'ready' ? undefined : RED));
  if (more > 0) table.push(painted(`and ${more} more`, DIM));
  return [...above, ...table, ...below];

  function painted(text: string, code: string | undefined): string {
    const cut = cutToWidth(text, style.columns);
    return style.colour && code !== undefined ? `${code}${cut}${PLAIN}` : cut;
  }
}

/** The sums are of those that the shop asks itself: a broker's numbers hold what is behind it. */
function summary({ plants, time }: PlantsMoment): string {
  const ready = plants.filter(({ status }) => status === 'ready').map(({ plant }) => plant);
  const sum = (of: (plant: SeenPlant['plant']) => number): number =>
    ready.reduce((total, plant) => total + of(plant), 0);
  const plantCount = formatCount(leaves(plants, 'any'), 'plant');
  const silent = leaves(plants, 'any') - leaves(plants, 'ready');
  return [
    `${time}  ${plantCount}${silent === 0 ? '' : ` (${silent} not there)`}`,
    `${sum(({ vms }) => vms)} of ${formatCount(
      sum(({ maxVms }) => maxVms),
      'VM',
    )}`,
    `${formatMiB(sum(({ usedMemoryMiB }) => usedMemoryMiB))} of ${formatMiB(sum(({ totalMemoryMiB }) => totalMemoryMiB))}`,
  ].join(', ');
}

/** Plants, brokers not counted. */
function leaves(plants: readonly SeenPlant[], status: 'any' | 'ready'): number {
  return plants.reduce((count, one) => {
    if (one.status === 'loop') return count;
    if (one.plant.behind !== undefined || one.behind.length > 0) return count + leaves(one.behind, status);
    return count + (status === 'any' || one.status === status ? 1 : 0);
  }, 0);
}

function tableLines(rows: readonly PlantRow[], style: LiveStyle): readonly string[] {
  const columns = liveColumns(style.boxes).filter(({ heading }) => style.wide || !ONLY_WIDE.has(heading));
  const without = new Set<string>();
  for (;;) {
    const shown = columns.filter(({ heading }) => !without.has(heading));
    const lines = renderTable(shown, rows).trimEnd().split('\n');
    const fits = lines.every((line) => cellsOf(line) <= style.columns);
    const next = LEFT_OUT_FIRST.find((heading) => !without.has(heading));
    if (fits || next === undefined) return lines;
    without.add(next);
  }
}

function liveColumns(boxes: boolean): readonly Column<PlantRow>[] {
  return [
    { heading: 'PLANT', cell: ({ drawn, plant }) => (drawn === '' ? plant.address : drawn) },
    { heading: 'STATUS', cell: ({ status }) => status },
    { heading: 'VMS', cell: PLANT_CELLS.vms, align: 'right' },
    {
      heading: 'MEMORY',
      cell: (row) =>
        `${bar(row.plant.usedMemoryMiB, row.plant.totalMemoryMiB, boxes)} ${PLANT_CELLS.memory(row)}`,
    },
    { heading: 'COST', cell: PLANT_CELLS.cost, align: 'right' },
    { heading: 'NET', cell: PLANT_CELLS.networkCost, align: 'right' },
    { heading: 'IMAGES', cell: PLANT_CELLS.images, align: 'right' },
    { heading: 'PREPARED', cell: PLANT_CELLS.prepared, align: 'right' },
    { heading: 'RESERVED', cell: PLANT_CELLS.reserved, align: 'right' },
    { heading: 'NETWORKS', cell: PLANT_CELLS.networks, align: 'right' },
    { heading: 'LINES', cell: PLANT_CELLS.lines },
  ];
}

/** What is used is never shown as nothing, and only what is full as full. */
function bar(used: number, total: number, boxes: boolean): string {
  const part = total > 0 ? Math.min(1, Math.max(0, used / total)) : 0;
  const exact = part * BAR_CHARACTERS;
  const filled =
    part <= 0 ? 0 : part >= 1 ? BAR_CHARACTERS : Math.min(BAR_CHARACTERS - 1, Math.max(1, Math.round(exact)));
  const [full, empty] = boxes ? ['█', '░'] : ['#', '.'];
  return full.repeat(filled) + empty.repeat(BAR_CHARACTERS - filled);
}
