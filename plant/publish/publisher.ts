import { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { ReportProgress } from '../../model/progress.js';
import { checkImageName } from '../../warehouse/layout.js';
import { refuseTaken } from '../bake/bake.js';
import type { BakeParts } from '../bake/bakeParts.js';
import { freezingLine, noFreezingLine } from '../bake/freezingLine.js';
import type { VmRecord } from '../info/record.js';
import type { ProductionLine } from '../line/line.js';
import { createEventLog } from '../produce/eventLog.js';
import type { PublicationRequest, PublishEvent, Published } from './publication.js';
import type { PublisherParts } from './publisherParts.js';
import { publishLive } from './publishLive.js';
import { publishRecipe, recipeOf } from './publishRecipe.js';
import { refuseLive } from './refuseLive.js';

/** Makes golden images of VMs, which go on running (VMPlants paper, section 3.2: installers publish images). */
export interface Publisher {
  /**
   * Publishes, and says how it goes; what is published comes last, when the warehouse shows it. One publication of a VM
   * at a time. Leaving the stream, or aborting the signal, ends the work, and nothing of it is left.
   *
   * @throws VmplantsError NOT_FOUND for an unknown VM; INVALID_ARGUMENT; ALREADY_EXISTS when the name is taken;
   * UNIMPLEMENTED, NO_FREEZING_LINE; FAILED_PRECONDITION: BEING_PUBLISHED, IMAGE_GONE, and as `recipeOf`, `refuseLive`, `publishLive` and `bake` do
   */
  readonly publish: (
    request: PublicationRequest,
    signal: AbortSignal,
  ) => AsyncGenerator<PublishEvent, void, undefined>;
  /** Images that a publication needs now: they must not be removed. */
  readonly imagesInWork: () => ReadonlySet<string>;
  /** Ends what goes on, for this reason, and waits for it. */
  readonly close: (reason: VmplantsError) => Promise<void>;
}

/** The work of a publication, once nothing speaks against it. */
type Work = (progress: ReportProgress, signal: AbortSignal) => Promise<Published>;

interface Going {
  readonly vmid: string;
  readonly name: string;
  /** Images that it may need. */
  readonly images: readonly string[];
  readonly end: AbortController;
  readonly over: Promise<void>;
}

export function createPublisher(parts: PublisherParts): Publisher {
  const going = new Set<Going>();

  const decide = (
    request: PublicationRequest,
  ): { readonly work: Work; readonly images: readonly string[] } => {
    const { name, way, shared, pinned } = request;
    checkImageName(name);
    const images = parts.warehouse.images();
    refuseTaken(name, images);
    refuseGoing(request, going);
    const record = recordOf(parts, request.vmid);
    const line = lineOf(parts.lines, record);
    const owned = { owner: record.vm.clientDomain, policy: { shared, pinned } };
    if (way.kind === 'recipe') {
      const bakeParts: BakeParts = { ...parts, line: bakingLine(parts.lines, line) };
      const order = recipeOf(record, way, way.order === undefined ? parts.orderOf(request.vmid) : undefined);
      const provenance = { origin: 'recipe', ...owned } as const;
      return {
        // Which one it starts from is decided later.
        images: images.map(({ descriptor }) => descriptor.name),
        work: (progress, signal) =>
          publishRecipe(bakeParts, { name, record, order, images, provenance }, progress, signal),
      };
    }
    const bakeParts: BakeParts = { ...parts, line };
    const history = refuseLive(record, way, line.capabilities, freezingLine(parts.lines) !== undefined);
    const live = parts.machines.get(request.vmid);
    if (live === undefined) throw notRunning(record);
    const image = imageOf(parts.warehouse.get(record.vm.image), record);
    const provenance = { origin: 'live', parent: record.vm.image, ...owned } as const;
    return {
      images: [record.vm.image],
      work: (progress, signal) =>
        publishLive(
          bakeParts,
          { name, record, history, live, image, way, provenance },
          progress,
          signal,
        ).catch((error: unknown) => {
          const saysWhy = error instanceof VmplantsError && error.code === 'FAILED_PRECONDITION';
          if (signal.aborted || saysWhy || isThere(parts, request.vmid)) throw error;
          throw endedMeanwhile(request.vmid, error);
        }),
    };
  };

  return {
    async *publish(request, signal) {
      signal.throwIfAborted();
      const { work, images } = decide(request);
      const end = new AbortController();
      const events = createEventLog<PublishEvent>();
      const carryOut = async (): Promise<void> => {
        const progress: ReportProgress = (one) => events.push({ kind: 'progress', progress: one });
        const published = await work(progress, AbortSignal.any([signal, end.signal]));
        await parts.warehouse.refresh();
        events.push({ kind: 'published', published });
      };
      const over = carryOut().then(events.end, events.fail);
      const entry: Going = { vmid: request.vmid, name: request.name, images, end, over };
      going.add(entry);
      try {
        yield* events.follow(signal);
      } finally {
        end.abort(new VmplantsError('CANCELLED', 'nobody follows the publication any more'));
        await over;
        going.delete(entry);
      }
    },
    imagesInWork: () => new Set([...going].flatMap(({ images }) => images)),
    close: async (reason) => {
      const entries = [...going];
      for (const { end } of entries) end.abort(reason);
      await Promise.all(entries.map(({ over }) => over));
    },
  };
}

function recordOf(parts: PublisherParts, vmid: string): VmRecord {
  const record = parts.info.get(vmid);
  if (record === undefined) {
    throw new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant`, { reason: 'NO_SUCH_VM' });
  }
  if (record.vm.state === 'producing' || record.vm.state === 'collecting') throw notRunning(record);
  return record;
}

function isThere({ info }: Pick<PublisherParts, 'info'>, vmid: string): boolean {
  const state = info.get(vmid)?.vm.state;
  return state !== undefined && state !== 'collecting';
}

/** A VM that is collected while it is copied fails the copy in a way that says little. */
function endedMeanwhile(vmid: string, cause: unknown): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `${vmid} was collected while it was being published`, {
    reason: 'NOT_RUNNING',
    cause,
  });
}

function lineOf(lines: readonly ProductionLine[], { vm }: VmRecord): ProductionLine {
  const line = lines.find(({ name }) => name === vm.line);
  if (line !== undefined) return line;
  throw new VmplantsError('UNIMPLEMENTED', `this plant has no production line ${vm.line} any more`, {
    reason: 'NO_LINE',
  });
}

function imageOf(image: LocatedImage | undefined, { vm }: VmRecord): LocatedImage {
  if (image !== undefined) return image;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `golden image ${vm.image}, which ${vm.vmid} was made from, cannot be used any more`,
    { reason: 'IMAGE_GONE', hint: 'Put it right in the warehouse, or publish the recipe of the VM.' },
  );
}

function refuseGoing({ vmid, name }: PublicationRequest, going: ReadonlySet<Going>): void {
  for (const other of going) {
    if (other.vmid === vmid) {
      throw new VmplantsError('FAILED_PRECONDITION', `${vmid} is being published already`, {
        reason: 'BEING_PUBLISHED',
        hint: 'Wait until that has ended.',
      });
    }
    if (other.name === name) {
      throw new VmplantsError('ALREADY_EXISTS', `a golden image ${name} is being published already`, {
        reason: 'IMAGE_EXISTS',
        hint: 'Choose another name.',
      });
    }
  }
}

function notRunning({ vm }: VmRecord): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `${vm.vmid} is ${vm.state}: no machine of it runs`, {
    reason: 'NOT_RUNNING',
  });
}

/**
 * The line that bakes the recipe of a VM of this line: itself, or else the plant's first that freezes.
 * @throws VmplantsError UNIMPLEMENTED, NO_FREEZING_LINE
 */
function bakingLine(lines: readonly ProductionLine[], own: ProductionLine): ProductionLine {
  const line = own.capabilities.freeze ? own : freezingLine(lines);
  if (line === undefined) throw noFreezingLine(lines.map(({ name }) => name));
  return line;
}
