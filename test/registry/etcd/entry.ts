import type { PlantEntry } from '../../../registry/etcd/plantEntry.js';

/** A valid entry. */
export function plantEntry(given: Partial<PlantEntry> = {}): PlantEntry {
  return {
    address: '127.0.0.1:7071',
    name: 'one',
    lines: ['qemu'],
    version: '0.1.0',
    started: '2026-01-02T03:04:05.678Z',
    leaseSeconds: 5,
    instance: '0123456789abcdef0123456789abcdef',
    ...given,
  };
}
