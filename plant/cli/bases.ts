import type { ReportProgress } from '../../model/progress.js';
import type { AssembledDisk, AssembleSpec } from '../../warehouse/assemble/assembledDisk.js';

/** The guests that can be assembled from packages. */
export const BASE_NAMES = ['micro', 'debian-12'] as const;

export type BaseName = (typeof BASE_NAMES)[number];

/** Memory of a base where none is said, in MiB: as little as its examples ask for, because a frozen memory fits exactly. */
export const BASE_MEMORY_MIB: Readonly<Record<BaseName, number>> = { micro: 128, 'debian-12': 512 };

export function isBaseName(text: string): text is BaseName {
  return BASE_NAMES.some((name) => name === text);
}

/** Assembles the disk of a base. Nothing is started. */
export async function assembleBase(
  base: BaseName,
  spec: AssembleSpec,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<AssembledDisk> {
  if (base === 'micro') {
    const { assembleMicro } = await import('../../warehouse/assemble/assembleMicro.js');
    return assembleMicro(spec, progress, signal);
  }
  const { assembleDebian } = await import('../../warehouse/assemble/assembleDebian.js');
  return assembleDebian(spec, progress, signal);
}
