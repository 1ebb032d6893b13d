import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CliEnvironment } from '../cli/environment.js';
import { EXIT } from '../cli/exitCode.js';
import { VmplantsError } from '../model/errors.js';
import { type AvailableImage, chooseGuests, exampleFor } from './chooseGuests.js';
import { ownWarehouse } from './clusterPlan.js';
import { type PrintLine, runCommand } from './command.js';
import { writeFakeGuests } from './fakeGuests.js';
import type { Programs } from './programs.js';

/** What the plants make their VMs of, once it is there. */
export interface ReadyGuests {
  /** As `vmplant serve --line` takes it. */
  readonly line: string;
  /** Absent: where plants look by themselves. */
  readonly warehouse?: string;
  /** Whether the warehouse goes with the cluster, so that plants may put images of their own there. */
  readonly ownWarehouse: boolean;
  /** File of a request that they serve; undefined when none is known. */
  readonly example: string | undefined;
}

export interface GuestOptions {
  readonly line?: string;
  /** Absolute. */
  readonly warehouse?: string;
  /** Where the cluster's files lie. */
  readonly directory: string;
}

export interface GuestParts {
  readonly programs: Programs;
  /** Directory of requests to copy from. */
  readonly examples: string;
  readonly environment: Pick<CliEnvironment, 'userId' | 'now'>;
  readonly print: PrintLine;
  readonly signal: AbortSignal;
}

const EMULATOR = '/usr/bin/qemu-system-x86_64';
const BASE = 'micro';

/** Looks what images there are, and builds a base or makes fake ones where that is needed. */
export async function readyGuests(options: GuestOptions, parts: GuestParts): Promise<ReadyGuests> {
  const { line, warehouse, directory } = options;
  const { environment, print, examples } = parts;
  const images = line === 'fake' ? [] : await listImages(warehouse, parts);
  const cannotBuild = whyNoBase(environment.userId);
  const guests = chooseGuests({ line, images, cannotBuild });
  if (guests.note !== undefined) print(`note: ${guests.note}`);
  if (guests.images === 'fake') {
    if (warehouse !== undefined) {
      print(`note: --warehouse ${warehouse} is not used: the fake line has an image of its own`);
    }
    const example = await writeFakeGuests(directory, environment.now());
    return { line: guests.line, warehouse: ownWarehouse(directory), ownWarehouse: true, example };
  }
  if (guests.images === 'build') await buildBase(guests.line, warehouse, parts);
  const served = guests.images === 'build' ? await listImages(warehouse, parts) : images;
  const example = exampleFor(served, guests.line.split(','));
  return {
    line: guests.line,
    ...(warehouse === undefined ? {} : { warehouse }),
    ownWarehouse: false,
    example: example === undefined ? undefined : join(examples, example),
  };
}

/** Why no base can be built on this host; undefined when it probably can. */
function whyNoBase(userId: number | undefined): string | undefined {
  if (!existsSync(EMULATOR)) return `${EMULATOR} is missing (Debian package qemu-system-x86)`;
  return userId === 0 ? undefined : 'building one takes root';
}

async function listImages(
  warehouse: string | undefined,
  { programs, signal }: GuestParts,
): Promise<readonly AvailableImage[]> {
  const { status, stdout } = await runCommand(
    programs.vmplant,
    ['warehouse', 'list', '-o', 'json', ...inWarehouse(warehouse)],
    // There may be no warehouse yet. Warnings are about images that are not used.
    { programs, print: () => {}, signal, answers: [EXIT.done, EXIT.notFound] },
  );
  if (status === EXIT.notFound) return [];
  const listing = JSON.parse(stdout) as {
    readonly images: readonly (AvailableImage & { readonly state: string })[];
  };
  return listing.images.filter(({ state }) => state === 'usable');
}

async function buildBase(line: string, warehouse: string | undefined, parts: GuestParts): Promise<void> {
  const { programs, print, signal } = parts;
  print(`no golden image for ${line} yet: building ${BASE}, which stays in the warehouse`);
  try {
    await runCommand(programs.vmplant, ['warehouse', 'build', BASE, ...inWarehouse(warehouse)], {
      programs,
      print: (line) => print(`  ${line}`),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new VmplantsError('FAILED_PRECONDITION', `${BASE} could not be built; why is said above`, {
      reason: 'NO_IMAGE',
      hint: 'vmshop dev --line fake starts no virtual machines and needs no image',
      cause,
    });
  }
}

function inWarehouse(warehouse: string | undefined): readonly string[] {
  return warehouse === undefined ? [] : ['--warehouse', warehouse];
}
