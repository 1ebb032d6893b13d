// Original file: proto/vmplants/v1/image.proto

import type { BakeProposal as _vmplants_v1_BakeProposal, BakeProposal__Output as _vmplants_v1_BakeProposal__Output } from '../../vmplants/v1/BakeProposal.js';
import type { ImageReason as _vmplants_v1_ImageReason, ImageReason__Output as _vmplants_v1_ImageReason__Output } from '../../vmplants/v1/ImageReason.js';
import type { PreparedPoint as _vmplants_v1_PreparedPoint, PreparedPoint__Output as _vmplants_v1_PreparedPoint__Output } from '../../vmplants/v1/PreparedPoint.js';
import type { Long } from '@grpc/proto-loader';

/**
 * What a plant has learned, and what it would do about it now.
 */
export interface LearningReport {
  'plant'?: (string);
  'enabled'?: (boolean);
  /**
   * Orders remembered.
   */
  'orders'?: (number);
  /**
   * Images that the plant learned, the bytes that they keep on disk, and how much of both there may be.
   */
  'images'?: (number);
  'imagesBudget'?: (number);
  'bytes'?: (number | string | Long);
  'bytesBudget'?: (number | string | Long);
  /**
   * Most valuable first.
   */
  'bake'?: (_vmplants_v1_BakeProposal)[];
  'evict'?: (_vmplants_v1_ImageReason)[];
  'keep'?: (_vmplants_v1_ImageReason)[];
  /**
   * What is being made now, for people; empty when nothing is.
   */
  'doing'?: (string);
  'prepared'?: (_vmplants_v1_PreparedPoint)[];
  /**
   * Time that the decision took.
   */
  'decisionSeconds'?: (number | string);
}

/**
 * What a plant has learned, and what it would do about it now.
 */
export interface LearningReport__Output {
  'plant': (string);
  'enabled': (boolean);
  /**
   * Orders remembered.
   */
  'orders': (number);
  /**
   * Images that the plant learned, the bytes that they keep on disk, and how much of both there may be.
   */
  'images': (number);
  'imagesBudget': (number);
  'bytes': (string);
  'bytesBudget': (string);
  /**
   * Most valuable first.
   */
  'bake': (_vmplants_v1_BakeProposal__Output)[];
  'evict': (_vmplants_v1_ImageReason__Output)[];
  'keep': (_vmplants_v1_ImageReason__Output)[];
  /**
   * What is being made now, for people; empty when nothing is.
   */
  'doing': (string);
  'prepared': (_vmplants_v1_PreparedPoint__Output)[];
  /**
   * Time that the decision took.
   */
  'decisionSeconds': (number);
}
