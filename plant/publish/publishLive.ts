import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocatedImage, PerformedAction } from '../../model/goldenImage.js';
import type { Progress, ReportProgress } from '../../model/progress.js';
import type { BakeParts } from '../bake/bakeParts.js';
import { type FrozenResult, freezeMachine } from '../bake/freezeMachine.js';
import type { ImageProvenance } from '../bake/frozenImage.js';
import { moveFile } from '../bake/moveFile.js';
import { publishFrozen } from '../bake/publishFrozen.js';
import { newScratch } from '../bake/scratch.js';
import type { VmHistory, VmRecord } from '../info/record.js';
import type { LiveMachine } from '../machines.js';
import { copyMachine } from './copyMachine.js';
import type { LiveWay, Published } from './publication.js';
import { asScrubError, scrubbedOf, scrubDag } from './scrub.js';

export interface LivePublication {
  readonly name: string;
  readonly record: VmRecord;
  readonly history: VmHistory;
  readonly live: LiveMachine;
  /** What the VM was cloned from. */
  readonly image: LocatedImage;
  readonly way: LiveWay;
  readonly provenance: ImageProvenance;
}

/**
 * Publishes a VM as it is, changes made by hand included, while it runs on. A copy of it is made into a machine of its
 * own, takes on a neutral identity, is rid of the traces of its own one, and is frozen.
 *
 * With its memory that is the machine that is published. Without, the copy is booted twice: the first boot still knows
 * the VM, and only its disk is kept; the memory that is published is that of the second.
 *
 * @throws VmplantsError as `copyMachine` and `freezeMachine` do; FAILED_PRECONDITION: IDENTITY_REMAINS when something of
 * the VM's identity is still there, SCRUB_FAILED when the client's script fails. Nothing is published or left then.
 */
export async function publishLive(
  parts: BakeParts,
  publication: LivePublication,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<Published> {
  const { record, way } = publication;
  const directory = await newScratch(parts.scratchRoot, parts.random);
  try {
    await mkdir(directory, { mode: 0o700 });
    const copy = await copyMachine(
      parts,
      { ...publication, directory, memory: way.memory },
      progress,
      signal,
    );
    const scrub = scrubDag({
      hostname: record.vm.hostname,
      machineId: copy.machineId,
      script: way.scrub,
      runsPrograms: parts.line.capabilities.runsPrograms,
    });
    const { image } = copy;
    const rung = way.memory ? 'warm' : 'disk';
    const machine = {
      image,
      rung,
      hardware: image.descriptor.hardware,
      network: image.descriptor.memory?.network ?? (record.network === undefined ? 'none' : 'host-only'),
    } as const;
    const report = inPhasesOf(rung, progress);
    const opaqueKey = Buffer.from(parts.random(32)).toString('hex');
    const publish = (result: FrozenResult): Promise<LocatedImage> =>
      publishCopy(parts, publication, image, opaqueKey, result, progress, signal);

    const first = await freezeMachine(parts, { ...machine, ...scrub }, report, signal, async (result) => {
      const scrubbed = scrubbedOf(result.configuration);
      if (way.memory) return { scrubbed, published: await publish(result) };
      await takeDisks(image, result, signal);
      progress({ phase: 'boot', message: 'once more, from the scrubbed disk: its memory never knew the VM' });
      return { scrubbed, published: undefined };
    }).catch((error: unknown) => {
      throw asScrubError(error);
    });
    const nothing = { dag: { actions: [], predecessors: new Map() }, stages: [] };
    const published =
      first.published ?? (await freezeMachine(parts, { ...machine, ...nothing }, report, signal, publish));
    const { pausedSeconds } = copy;
    return { image: published.descriptor, opaqueKey, pausedSeconds, leftOut: [], scrubbed: first.scrubbed };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Puts the disks of the frozen machine in the place of those that it was made from. */
async function takeDisks(
  image: LocatedImage,
  { frozen, directory }: FrozenResult,
  signal: AbortSignal,
): Promise<void> {
  const take = (from: string, to: string): Promise<void> =>
    moveFile(join(directory, from), join(image.directory, to), 'a disk of the copy', signal);
  await take(frozen.diskFile, image.descriptor.disk.file);
  for (const device of image.descriptor.devices) {
    if (device.kind !== 'disk') continue;
    const disk = frozen.addedDisks.find(({ action }) => action === device.action);
    if (disk !== undefined) await take(disk.file, device.file);
  }
}

function publishCopy(
  parts: BakeParts,
  { name, history, provenance }: LivePublication,
  image: LocatedImage,
  opaqueKey: string,
  { frozen, configuration, directory }: FrozenResult,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<LocatedImage> {
  const now = parts.clock.now();
  // A change made by hand has no cause that could be digested: its key is a name that nobody else gives.
  const change: PerformedAction = {
    key: opaqueKey,
    name: `live:${name}`,
    seconds: 0,
    performedAt: new Date(now).toISOString(),
    opaque: true,
  };
  return publishFrozen(
    parts,
    {
      name,
      now,
      image,
      directory,
      frozen,
      line: parts.line.name,
      hardware: image.descriptor.hardware,
      performed: [...history.performed, change],
      addedDevices: [],
      bootSeconds: configuration.seconds.boot,
      backingImage: image.descriptor.disk.backingImage,
      ...provenance,
    },
    progress,
    signal,
  );
}

/** A bake's progress in the words of a publication. */
function inPhasesOf(rung: 'warm' | 'disk', progress: ReportProgress): ReportProgress {
  const phases = new Map([
    ['clone', 'copy'],
    ['start', rung === 'warm' ? 'resume' : 'boot'],
    ['configure', 'scrub'],
  ]);
  return (one: Progress) => progress({ ...one, phase: phases.get(one.phase) ?? one.phase });
}
