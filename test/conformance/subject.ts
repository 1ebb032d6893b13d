import type { LocatedImage } from '../../model/goldenImage.js';
import type { Machine, ProductionLine } from '../../plant/line/line.js';

/** A production line that takes the conformance suite. */
export interface LineSubject {
  readonly name: string;
  /** @param directory empty, for what the line keeps; removed after the suite */
  create(directory: string): Promise<ProductionLine>;
  /**
   * Makes, in the directory given, a golden image that this line can boot: without a memory, its disk standing
   * alone. The directory's name is the image's.
   */
  goldenImage(directory: string): Promise<LocatedImage>;
  /** How a machine comes about that hears `stop` and does nothing: by its name, or by what runs in it first. */
  readonly deaf: {
    readonly vmid: string;
    readonly script: string;
    /** Resolves when the script has had its effect, where that is later than its end. */
    readonly untilDeaf?: (machine: Machine) => Promise<void>;
  };
}
