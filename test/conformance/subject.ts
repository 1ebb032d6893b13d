import type { LocatedImage } from '../../model/goldenImage.js';
import type { ProductionLine } from '../../plant/line/line.js';

/** A production line that takes the conformance suite. */
export interface LineSubject {
  readonly name: string;
  create(): Promise<ProductionLine>;
  /**
   * Makes, in the directory given, a golden image that this line can boot: without a memory, its disk standing
   * alone. The directory's name is the image's.
   */
  goldenImage(directory: string): Promise<LocatedImage>;
  /** How a machine comes about that hears `stop` and does nothing: by its name, or by what runs in it first. */
  readonly deaf: { readonly vmid: string; readonly script: string };
}
