import { basename, join } from 'node:path';
import type { AddedDevice, GoldenImage, LocatedImage, PerformedAction } from '../../model/goldenImage.js';
import type { Hardware } from '../../model/hardware.js';
import type { UnpublishedImage } from '../../warehouse/publish.js';
import type { FrozenMachine, NewDevice } from '../line/line.js';

/** Where an image comes from, whose it is, and who may use it. Nothing said: an installer's, for everybody. */
export type ImageProvenance = Pick<GoldenImage, 'origin' | 'madeBy' | 'parent' | 'owner' | 'policy'>;

/**
 * Asked with the new image and the bytes that it takes on disk when all its files are there and nobody can see it yet.
 * Where it rejects, the image is discarded.
 */
export type Admit = (image: UnpublishedImage, bytes: number) => Promise<void>;

/** What is known of a machine that was frozen. */
export interface FrozenSource extends ImageProvenance {
  readonly admit?: Admit;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The image that it was cloned from. */
  readonly image: LocatedImage;
  /** Directory of its clone. */
  readonly directory: string;
  readonly frozen: FrozenMachine;
  /** The line that it was frozen on. */
  readonly line: string;
  readonly hardware: Hardware;
  /** All actions performed in it, the image's first. */
  readonly performed: readonly PerformedAction[];
  /** What host actions added to it beyond the image's devices, in order. */
  readonly addedDevices: readonly NewDevice[];
  /** As measured, where it booted. */
  readonly bootSeconds: number | undefined;
  /** Name of the image whose disk backs its own; absent for a disk that stands alone. */
  readonly backingImage: string | undefined;
}

/** A file of the new image: where it is, under which name it is published, and whether it may be taken away. */
export interface StagedFile {
  readonly from: string;
  readonly to: string;
  readonly move: boolean;
}

/** The descriptor of the new image and the files that make it. Pure. */
export function describeFrozen(source: FrozenSource): {
  readonly image: UnpublishedImage;
  readonly files: readonly StagedFile[];
} {
  const { frozen, directory, image } = source;
  const { descriptor } = image;
  const own = (file: string): StagedFile => ({ from: join(directory, file), to: basename(file), move: true });
  const inherited = (file: string): StagedFile => ({
    from: join(image.directory, file),
    to: basename(file),
    move: false,
  });
  const files: StagedFile[] = [
    own(frozen.diskFile),
    own(frozen.memory.file),
    own(frozen.memory.deviceStateFile),
    inherited(descriptor.boot.kernel),
    inherited(descriptor.boot.initrd),
  ];
  const devices: AddedDevice[] = [];
  let isos = 0;
  const addIso = (action: string, from: string, move: boolean): void => {
    const to = `attached-${isos}.iso`;
    isos += 1;
    files.push({ from, to, move });
    devices.push({ kind: 'iso', action, file: to });
  };
  const addDisk = (action: string): void => {
    const disk = frozen.addedDisks.find((one) => one.action === action);
    if (disk === undefined) throw new Error(`the frozen machine has no disk of action ${action}`);
    files.push(own(disk.file));
    devices.push({ kind: 'disk', action, file: basename(disk.file), sizeMiB: disk.sizeMiB });
  };
  for (const device of descriptor.devices) {
    if (device.kind === 'disk') addDisk(device.action);
    else if (device.kind === 'iso') addIso(device.action, join(image.directory, device.file), false);
    else devices.push(device);
  }
  for (const device of source.addedDevices) {
    if (device.kind === 'disk') addDisk(device.action);
    else if (device.kind === 'iso') addIso(device.action, device.isoFile, true);
    else devices.push({ kind: 'network-interface', action: device.action });
  }
  const { backingImage } = source;
  return {
    files,
    image: {
      format: 'vmplants-golden-image/1',
      name: source.name,
      created: new Date(source.now).toISOString(),
      operatingSystem: descriptor.operatingSystem,
      hardware: source.hardware,
      performed: source.performed,
      lines: linesServed(source.line, descriptor.lines),
      disk: {
        file: basename(frozen.diskFile),
        format: 'qcow2',
        ...(backingImage === undefined ? {} : { backingImage }),
      },
      memory: {
        ...frozen.memory,
        file: basename(frozen.memory.file),
        deviceStateFile: basename(frozen.memory.deviceStateFile),
        guestKernel: descriptor.boot.guestKernel,
      },
      boot: bootOf(descriptor),
      devices,
      bootSeconds: source.bootSeconds ?? descriptor.bootSeconds,
      ...provenanceOf(source),
    },
  };
}

/**
 * Production lines that can make machines of what one of them froze: that line before all, whose memory it is, and the
 * others of the image that it was cloned from, because its disk boots wherever that one's does. Pure.
 */
export function linesServed(frozenOn: string, parent: readonly string[]): readonly string[] {
  return [frozenOn, ...parent.filter((line) => line !== frozenOn)];
}

/** Only these fields, and only those that are there. Pure. */
export function provenanceOf(source: ImageProvenance): ImageProvenance {
  const { origin, madeBy, parent, owner, policy } = source;
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(madeBy === undefined ? {} : { madeBy }),
    ...(parent === undefined ? {} : { parent }),
    ...(owner === undefined ? {} : { owner }),
    ...(policy === undefined ? {} : { policy }),
  };
}

function bootOf({ boot }: GoldenImage): GoldenImage['boot'] {
  return { ...boot, kernel: basename(boot.kernel), initrd: basename(boot.initrd) };
}
