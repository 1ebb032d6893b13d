import { join } from 'node:path';

/** Where in its data directory a plant keeps its clones: one directory for every VM, named by its VMID. */
export function cloneRoot(dataDirectory: string): string {
  return join(dataDirectory, 'clones');
}

/** The kept answer of the probe for hardware virtualisation. */
export function probeFile(dataDirectory: string): string {
  return join(dataDirectory, 'qemu-host.json');
}

/** Where machines lie while they are made into golden images. */
export function bakeRoot(dataDirectory: string): string {
  return join(dataDirectory, 'bake');
}
