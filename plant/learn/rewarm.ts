import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { BakeParts } from '../bake/bakeParts.js';
import { freezeMachine } from '../bake/freezeMachine.js';
import { type Admit, provenanceOf } from '../bake/frozenImage.js';
import { publishFrozen } from '../bake/publishFrozen.js';

export interface RewarmRequest {
  /** Name of the new image. */
  readonly name: string;
  /** Has a memory, which is not resumed: it says what machine to boot. */
  readonly image: LocatedImage;
  readonly origin: 'learned' | 'rewarmed';
  /** Id of this plant, where it has one. */
  readonly madeBy?: string;
  readonly admit: Admit;
}

/**
 * Boots the disk of an image and freezes it again, on this host: a sibling in which the same was performed and which
 * the same domains may use in the same way. The image itself stays as it is.
 */
export async function rewarm(
  parts: BakeParts,
  request: RewarmRequest,
  signal: AbortSignal,
): Promise<LocatedImage> {
  const { image, name, origin, madeBy, admit } = request;
  const { descriptor } = image;
  const { memory } = descriptor;
  const hardware = {
    ...descriptor.hardware,
    vcpus: memory?.vcpus ?? descriptor.hardware.vcpus,
    memoryMiB: memory?.memoryMiB ?? descriptor.hardware.memoryMiB,
  };
  return await freezeMachine(
    parts,
    {
      image,
      rung: 'disk',
      hardware,
      network: memory?.network ?? 'host-only',
      dag: { actions: [], predecessors: new Map() },
      stages: [],
    },
    () => undefined,
    signal,
    ({ frozen, configuration, directory }) =>
      publishFrozen(
        parts,
        {
          name,
          now: parts.clock.now(),
          image,
          directory,
          frozen,
          line: parts.line.name,
          hardware,
          performed: descriptor.performed,
          addedDevices: [],
          bootSeconds: configuration.seconds.boot,
          backingImage: descriptor.disk.backingImage ?? descriptor.name,
          admit,
          ...provenanceOf({
            origin,
            ...(madeBy === undefined ? {} : { madeBy }),
            parent: descriptor.name,
            ...belongings(descriptor),
          }),
        },
        () => undefined,
        signal,
      ),
  );
}

/** Whose it is and who may use it, as of the image that it stands for; a pin is that one's alone. */
function belongings({ owner, policy }: GoldenImage): Pick<GoldenImage, 'owner' | 'policy'> {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(policy === undefined ? {} : { policy: { shared: policy.shared, pinned: false } }),
  };
}
