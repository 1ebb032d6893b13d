import type { PlannedAction, Rung } from '../../model/plan.js';
import type { BakeProposal__Output } from '../gen/vmplants/v1/BakeProposal.js';
import type {
  LearningReport__Output,
  LearningReport as ReportMessage,
} from '../gen/vmplants/v1/LearningReport.js';
import { plannedFromMessage, plannedToMessage } from './plan.js';
import { rungFromText } from './rung.js';

/** What a plant has learned from the orders that it saw, and what it would do about it now. */
export interface LearningSummary {
  readonly plant: string;
  readonly enabled: boolean;
  /** How many orders are remembered. */
  readonly orders: number;
  /** Images that were learned and the bytes that they keep on disk, and how much of both there may be. */
  readonly images: number;
  readonly imagesBudget: number;
  readonly bytes: number;
  readonly bytesBudget: number;
  /** Most valuable first. */
  readonly bake: readonly BakeSummary[];
  readonly evict: readonly ImageAndReason[];
  readonly keep: readonly ImageAndReason[];
  /** What is being made now, for people; absent when nothing is. */
  readonly doing?: string;
  readonly prepared: readonly PreparedSummary[];
  /** Time that the decision took. */
  readonly decisionSeconds: number;
}

/** An image that would pay. */
export interface BakeSummary {
  /** In the order in which they would be performed. */
  readonly actions: readonly PlannedAction[];
  readonly operatingSystem: string;
  readonly memoryMiB: number;
  readonly clientDomain: string;
  /** Expected bytes on disk. */
  readonly bytes: number;
  /** Expected saving over what there is, in seconds a day. */
  readonly savedSecondsPerDay: number;
  /** For people. */
  readonly reason: string;
}

export interface ImageAndReason {
  readonly image: string;
  readonly reason: string;
}

/** Machines that are kept running and waiting. */
export interface PreparedSummary {
  readonly image: string;
  /** Production line of the machines, and whether they were resumed or booted. */
  readonly line: string;
  readonly rung: Rung;
  readonly memoryMiB: number;
  readonly vcpus: number;
  readonly network: string;
  readonly waiting: number;
  readonly wanted: number;
  /** VMs of this image that are in use. */
  readonly inUse: number;
}

export function learningToMessage(learning: LearningSummary): ReportMessage {
  return {
    plant: learning.plant,
    enabled: learning.enabled,
    orders: learning.orders,
    images: learning.images,
    imagesBudget: learning.imagesBudget,
    bytes: wholeBytes(learning.bytes),
    bytesBudget: wholeBytes(learning.bytesBudget),
    bake: learning.bake.map((proposal) => ({
      actions: proposal.actions.map(plannedToMessage),
      operatingSystem: proposal.operatingSystem,
      memoryMib: proposal.memoryMiB,
      clientDomain: proposal.clientDomain,
      bytes: wholeBytes(proposal.bytes),
      savedSecondsPerDay: proposal.savedSecondsPerDay,
      reason: proposal.reason,
    })),
    evict: learning.evict.map(({ image, reason }) => ({ image, reason })),
    keep: learning.keep.map(({ image, reason }) => ({ image, reason })),
    doing: learning.doing ?? '',
    prepared: learning.prepared.map((point) => ({
      image: point.image,
      line: point.line,
      rung: point.rung,
      memoryMib: point.memoryMiB,
      vcpus: point.vcpus,
      network: point.network,
      waiting: point.waiting,
      wanted: point.wanted,
      inUse: point.inUse,
    })),
    decisionSeconds: learning.decisionSeconds,
  };
}

export function learningFromMessage(message: LearningReport__Output): LearningSummary {
  return {
    plant: message.plant,
    enabled: message.enabled,
    orders: message.orders,
    images: message.images,
    imagesBudget: message.imagesBudget,
    bytes: Number(message.bytes),
    bytesBudget: Number(message.bytesBudget),
    bake: message.bake.map(bakeFromMessage),
    evict: message.evict.map(({ image, reason }) => ({ image, reason })),
    keep: message.keep.map(({ image, reason }) => ({ image, reason })),
    ...(message.doing === '' ? {} : { doing: message.doing }),
    prepared: message.prepared.map((point) => ({
      image: point.image,
      line: point.line,
      rung: rungFromText(point.rung),
      memoryMiB: point.memoryMib,
      vcpus: point.vcpus,
      network: point.network,
      waiting: point.waiting,
      wanted: point.wanted,
      inUse: point.inUse,
    })),
    decisionSeconds: message.decisionSeconds,
  };
}

function bakeFromMessage(message: BakeProposal__Output): BakeSummary {
  return {
    actions: message.actions.map(plannedFromMessage),
    operatingSystem: message.operatingSystem,
    memoryMiB: message.memoryMib,
    clientDomain: message.clientDomain,
    bytes: Number(message.bytes),
    savedSecondsPerDay: message.savedSecondsPerDay,
    reason: message.reason,
  };
}

/** An estimate may have a fraction, and a budget no bound: the wire takes whole numbers of 64 bits. */
function wholeBytes(bytes: number): string {
  return String(Math.round(Math.min(Math.max(bytes, 0), Number.MAX_SAFE_INTEGER)));
}
