import { VmplantsError } from '../../model/errors.js';
import type { ProductionLine } from '../line/line.js';

/** The first of the lines that can freeze a machine into a golden image; undefined when none can. */
export function freezingLine(lines: readonly ProductionLine[]): ProductionLine | undefined {
  return lines.find(({ capabilities }) => capabilities.freeze);
}

/** @param names of the lines that there are */
export function noFreezingLine(names: readonly string[]): VmplantsError {
  return new VmplantsError(
    'UNIMPLEMENTED',
    `no production line here can freeze a machine into a golden image (there is ${names.join(', ')})`,
    {
      reason: 'NO_FREEZING_LINE',
      hint: 'Make images on a line that can, for example with `--line qemu,uml`: they serve the others as well.',
    },
  );
}
