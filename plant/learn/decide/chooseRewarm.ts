import type { GoldenImage, MemoryState } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { KnownImage } from './learning.js';

/** How often an image was used, and when last, in milliseconds since the epoch. */
interface UsesSoFar {
  readonly uses: number;
  readonly lastUsed: number;
}

/** Used within this time, it is expected to be used again. */
const LATELY_MILLISECONDS = 7 * 24 * 3_600_000;

/**
 * Images that were used lately and of which this host can use the disk alone, because their memory was frozen under
 * another accelerator, processor model or monitor, or does not resume: those of which a memory of this host would save
 * most, first. Not those that another image stands in for already. Pure.
 */
export function chooseRewarm(
  images: readonly KnownImage[],
  here: LineEnvironment,
  uses: ReadonlyMap<string, UsesSoFar>,
  now: number,
): readonly KnownImage[] {
  if (!here.resumes) return [];
  const resumable = new Set(
    images.filter((known) => resumes(known, here)).map(({ image }) => content(image)),
  );
  const worth = ({ image }: KnownImage): number => (uses.get(image.name)?.uses ?? 0) * image.bootSeconds;
  return images
    .filter((known) => {
      const { image } = known;
      return (
        image.memory !== undefined &&
        image.lines.includes(here.line) &&
        !resumes(known, here) &&
        (uses.get(image.name)?.lastUsed ?? Number.NEGATIVE_INFINITY) > now - LATELY_MILLISECONDS &&
        !resumable.has(content(image))
      );
    })
    .sort((a, b) => worth(b) - worth(a) || (a.image.name < b.image.name ? -1 : 1));
}

/** Whether its memory can be resumed on this host. */
function resumes({ image, memoryFails }: KnownImage, here: LineEnvironment): boolean {
  return (
    memoryFails !== true &&
    image.memory !== undefined &&
    image.lines.includes(here.line) &&
    isFrozenUnder(image.memory, here)
  );
}

/** Whether it was frozen under just this accelerator, processor model and monitor. Pure. */
export function isFrozenUnder(
  memory: MemoryState,
  here: Pick<LineEnvironment, 'accelerator' | 'cpuModel' | 'vmm'>,
): boolean {
  return (
    memory.accelerator === here.accelerator && memory.cpuModel === here.cpuModel && memory.vmm === here.vmm
  );
}

/** Images of equal content serve the same orders of the same domains equally well. */
function content({ hardware, operatingSystem, memory, performed, owner, policy, boot }: GoldenImage): string {
  return JSON.stringify([
    hardware.isa,
    operatingSystem.name,
    operatingSystem.version,
    boot.guestKernel,
    memory?.memoryMiB,
    memory?.vcpus,
    memory?.network,
    performed.map(({ key }) => key),
    owner,
    policy?.shared ?? 'no',
  ]);
}
