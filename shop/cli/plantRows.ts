import { formatCost, formatMiB } from '../../cli/amounts.js';
import type { PlantDescription } from '../client.js';
import type { PlantStatus, SeenPlant } from './seenPlants.js';

/** A line of a table of plants. */
export interface PlantRow {
  /** Its name, drawn below the broker that it is behind. */
  readonly drawn: string;
  readonly plant: PlantDescription;
  readonly status: PlantStatus;
}

const BOXES = { child: '├── ', last: '└── ', through: '│   ', past: '    ' } as const;
const ASCII = { child: '|-- ', last: '`-- ', through: '|   ', past: '    ' } as const;

/**
 * The rows of a table, each broker before what is behind it.
 * @param boxes draw with the characters for boxes; otherwise with ASCII
 */
export function plantRows(plants: readonly SeenPlant[], boxes: boolean): readonly PlantRow[] {
  const drawing = boxes ? BOXES : ASCII;
  const rows: PlantRow[] = [];
  const below = (behind: readonly SeenPlant[], indent: string): void => {
    behind.forEach((one, index) => {
      const isLast = index === behind.length - 1;
      rows.push(rowOf(one, indent + (isLast ? drawing.last : drawing.child)));
      below(one.behind, indent + (isLast ? drawing.past : drawing.through));
    });
  };
  for (const one of plants) {
    rows.push(rowOf(one, ''));
    below(one.behind, '');
  }
  return rows;
}

function rowOf({ plant, status }: SeenPlant, indent: string): PlantRow {
  // One that never answered has no name yet; an empty cell is the table's to fill.
  const name = plant.name === '' && indent !== '' ? plant.address : plant.name;
  return { drawn: indent + name, plant, status };
}

/** As much as a cell holds, whatever a plant says. */
const MOST_LINES_SHOWN = 100;

/** The texts of cells that the tables of plants share. Amounts for people. */
export const PLANT_CELLS = {
  vms: ({ plant }: PlantRow): string => `${plant.vms}/${plant.maxVms}`,
  memory: ({ plant }: PlantRow): string =>
    `${formatMiB(plant.usedMemoryMiB)}/${formatMiB(plant.totalMemoryMiB)}`,
  prepared: ({ plant }: PlantRow): string =>
    plant.prepared === 0 ? '0' : `${plant.prepared} (${formatMiB(plant.preparedMemoryMiB)})`,
  reserved: ({ plant }: PlantRow): string => String(plant.reserved),
  networks: ({ plant }: PlantRow): string => `${plant.networksInUse}/${plant.networks}`,
  images: ({ plant }: PlantRow): string => String(plant.images),
  cost: ({ plant }: PlantRow): string => (plant.quote === undefined ? '' : formatCost(plant.quote.cost)),
  networkCost: ({ plant }: PlantRow): string =>
    plant.quote === undefined ? '' : `+${formatCost(plant.quote.networkCost)}`,
  lines: ({ plant }: PlantRow): string =>
    plant.lines
      .slice(0, MOST_LINES_SHOWN)
      .map((line) => `${line.name}(${line.accelerator})`)
      .join(','),
} as const;
