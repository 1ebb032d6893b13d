import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { Hardware } from '../../model/hardware.js';
import type { ReportProgress } from '../../model/progress.js';
import type { AssembledDisk } from '../../warehouse/assemble/assembledDisk.js';
import type { CloneSpec } from '../line/line.js';
import { refuseTaken } from './bake.js';
import type { BakeParts } from './bakeParts.js';
import { type FrozenResult, freezeMachine } from './freezeMachine.js';
import { type ImageProvenance, linesServed, provenanceOf } from './frozenImage.js';
import { publishFrozen } from './publishFrozen.js';
import { flattenArguments, renameBackingArguments, runQemuImg } from './qemuImg.js';

export interface BakeBaseRequest extends Pick<ImageProvenance, 'owner' | 'policy'> {
  /** Name of the new image. */
  readonly name: string;
  readonly assembled: AssembledDisk;
  /** Memory and processors of the frozen machine. */
  readonly hardware: Pick<Hardware, 'vcpus' | 'memoryMiB'>;
  readonly network: CloneSpec['network'];
  /** The warehouse's images. */
  readonly images: readonly LocatedImage[];
}

const FLAT_DISK = 'flat.qcow2';

/** Production lines that boot the assembled guests: one disk serves all of them. */
const ASSEMBLED_FOR: readonly string[] = ['qemu', 'uml'];

/**
 * Makes a base image, in which no action was performed, of an assembled disk: boots it, rehearses, freezes it when its
 * boot has come to rest, and publishes it with a disk that stands alone. The assembled disk is left as it is.
 *
 * @throws VmplantsError ALREADY_EXISTS when the name is taken; UNAVAILABLE when the guest does not come up
 */
export async function bakeBase(
  parts: BakeParts,
  request: BakeBaseRequest,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<LocatedImage> {
  refuseTaken(request.name, request.images);
  const image = imageOfAssembled(parts, request);
  return await freezeMachine(
    parts,
    {
      image,
      rung: 'disk',
      hardware: image.descriptor.hardware,
      network: request.network,
      dag: { actions: [], predecessors: new Map() },
      stages: [],
    },
    progress,
    signal,
    async (result) => {
      await flatten(parts, request.assembled, result, signal);
      return await publishFrozen(
        parts,
        {
          name: request.name,
          now: parts.clock.now(),
          image,
          directory: result.directory,
          frozen: result.frozen,
          line: parts.line.name,
          hardware: image.descriptor.hardware,
          performed: [],
          addedDevices: [],
          bootSeconds: result.configuration.seconds.boot,
          backingImage: undefined,
          ...provenanceOf(request),
        },
        progress,
        signal,
      );
    },
  );
}

/** The assembled disk as an image that can only be booted. It is in no warehouse. */
function imageOfAssembled(parts: BakeParts, { assembled, hardware }: BakeBaseRequest): LocatedImage {
  const descriptor: GoldenImage = {
    format: 'vmplants-golden-image/1',
    name: basename(assembled.directory),
    created: new Date(parts.clock.now()).toISOString(),
    operatingSystem: {
      name: assembled.operatingSystem.name,
      version: assembled.operatingSystem.version,
    },
    hardware: { isa: 'x86_64', ...hardware, diskMiB: assembled.diskMiB },
    performed: [],
    lines: ASSEMBLED_FOR.includes(parts.line.name)
      ? linesServed(parts.line.name, ASSEMBLED_FOR)
      : [parts.line.name],
    disk: { file: assembled.diskFile, format: 'qcow2' },
    boot: {
      kernel: assembled.kernelFile,
      initrd: assembled.initrdFile,
      commandLine: assembled.kernelCommandLine,
      guestKernel: assembled.guestKernel,
    },
    devices: [],
    bootSeconds: 0,
    files: [],
  };
  return { descriptor, directory: assembled.directory };
}

/** Puts a disk of its own in place of the machine's overlay: a base has no backing file. */
async function flatten(
  parts: BakeParts,
  assembled: AssembledDisk,
  { directory, frozen }: FrozenResult,
  signal: AbortSignal,
): Promise<void> {
  const overlay = join(directory, frozen.diskFile);
  const flat = join(directory, FLAT_DISK);
  const below = join(assembled.directory, assembled.diskFile);
  const run = (argumentVector: readonly string[]): Promise<void> =>
    runQemuImg(argumentVector, parts.toolEnvironment, signal);
  // The name in its header is the one that a warehouse wants; here the disk is elsewhere.
  await run(renameBackingArguments(overlay, below));
  await run(flattenArguments(overlay, flat));
  await rename(flat, overlay);
}
