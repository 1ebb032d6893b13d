import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage, LocatedImage, PerformedAction } from '../../model/goldenImage.js';
import { accessTo } from '../../model/imageAccess.js';
import type { Order } from '../../model/order.js';
import type { ReportProgress } from '../../model/progress.js';
import type { Clock } from '../clock.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import { createIndex } from '../planner/imageIndex.js';
import { plannerQuery, planOrder } from '../produce/planOrder.js';
import { bakeableOrder } from './bakeableOrder.js';
import type { BakeParts } from './bakeParts.js';
import { freezeMachine } from './freezeMachine.js';
import { type Admit, type ImageProvenance, provenanceOf } from './frozenImage.js';
import { publishFrozen } from './publishFrozen.js';

/**
 * What to bake and what is to be said of it. Without an owner the image is everybody's, and is made only of images that
 * are: what belongs to a domain must not become everybody's by being built upon. Its parent is the image that was
 * started from.
 */
export interface BakeRequest extends Omit<ImageProvenance, 'parent'> {
  /** Name of the new image. */
  readonly name: string;
  readonly order: Order;
  /** The warehouse's images. */
  readonly images: readonly LocatedImage[];
  /** Make it even when an image has performed all of the order already: it is then that image under another name. */
  readonly allowNothingNew?: boolean;
  readonly admit?: Admit;
}

export interface Baked {
  readonly image: LocatedImage;
  /** Actions of the order that no image can bring: identity actions, and those that come after one. */
  readonly leftOut: readonly string[];
}

/**
 * Makes a golden image of an order (VMPlants paper, sections 3.2 and 4.1): produces all of it that belongs to no one
 * VM on top of the best image there is, freezes the machine and publishes it with the record of what was performed. It
 * serves the line that it is made on, and all others that the image does which it starts from.
 *
 * @throws VmplantsError ALREADY_EXISTS when the name is taken; FAILED_PRECONDITION: NO_MATCHING_IMAGE, NOTHING_TO_BAKE
 * when an image has performed all of it already (unless that is allowed) or all of it belongs to one VM, ACTION_FAILED.
 * Nothing is published then.
 */
export async function bake(
  parts: BakeParts,
  request: BakeRequest,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<Baked> {
  const { name, images } = request;
  refuseTaken(name, images);
  const { order, leftOut } = bakeableOrder(request.order);
  if (leftOut.length > 0 && order.dag.actions.length === 0) throw nothingLeft(leftOut);
  const usable = images.filter(
    ({ descriptor }) =>
      mayBuildOn(descriptor, request.owner) &&
      (order.line === undefined || descriptor.lines.includes(order.line)),
  );
  const index = createIndex(usable.map(({ descriptor }) => descriptor));
  // Planned as the owner would: memory that another domain keeps to itself is not resumed for it.
  const asOwner = request.owner === undefined ? order : { ...order, clientDomain: request.owner };
  const query = plannerQuery({ lines: [parts.line], clock: parts.clock }, onLine(asOwner, parts.line.name));
  const planned = planOrder(index, query);
  const source = usable.find(({ descriptor }) => descriptor.name === planned?.plan.image);
  if (planned === undefined || source === undefined) {
    throw new VmplantsError('FAILED_PRECONDITION', 'no golden image to start from matches the order', {
      reason: 'NO_MATCHING_IMAGE',
      hint: 'Build a base image of this operating system first.',
    });
  }
  const { plan } = planned;
  if (plan.stages.length === 0 && plan.rung === 'warm' && request.allowNothingNew !== true) {
    throw new VmplantsError('FAILED_PRECONDITION', `golden image ${plan.image} has all of this already`, {
      reason: 'NOTHING_TO_BAKE',
    });
  }
  progress({ phase: 'plan', message: `starting from ${plan.image} (${plan.rung})` });
  const { hardware } = order;
  const image = await freezeMachine(
    parts,
    {
      image: source,
      rung: plan.rung,
      hardware,
      network: order.network.kind,
      dag: order.dag,
      stages: plan.stages,
    },
    progress,
    signal,
    ({ frozen, configuration, directory }) =>
      publishFrozen(
        parts,
        {
          name,
          now: parts.clock.now(),
          image: source,
          directory,
          frozen,
          line: parts.line.name,
          hardware: { ...hardware, diskMiB: source.descriptor.hardware.diskMiB },
          performed: [...source.descriptor.performed, ...performedNow(order, configuration, parts.clock)],
          addedDevices: configuration.addedDevices,
          bootSeconds: configuration.seconds.boot,
          backingImage: source.descriptor.disk.backingImage ?? source.descriptor.name,
          ...provenanceOf({ ...request, parent: source.descriptor.name }),
          ...(request.admit === undefined ? {} : { admit: request.admit }),
        },
        progress,
        signal,
      ),
  ).catch((error: unknown) => {
    throw withoutHandlers(error, request.order);
  });
  return { image, leftOut };
}

/**
 * The order as this line can make it. One that insists on another line is made here nevertheless: the image serves that
 * line too, because its parent does. Its kernel is then that line's, and none of this one. Pure.
 */
function onLine(order: Order, name: string): Order {
  if (order.line === undefined || order.line === name) return order;
  const { line: _, ...rest } = order;
  const { kernel: __, ...operatingSystem } = order.operatingSystem;
  return { ...rest, operatingSystem };
}

/** Whether an image of this owner may be made on top of another. Pure. */
function mayBuildOn(source: Pick<GoldenImage, 'owner' | 'policy'>, owner: string | undefined): boolean {
  return owner === undefined ? source.owner === undefined : accessTo(source, owner) !== 'no';
}

function nothingLeft(leftOut: readonly string[]): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `nothing of the order can be in an image: every action belongs to one VM, or comes after one that does (${leftOut.join(', ')})`,
    {
      reason: 'NOTHING_TO_BAKE',
      hint: 'An image holds only actions that are the same for every VM and that no identity action comes before.',
    },
  );
}

/** The error of an action that failed; where only a handler would have let the order go on, a hint says so. */
function withoutHandlers(error: unknown, order: Order): unknown {
  if (!(error instanceof VmplantsError) || error.actionFailure === undefined) return error;
  const { actionFailure } = error;
  const failed = order.dag.actions.find(({ name }) => name === actionFailure.action);
  if (failed === undefined || failed.onError.then.kind === 'abort') return error;
  return new VmplantsError(error.code, error.message, {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    actionFailure,
    hint: 'An image cannot hold an action that ended only through its error handler; mark it `identity: true` to leave it out.',
    cause: error,
  });
}

/** @throws VmplantsError ALREADY_EXISTS: better now than after the work */
export function refuseTaken(name: string, images: readonly LocatedImage[]): void {
  if (!images.some(({ descriptor }) => descriptor.name === name)) return;
  throw new VmplantsError('ALREADY_EXISTS', `there is a golden image ${name} already`, {
    reason: 'IMAGE_EXISTS',
    hint: 'Choose another name: a published image never changes.',
  });
}

/** What ran well, in the order in which it ran. */
function performedNow(
  order: Order,
  configuration: ConfigurationResult,
  clock: Clock,
): readonly PerformedAction[] {
  const performedAt = new Date(clock.now()).toISOString();
  return configuration.runs.flatMap(({ path, key, status, seconds }) => {
    const [name = ''] = path;
    const known = order.dag.actions.some((action) => action.name === name);
    return status === 0 && known ? [{ key, name, seconds, performedAt }] : [];
  });
}
