import { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { ReportProgress } from '../../model/progress.js';
import { bake } from '../bake/bake.js';
import { bakeableOrder } from '../bake/bakeableOrder.js';
import type { BakeParts } from '../bake/bakeParts.js';
import type { ImageProvenance } from '../bake/frozenImage.js';
import type { VmRecord } from '../info/record.js';
import type { Published, RecipeWay } from './publication.js';

export interface RecipePublication {
  readonly name: string;
  readonly record: VmRecord;
  readonly order: Order;
  readonly images: readonly LocatedImage[];
  readonly provenance: Omit<ImageProvenance, 'parent'>;
}

/**
 * The order that a VM is published by: the one that came with the request, or what the plant remembers. Pure.
 * @throws VmplantsError FAILED_PRECONDITION: OTHER_ORDER, RECIPE_UNKNOWN, NOTHING_TO_BAKE
 */
export function recipeOf(record: VmRecord, way: RecipeWay, remembered: Order | undefined): Order {
  const { vmid, orderDigest } = record.vm;
  if (way.order !== undefined && way.order.digest !== orderDigest) {
    throw new VmplantsError('FAILED_PRECONDITION', `${vmid} was made from another request`, {
      reason: 'OTHER_ORDER',
      hint: 'Give exactly the request that the VM was created with.',
    });
  }
  const order = way.order ?? remembered;
  if (order === undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `the plant does not know the request of ${vmid} any more`,
      {
        reason: 'RECIPE_UNKNOWN',
        hint: 'Give the request that the VM was created with (`-f FILE`).',
      },
    );
  }
  if (bakeableOrder(order).order.dag.actions.length === 0) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `nothing of the request of ${vmid} can be in an image: no action of it is the same for every VM`,
      {
        reason: 'NOTHING_TO_BAKE',
        hint: 'An image holds only actions that are the same for every VM and that no identity action comes before.',
      },
    );
  }
  return order;
}

/** Publishes what of a VM's order belongs to no one VM, produced afresh: exactly what the image's record says. */
export async function publishRecipe(
  parts: BakeParts,
  { name, record, order, images, provenance }: RecipePublication,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<Published> {
  // It is to serve such VMs again: on the line of this one, whatever line makes it.
  const request = {
    name,
    order: { ...order, line: record.vm.line },
    images,
    ...provenance,
    allowNothingNew: true,
  };
  const { image, leftOut } = await bake(parts, request, progress, signal);
  // What is remembered of an order may be only the part of it that is baked.
  const missing = new Set([...leftOut, ...(record.history?.perVm ?? [])]);
  for (const action of image.descriptor.performed) missing.delete(action.name);
  return { image: image.descriptor, leftOut: [...missing], scrubbed: [] };
}
