import type { ErrorCode } from '../../model/errors.js';
import type { Rejection } from '../../model/plan.js';
import type { Refusal__Output, Refusal as RefusalMessage } from '../gen/vmplants/v1/Refusal.js';
import { rejectionFromMessage, rejectionToMessage } from './plan.js';

/** A plant that made no bid, and why. */
export interface Refusal {
  /** Name of the plant, or its address where it did not answer. */
  readonly plant: string;
  /** Name of a gRPC status; of another version perhaps one that this one does not use. */
  readonly code: ErrorCode | string;
  readonly reason: string;
  /** Where no image matched: why each did not, if the plant was asked for it. */
  readonly rejected: readonly Rejection[];
}

export function refusalToMessage(refusal: Refusal): RefusalMessage {
  return {
    plant: refusal.plant,
    code: refusal.code,
    reason: refusal.reason,
    rejected: refusal.rejected.map(rejectionToMessage),
  };
}

/** DATA_LOSS when a rejection names a test that this version does not know. */
export function refusalFromMessage(message: Refusal__Output): Refusal {
  return {
    plant: message.plant,
    code: message.code,
    reason: message.reason,
    rejected: message.rejected.map(rejectionFromMessage),
  };
}
