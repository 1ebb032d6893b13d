import type { GoldenImage } from '../../model/goldenImage.js';
import { measured } from '../planner/imageEntry.js';

/** So many of a line's last boots count. */
const BOOTS = 32;

/**
 * How long machines took to boot here. An image says it too, but of the line and the host that it was made on. Images
 * are compared by it, so all of a line are corrected alike: one that was never booted here loses nothing by that.
 */
export interface BootTimes {
  readonly note: (line: string, image: GoldenImage, seconds: number) => void;
  /**
   * Seconds that the image says, times what the last boots on the line took against what their images said. Undefined
   * where nothing is known of the line.
   */
  readonly secondsOf: (line: string, image: GoldenImage) => number | undefined;
}

interface Boot {
  readonly said: number;
  readonly took: number;
}

export function createBootTimes(): BootTimes {
  const boots = new Map<string, readonly Boot[]>();
  return {
    note: (line, image, seconds) => {
      const said = measured(image.bootSeconds);
      // Such an image says nothing.
      if (said === 0) return;
      boots.set(line, [...(boots.get(line) ?? []), { said, took: measured(seconds) }].slice(-BOOTS));
    },
    secondsOf: (line, image) => {
      const last = boots.get(line);
      if (last === undefined) return undefined;
      const said = last.reduce((sum, boot) => sum + boot.said, 0);
      const took = last.reduce((sum, boot) => sum + boot.took, 0);
      return measured(image.bootSeconds) * (took / said);
    },
  };
}
