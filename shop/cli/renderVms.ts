import { formatAge, formatMiB, formatSeconds } from '../../cli/amounts.js';
import { renderTable } from '../../cli/table.js';
import type { Vm } from '../../model/vm.js';

/** VMs as a table, with how old what is said of them is where it comes from the shop's memory. `now` is in milliseconds since the epoch. */
export function renderVms(vms: readonly Vm[], now: number, wide: boolean): string {
  return renderTable<Vm>(
    [
      { heading: 'VMID', cell: (vm) => vm.vmid },
      { heading: 'STATE', cell: (vm) => vm.state },
      { heading: 'HOSTNAME', cell: (vm) => vm.hostname },
      { heading: 'PLANT', cell: (vm) => vm.plant },
      { heading: 'IMAGE', cell: (vm) => vm.image },
      { heading: 'RUNG', cell: (vm) => vm.rung, wide: true },
      { heading: 'LINE', cell: (vm) => vm.line, wide: true },
      { heading: 'VCPUS', cell: (vm) => String(vm.vcpus), align: 'right', wide: true },
      { heading: 'MEMORY', cell: (vm) => formatMiB(vm.memoryMiB), align: 'right', wide: true },
      { heading: 'DOMAIN', cell: (vm) => vm.clientDomain, wide: true },
      { heading: 'AGE', cell: (vm) => formatAge(now - vm.createdAt) },
      ...(vms.some(({ ageMilliseconds }) => ageMilliseconds !== undefined)
        ? [{ heading: 'CACHED', cell: ({ ageMilliseconds }: Vm) => cachedFor(ageMilliseconds) }]
        : []),
      { heading: 'REASON', cell: (vm) => vm.reason ?? '', wide: true },
    ],
    vms,
    { wide },
  );
}

function cachedFor(ageMilliseconds: number | undefined): string {
  return ageMilliseconds === undefined ? '' : formatSeconds(ageMilliseconds / 1000);
}

/** A VM for programs: as in the model, with its time of creation as RFC 3339. */
export function vmDocument(vm: Vm): Readonly<Record<string, unknown>> {
  return { ...vm, createdAt: new Date(vm.createdAt).toISOString() };
}
