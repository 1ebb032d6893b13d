import type { GoldenImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Failure } from './failure.js';
import type { CompiledQuery } from './query.js';

/** A production line that could make a machine of the image; without environment when planning off-line. */
export interface UsableLine {
  readonly line: string;
  readonly environment: LineEnvironment | undefined;
}

/**
 * The lines that the image can be made on here, in the image's order of preference. There has to be one, and the
 * one that the order insists on, if it does (VMPlants paper, section 3.2: the production line drives one technology).
 */
export function usableLines(query: CompiledQuery, image: GoldenImage): readonly UsableLine[] {
  const wanted = query.order.order.line;
  const usable: UsableLine[] = [];
  for (const line of image.lines) {
    if (wanted !== undefined && line !== wanted) continue;
    if (query.lines === undefined) {
      usable.push({ line, environment: undefined });
      continue;
    }
    const environment = query.lines.find((candidate) => candidate.line === line);
    if (environment !== undefined) usable.push({ line, environment });
  }
  return usable;
}

/** Why there is no usable line; only to be asked when there is none. */
export function lineFailure(query: CompiledQuery, image: GoldenImage): Failure {
  const wanted = query.order.order.line;
  return {
    test: 'line',
    describe: () => {
      const made = image.lines.length === 0 ? 'no production line' : image.lines.join(', ');
      if (wanted !== undefined && !image.lines.includes(wanted)) {
        return `it is made for ${made}, the order asks for ${wanted}`;
      }
      const here = (query.lines ?? []).map((environment) => environment.line).join(', ');
      return `it is made for ${made}, this host has ${here === '' ? 'no production line' : here}`;
    },
  };
}
