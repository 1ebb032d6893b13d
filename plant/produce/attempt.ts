import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage, LocatedImage, NetworkKind } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Plan } from '../../model/plan.js';
import { type FreshIdentity, freshIdentity } from '../configure/identity.js';
import type { CloneSpec, ProductionLine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import type { WaitingMachine } from '../prepare/waitingMachine.js';
import type { Planned } from './planOrder.js';

/** One try to make the VM: a plan, and everything that was decided for the clone. */
export interface Attempt {
  readonly plan: Plan;
  readonly image: LocatedImage;
  readonly line: ProductionLine;
  readonly identity: FreshIdentity;
  readonly spec: CloneSpec;
  /** The machine that was prepared for it and already runs: nothing is cloned or started then. */
  readonly ready?: WaitingMachine;
}

/** Reason of the error where the image of a plan has gone since: another may serve. */
export const IMAGE_GONE = 'IMAGE_GONE';

/** What stays the same from try to try. */
export interface AttemptFor {
  readonly vmid: string;
  readonly hostname: string;
  readonly order: Order;
  readonly purpose: CloneSpec['purpose'];
  /** Absolute directory of its clone; that of a machine that was prepared ahead is another. */
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
      reason: IMAGE_GONE,
      hint: 'Try again: another image may serve.',
    });
  }
  const interfaces = interfacesOf(image.descriptor, order.network.kind);
  const identity = freshIdentity(wanted.hostname, interfaces, takenMacs, parts.random);
  return {
    plan: { ...planned.plan, prepared: false },
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

/** The try that hands out a machine which waits. Its interfaces keep their addresses; all else of its identity is new. */
export function readyAttempt(
  parts: Pick<PlantParts, 'lines' | 'random'>,
  wanted: AttemptFor,
  planned: Planned,
  ready: WaitingMachine,
): Attempt | undefined {
  const line = parts.lines.find(({ name }) => name === planned.line);
  if (line === undefined) return undefined;
  const { image, record } = ready;
  const { macs } = record;
  const identity = { ...freshIdentity(wanted.hostname, 0, new Set(), parts.random), macs };
  const { id, directory, rung, vcpus, memoryMiB, network } = record;
  const { generationId } = identity;
  return {
    plan: { ...planned.plan, prepared: true },
    image,
    line,
    identity,
    ready,
    spec: {
      vmid: id,
      directory,
      image,
      rung,
      vcpus,
      memoryMiB,
      network,
      macs,
      generationId,
      purpose: 'vm',
    },
  };
}

/** How many interfaces a clone of the image has: that of its network, and those that the image's host actions added. */
export function interfacesOf({ devices }: Pick<GoldenImage, 'devices'>, network: NetworkKind): number {
  const added = devices.filter(({ kind }) => kind === 'network-interface').length;
  return (network === 'host-only' ? 1 : 0) + added;
}
