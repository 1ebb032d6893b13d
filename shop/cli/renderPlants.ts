import { renderTable } from '../../cli/table.js';
import type { PlantDescription } from '../client.js';
import { PLANT_CELLS, type PlantRow, plantRows } from './plantRows.js';
import { seePlants } from './seenPlants.js';

/**
 * Plants and their load as a table, those behind a broker as a tree below it.
 * @param boxes draw the tree with the characters for boxes; otherwise with ASCII
 */
export function renderPlants(
  plants: readonly PlantDescription[],
  options: { readonly wide: boolean; readonly boxes: boolean },
): string {
  return renderTable<PlantRow>(
    [
      { heading: 'PLANT', cell: ({ drawn }) => drawn },
      { heading: 'ADDRESS', cell: ({ plant }) => plant.address },
      { heading: 'STATUS', cell: ({ status }) => status },
      { heading: 'VMS', cell: PLANT_CELLS.vms, align: 'right' },
      { heading: 'MEMORY', cell: PLANT_CELLS.memory, align: 'right' },
      { heading: 'PREPARED', cell: PLANT_CELLS.prepared, align: 'right' },
      { heading: 'RESERVED', cell: PLANT_CELLS.reserved, align: 'right', wide: true },
      { heading: 'NETWORKS', cell: PLANT_CELLS.networks, align: 'right' },
      { heading: 'IMAGES', cell: PLANT_CELLS.images, align: 'right' },
      { heading: 'COST', cell: PLANT_CELLS.cost, align: 'right', wide: true },
      { heading: 'NETWORK COST', cell: PLANT_CELLS.networkCost, align: 'right', wide: true },
      { heading: 'LINES', cell: PLANT_CELLS.lines },
      {
        heading: 'MONITORS',
        cell: ({ plant }) => plant.lines.map((line) => `${line.vmm} ${line.cpuModel}`).join(','),
        wide: true,
      },
      { heading: 'VERSION', cell: ({ plant }) => plant.version, wide: true },
      { heading: 'ERROR', cell: ({ plant }) => plant.error ?? '', wide: true },
    ],
    plantRows(seePlants([], plants), options.boxes),
    { wide: options.wide },
  );
}
