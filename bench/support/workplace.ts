import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bakeRoot, cloneRoot, probeFile } from '../../plant/cli/layout.js';
import { openLine } from '../../plant/cli/openLine.js';
import type { ProductionLine } from '../../plant/line/line.js';
import type { BenchContext } from '../measurement.js';
import { discardClones } from './discardClones.js';
import type { Surroundings } from './surroundings.js';

/** Where one measurement works. All of it is gone at the end. */
export interface Workplace {
  /** The production line that plants use on this host. */
  readonly line: ProductionLine;
  /** Absolute; to be a plant's data directory. */
  readonly data: string;
  /** Absolute directory of a clone of this process's own, which does not exist yet. */
  readonly newClone: () => string;
}

/** The emulator of every measurement. */
export const QEMU = '/usr/bin/qemu-system-x86_64';

/** Does the work and then, however it ended, removes every machine that it or a plant of its left running. */
export async function inWorkplace<T>(
  { temporaryDirectory }: Surroundings,
  { report, signal }: BenchContext,
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  // Short: sockets lie in it.
  const data = await mkdtemp(join(temporaryDirectory, 'vmplants-bench-'));
  try {
    const { line, explanation } = await openLine(
      { line: 'qemu', qemu: QEMU, accelerator: 'auto', temporaryDirectory, probeFile: probeFile(data) },
      signal,
    );
    report(explanation);
    const own = join(data, 'own');
    await mkdir(own);
    let count = 0;
    const newClone = (): string => {
      count += 1;
      return join(own, String(count));
    };
    try {
      return await work({ line, data, newClone });
    } finally {
      for (const clones of [own, cloneRoot(data), bakeRoot(data)]) await discardClones(line, clones);
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
