import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Plan } from '../../model/plan.js';
import { type FreshIdentity, freshIdentity } from '../configure/identity.js';
import type { CloneSpec, ProductionLine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import type { Planned } from './planOrder.js';

/** One try to make the VM: a plan, and everything that was decided for the clone. */
export interface Attempt {
  readonly plan: Plan;
  readonly image: LocatedImage;
  readonly line: ProductionLine;
  readonly identity: FreshIdentity;
  readonly spec: CloneSpec;
}

/** What stays the same from try to try. */
export interface AttemptFor {
  readonly vmid: string;
  readonly hostname: string;
  readonly order: Order;
  readonly purpose: CloneSpec['purpose'];
  /** Absolute directory of the clone. */
  readonly directory: string;
}

/** Directory of a VM's clone. */
export function cloneDirectory(cloneRoot: string, vmid: string): string {
  return join(cloneRoot, vmid);
}

/** @throws VmplantsError UNAVAILABLE when the image or its line has gone since it was planned */
export function decideAttempt(
  parts: Pick<PlantParts, 'warehouse' | 'lines' | 'random'>,
  wanted: AttemptFor,
  planned: Planned,
  takenMacs: ReadonlySet<string>,
): Attempt {
  const { order } = wanted;
  const image = parts.warehouse.get(planned.plan.image);
  const line = parts.lines.find(({ name }) => name === planned.line);
  if (image === undefined || line === undefined) {
    throw new VmplantsError('UNAVAILABLE', `golden image ${planned.plan.image} is no longer there`, {
      reason: 'IMAGE_GONE',
      hint: 'Try again: another image may serve.',
    });
  }
  const { descriptor } = image;
  const inherited = descriptor.devices.filter(({ kind }) => kind === 'network-interface').length;
  const interfaces = (order.network.kind === 'host-only' ? 1 : 0) + inherited;
  const identity = freshIdentity(wanted.hostname, interfaces, takenMacs, parts.random);
  return {
    plan: planned.plan,
    image,
    line,
    identity,
    spec: {
      vmid: wanted.vmid,
      directory: wanted.directory,
      image,
      rung: planned.plan.rung,
      vcpus: order.hardware.vcpus,
      memoryMiB: order.hardware.memoryMiB,
      network: order.network.kind,
      macs: identity.macs,
      generationId: identity.generationId,
      purpose: wanted.purpose,
    },
  };
}
