// Original file: proto/vmplants/v1/vm.proto

import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from '../../vmplants/v1/PlannedAction.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A golden image as a plant sees it.
 */
export interface Image {
  'plant'?: (string);
  'name'?: (string);
  'operatingSystem'?: (string);
  'version'?: (string);
  'memoryMib'?: (number);
  'vcpus'?: (number);
  'diskMib'?: (number);
  /**
   * Whether a frozen memory belongs to it.
   */
  'warm'?: (boolean);
  /**
   * Names of the actions performed in it, in order.
   */
  'performed'?: (_vmplants_v1_PlannedAction)[];
  /**
   * Bytes of its files on disk.
   */
  'bytes'?: (number | string | Long);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt'?: (number | string | Long);
  'lines'?: (string)[];
  /**
   * How it came to be: `installed`, `recipe`, `live`, `learned` or `rewarmed`.
   */
  'origin'?: (string);
  /**
   * Client domain that it belongs to; empty: everybody's.
   */
  'owner'?: (string);
  /**
   * What other client domains may use of it: `no`, `disk` or `memory`. `memory` when it has no owner.
   */
  'shared'?: (string);
  /**
   * Never evicted.
   */
  'pinned'?: (boolean);
  /**
   * Image that it was made from; empty for a base.
   */
  'parent'?: (string);
  /**
   * Image whose disk its own is a copy-on-write sibling over; empty when its disk stands alone. Never more than one deep.
   */
  'backingImage'?: (string);
  /**
   * Bytes on disk that removing it would free, holes not counted.
   */
  'uniqueBytes'?: (number | string | Long);
  /**
   * Bytes on disk of the disk that it hangs on and shares with its siblings.
   */
  'sharedBytes'?: (number | string | Long);
  /**
   * VMs that were made from it so far, and the seconds of work that it saved them.
   */
  'uses'?: (number);
  'savedSeconds'?: (number | string);
  /**
   * VMs that live on it now, and machines that wait prepared.
   */
  'vms'?: (number);
  'prepared'?: (number);
  /**
   * Why it is kept, one reason each, for people.
   */
  'keptBecause'?: (string)[];
  /**
   * Why it cannot be used (quarantine); only `plant` and `name` are set besides. Empty: it can be.
   */
  'problem'?: (string);
}

/**
 * A golden image as a plant sees it.
 */
export interface Image__Output {
  'plant': (string);
  'name': (string);
  'operatingSystem': (string);
  'version': (string);
  'memoryMib': (number);
  'vcpus': (number);
  'diskMib': (number);
  /**
   * Whether a frozen memory belongs to it.
   */
  'warm': (boolean);
  /**
   * Names of the actions performed in it, in order.
   */
  'performed': (_vmplants_v1_PlannedAction__Output)[];
  /**
   * Bytes of its files on disk.
   */
  'bytes': (string);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt': (string);
  'lines': (string)[];
  /**
   * How it came to be: `installed`, `recipe`, `live`, `learned` or `rewarmed`.
   */
  'origin': (string);
  /**
   * Client domain that it belongs to; empty: everybody's.
   */
  'owner': (string);
  /**
   * What other client domains may use of it: `no`, `disk` or `memory`. `memory` when it has no owner.
   */
  'shared': (string);
  /**
   * Never evicted.
   */
  'pinned': (boolean);
  /**
   * Image that it was made from; empty for a base.
   */
  'parent': (string);
  /**
   * Image whose disk its own is a copy-on-write sibling over; empty when its disk stands alone. Never more than one deep.
   */
  'backingImage': (string);
  /**
   * Bytes on disk that removing it would free, holes not counted.
   */
  'uniqueBytes': (string);
  /**
   * Bytes on disk of the disk that it hangs on and shares with its siblings.
   */
  'sharedBytes': (string);
  /**
   * VMs that were made from it so far, and the seconds of work that it saved them.
   */
  'uses': (number);
  'savedSeconds': (number);
  /**
   * VMs that live on it now, and machines that wait prepared.
   */
  'vms': (number);
  'prepared': (number);
  /**
   * Why it is kept, one reason each, for people.
   */
  'keptBecause': (string)[];
  /**
   * Why it cannot be used (quarantine); only `plant` and `name` are set besides. Empty: it can be.
   */
  'problem': (string);
}
