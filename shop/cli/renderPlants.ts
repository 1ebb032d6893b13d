import { formatMiB } from '../../cli/amounts.js';
import { renderTable } from '../../cli/table.js';
import type { PlantDescription } from '../client.js';

/** Plants and their load as a table. */
export function renderPlants(plants: readonly PlantDescription[], wide: boolean): string {
  return renderTable<PlantDescription>(
    [
      { heading: 'PLANT', cell: (plant) => plant.name },
      { heading: 'ADDRESS', cell: (plant) => plant.address },
      { heading: 'STATUS', cell: (plant) => (plant.error === undefined ? 'ready' : 'unreachable') },
      { heading: 'VMS', cell: (plant) => `${plant.vms}/${plant.maxVms}`, align: 'right' },
      {
        heading: 'MEMORY',
        cell: (plant) => `${formatMiB(plant.usedMemoryMiB)}/${formatMiB(plant.totalMemoryMiB)}`,
        align: 'right',
      },
      {
        heading: 'PREPARED',
        cell: ({ prepared, preparedMemoryMiB }) =>
          prepared === 0 ? '0' : `${prepared} (${formatMiB(preparedMemoryMiB)})`,
        align: 'right',
      },
      { heading: 'NETWORKS', cell: (plant) => `${plant.networksInUse}/${plant.networks}`, align: 'right' },
      { heading: 'IMAGES', cell: (plant) => String(plant.images), align: 'right' },
      {
        heading: 'LINES',
        cell: (plant) => plant.lines.map((line) => `${line.name}(${line.accelerator})`).join(','),
      },
      {
        heading: 'MONITORS',
        cell: (plant) => plant.lines.map((line) => `${line.vmm} ${line.cpuModel}`).join(','),
        wide: true,
      },
      { heading: 'VERSION', cell: (plant) => plant.version, wide: true },
      { heading: 'ERROR', cell: (plant) => plant.error ?? '', wide: true },
    ],
    plants,
    { wide },
  );
}
