import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import { assembleDebian } from '../../warehouse/assemble/assembleDebian.js';
import type { AssembledDisk } from '../../warehouse/assemble/assembledDisk.js';
import { debianChanges } from '../../warehouse/assemble/debianFiles.js';
import type { BenchContext } from '../measurement.js';
import { cacheOf, type Surroundings } from './surroundings.js';

/** What Debian needs besides its base for the comparison. */
const PACKAGES = ['cloud-init'] as const;

/** cloud-init looks for no other data source, on any bus or network. */
const NO_CLOUD_ONLY = 'ci.ds=NoCloud';

/**
 * No unit starts that the golden image is without. On the kernel's command line, so that the disk is what the packages
 * make.
 */
const MASKS: readonly string[] = debianChanges(true, []).flatMap((change) =>
  change.kind === 'link' && change.target === '/dev/null'
    ? [`systemd.mask=${change.path.slice(change.path.lastIndexOf('/') + 1)}`]
    : [],
);

const RECORD_FILE = 'assembled.json';

/**
 * The same Debian with cloud-init in place of the guest daemon, as an image that can only be booted, with the
 * hardware and kernel of the golden image that it is compared with. Made when it is missing or of another kernel.
 */
export async function peerImage(
  surroundings: Surroundings,
  golden: GoldenImage,
  context: BenchContext,
): Promise<LocatedImage> {
  const directory = join(surroundings.keptDirectory, 'bench', 'debian-12-cloud-init');
  const kept = await readRecord(directory);
  const assembled =
    kept?.guestKernel === golden.boot.guestKernel ? kept : await assemble(surroundings, directory, context);
  if (assembled.guestKernel !== golden.boot.guestKernel) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `the kernel of ${golden.name} is ${golden.boot.guestKernel}, the newest package is ${assembled.guestKernel}: expected the same on both sides`,
      { hint: `remove golden image ${golden.name}; it is made anew` },
    );
  }
  return { directory, descriptor: describe(assembled, golden) };
}

async function assemble(
  surroundings: Surroundings,
  directory: string,
  context: BenchContext,
): Promise<AssembledDisk> {
  await mkdir(dirname(directory), { recursive: true });
  await rm(directory, { recursive: true, force: true });
  const assembled = await assembleDebian(
    {
      directory,
      cacheDirectory: cacheOf(surroundings),
      environment: surroundings.toolEnvironment,
      extraPackages: PACKAGES,
      withDaemon: false,
    },
    ({ message }) => context.report(`  ${message}`),
    context.signal,
  );
  const record = join(directory, RECORD_FILE);
  await writeFile(`${record}.new`, JSON.stringify(assembled));
  await rename(`${record}.new`, record);
  return assembled;
}

/** Undefined when it is missing or was cut off while it was made. */
async function readRecord(directory: string): Promise<AssembledDisk | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, RECORD_FILE), 'utf8')) as AssembledDisk;
  } catch {
    return undefined;
  }
}

function describe(assembled: AssembledDisk, golden: GoldenImage): GoldenImage {
  return {
    format: 'vmplants-golden-image/1',
    name: 'debian-12-cloud-init',
    created: golden.created,
    operatingSystem: assembled.operatingSystem,
    hardware: { ...golden.hardware, diskMiB: assembled.diskMiB },
    performed: [],
    lines: golden.lines,
    disk: { file: assembled.diskFile, format: 'qcow2' },
    boot: {
      kernel: assembled.kernelFile,
      initrd: assembled.initrdFile,
      commandLine: `${assembled.kernelCommandLine} ${NO_CLOUD_ONLY}`,
      guestKernel: assembled.guestKernel,
    },
    devices: [],
    bootSeconds: 0,
    files: [],
  };
}

/** The same image with the units masked that the golden image has masked, which no stock Debian has. */
export function trimmed(image: LocatedImage): LocatedImage {
  const { boot } = image.descriptor;
  const commandLine = [boot.commandLine, ...MASKS].join(' ');
  return { ...image, descriptor: { ...image.descriptor, boot: { ...boot, commandLine } } };
}
