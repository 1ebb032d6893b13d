import type { VmRecord } from '../info/record.js';
import type { PlantParts } from '../parts.js';

/**
 * Ends whatever still runs of a clone and removes its files. Repeatable. On a plant that has lost the clone's line,
 * every line is asked: none may leave a process behind that the record names.
 */
export async function discardClone(
  parts: Pick<PlantParts, 'lines' | 'info' | 'log'>,
  record: VmRecord,
  signal: AbortSignal,
): Promise<void> {
  const own = parts.lines.filter(({ name }) => name === record.vm.line);
  for (const line of own.length > 0 ? own : parts.lines) {
    await line.discard(record.directory, record.process, signal);
  }
  if (record.process !== undefined && parts.info.get(record.vm.vmid) !== undefined) {
    try {
      parts.info.update(record.vm.vmid, { process: undefined });
    } catch (error) {
      // On a full disk. A record that names a process which has ended is no danger: no other one has its start time.
      parts.log.warn({ vmid: record.vm.vmid, err: error }, 'the end of a process could not be recorded');
    }
  }
}
