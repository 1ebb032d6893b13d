import type { PlantParts } from '../parts.js';
import type { PreparedMachine } from './prepared.js';

/**
 * Ends what runs of a prepared machine, removes its files, and then its record. Repeatable. On a plant that has lost
 * its line every line is asked, as for a VM.
 * @throws what the line throws; the record stays then, so that it is tried again
 */
export async function discardPrepared(
  parts: Pick<PlantParts, 'lines' | 'info' | 'deadlines'>,
  record: PreparedMachine,
): Promise<void> {
  // Not under the signal of what it was made for: that may be why it is discarded.
  const within = AbortSignal.timeout(parts.deadlines.undoMilliseconds);
  const own = parts.lines.filter(({ name }) => name === record.line);
  for (const line of own.length > 0 ? own : parts.lines) {
    await line.discard(record.directory, record.process, within);
  }
  parts.info.prepared.remove(record.id);
}
