import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProductionLine } from '../../plant/line/line.js';

const DISCARD_MILLISECONDS = 30_000;

/** Ends and removes every machine whose directory is directly below the given one, whoever started it. */
export async function discardClones(line: ProductionLine, below: string): Promise<void> {
  const names = await readdir(below).catch(() => []);
  for (const name of names) {
    await line.discard(join(below, name), undefined, AbortSignal.timeout(DISCARD_MILLISECONDS));
  }
}
