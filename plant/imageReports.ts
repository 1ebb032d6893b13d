import type { LocatedImage } from '../model/goldenImage.js';
import { accessTo } from '../model/imageAccess.js';
import type { ImageProblem } from '../warehouse/listDescriptors.js';
import { imageUsage } from '../warehouse/usage.js';
import type { ImageReport, UsableImage } from './imageReport.js';
import type { InformationSystem } from './info/informationSystem.js';
import type { ImageReason } from './learn/decide/learning.js';
import { isLearned } from './learn/decide/madeHere.js';
import type { Dependants } from './learn/dependants.js';
import type { ImageSource } from './parts.js';
import { reportShownTo } from './reportShownTo.js';

export interface ImageReportsOptions {
  readonly images: ImageSource;
  readonly info: InformationSystem;
  readonly dependants: () => Dependants;
  /** What is in the warehouse and cannot be used. */
  readonly problems: () => readonly ImageProblem[];
  /** Why images are kept, as it was last decided. */
  readonly kept: () => readonly ImageReason[];
}

/** What a plant knows of its golden images, for the people who look after them. */
export interface ImageReports {
  /**
   * Those in quarantine last. With a client domain: only what that domain may use, and nothing of what is in
   * quarantine, whose owner nobody can be sure of.
   */
  readonly all: (clientDomain: string | undefined) => Promise<readonly ImageReport[]>;
  readonly of: (image: LocatedImage) => Promise<UsableImage>;
}

export function createImageReports(options: ImageReportsOptions): ImageReports {
  const { images, info } = options;
  const reportOf = async (located: LocatedImage, used: Dependants): Promise<UsableImage> => {
    const { descriptor } = located;
    const reasons = options
      .kept()
      .filter(({ image }) => image === descriptor.name)
      .map(({ reason }) => reason);
    const uses = info.history.imageUses().get(descriptor.name);
    return {
      kind: 'usable',
      image: descriptor,
      ...(await imageUsage(located)),
      uses: uses?.uses ?? 0,
      savedSeconds: uses?.savedSeconds ?? 0,
      vms: used.vms.get(descriptor.name)?.length ?? 0,
      prepared: used.prepared.get(descriptor.name)?.length ?? 0,
      keptBecause: reasons.length > 0 || !isLearned(descriptor) ? reasons : ['new: not judged yet'],
    };
  };
  return {
    of: (image) => reportOf(image, options.dependants()),
    all: async (clientDomain) => {
      const used = options.dependants();
      const visible = images
        .images()
        .filter(
          ({ descriptor }) => clientDomain === undefined || accessTo(descriptor, clientDomain) !== 'no',
        );
      // One that goes meanwhile is left out.
      const reports = await Promise.all(visible.map((one) => reportOf(one, used).catch(() => undefined)));
      const usable = reports.filter((one) => one !== undefined);
      if (clientDomain !== undefined) {
        const parentOf = (name: string) => images.get(name)?.descriptor;
        return usable.map((report) => reportShownTo(clientDomain, report, parentOf));
      }
      const quarantined = options.problems().map(({ name, error }) => ({
        kind: 'quarantined' as const,
        name,
        problem: error.message,
      }));
      return [...usable, ...quarantined];
    },
  };
}
