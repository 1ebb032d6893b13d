import { VmplantsError } from '../model/errors.js';

/** What is there to choose from. */
export interface GuestSources {
  /** `--line`; undefined: whatever works here. */
  readonly line: string | undefined;
  /** The golden images of the warehouse. */
  readonly images: readonly AvailableImage[];
  /** Why no base image can be built here; undefined when it can. */
  readonly cannotBuild: string | undefined;
}

export interface AvailableImage {
  readonly name: string;
  readonly lines: readonly string[];
  readonly operatingSystem: { readonly name: string };
}

/** What the plants of a cluster make their VMs of. */
export interface Guests {
  /** As `vmplant serve --line` takes it. */
  readonly line: string;
  /** `user`: the images that are there. `build`: the same warehouse, after a small base is built into it. */
  readonly images: 'user' | 'build' | 'fake';
  /** What the user did not ask for and has to be told. */
  readonly note?: string;
}

const FAKE = 'fake';
const REAL: readonly string[] = ['qemu', 'uml'];

/**
 * The lines that are asked for, the preferred first.
 * @param line as `--line` gives it; undefined: the default
 * @throws VmplantsError INVALID_ARGUMENT for what is no list of lines
 */
export function wantedLines(line: string | undefined): readonly string[] {
  if (line === FAKE) return [FAKE];
  const wanted = (line ?? 'qemu').split(',');
  if (wanted.every((name) => REAL.includes(name)) && new Set(wanted).size === wanted.length) return wanted;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    `--line: expected qemu, uml, both with a comma between, or fake; found ${JSON.stringify(line)}`,
    { reason: 'USAGE' },
  );
}

/**
 * Real VMs where there is an image for them or one can be built, else fake ones; what was asked for is never replaced by
 * something else.
 * @throws VmplantsError FAILED_PRECONDITION where real VMs were asked for and cannot be had, INVALID_ARGUMENT for what
 *   is no list of lines
 */
export function chooseGuests({ line, images, cannotBuild }: GuestSources): Guests {
  const wanted = wantedLines(line);
  if (line === FAKE) return { line: FAKE, images: FAKE };
  const served = images.some((image) => image.lines.some((name) => wanted.includes(name)));
  if (served) return { line: wanted.join(','), images: 'user' };
  if (cannotBuild === undefined) return { line: wanted.join(','), images: 'build' };
  if (line === undefined) {
    const note = `the VMs are fake: there is no golden image, and none can be built (${cannotBuild})`;
    return { line: FAKE, images: FAKE, note };
  }
  throw new VmplantsError('FAILED_PRECONDITION', `there is no golden image for ${line}, and ${cannotBuild}`, {
    reason: 'NO_IMAGE',
    hint: 'build one with: vmplant warehouse build micro; or try --line fake, which starts no virtual machines',
  });
}

/** Name of a small request among the examples that an image of these lines serves; undefined when none is known. */
export function exampleFor(images: readonly AvailableImage[], lines: readonly string[]): string | undefined {
  const usable = images.filter((image) => image.lines.some((name) => lines.includes(name)));
  const systems = new Set(usable.map(({ operatingSystem }) => operatingSystem.name));
  if (systems.has('micro')) return 'hello.yaml';
  return systems.has('debian') ? 'workspace.yaml' : undefined;
}
