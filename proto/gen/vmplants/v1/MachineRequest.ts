// Original file: proto/vmplants/v1/request.proto

import type { Hardware as _vmplants_v1_Hardware, Hardware__Output as _vmplants_v1_Hardware__Output } from '../../vmplants/v1/Hardware.js';
import type { OperatingSystem as _vmplants_v1_OperatingSystem, OperatingSystem__Output as _vmplants_v1_OperatingSystem__Output } from '../../vmplants/v1/OperatingSystem.js';
import type { Action as _vmplants_v1_Action, Action__Output as _vmplants_v1_Action__Output } from '../../vmplants/v1/Action.js';

/**
 * A creation request: hardware, operating system, network, identity and the DAG of configuration actions.
 * Anything that is not as its comment says is answered with INVALID_ARGUMENT and the path of the field.
 */
export interface MachineRequest {
  'hardware'?: (_vmplants_v1_Hardware | null);
  'operatingSystem'?: (_vmplants_v1_OperatingSystem | null);
  /**
   * `host-only` (the default when empty) or `none`.
   */
  'network'?: (string);
  /**
   * Owner of networks, like a DNS name. Two domains never share a host-only network. Default: `default`.
   */
  'clientDomain'?: (string);
  /**
   * The production line that must be used, for example `qemu`; empty means any.
   */
  'line'?: (string);
  /**
   * The VM's own parameters, for example hostname, user, ssh-key. Given to the guest as data after cloning,
   * never part of a golden image. `hostname` defaults to the VMID.
   */
  'identity'?: ({[key: string]: string});
  /**
   * The DAG. At most 1,000 actions and 5,000 edges.
   */
  'actions'?: (_vmplants_v1_Action)[];
}

/**
 * A creation request: hardware, operating system, network, identity and the DAG of configuration actions.
 * Anything that is not as its comment says is answered with INVALID_ARGUMENT and the path of the field.
 */
export interface MachineRequest__Output {
  'hardware': (_vmplants_v1_Hardware__Output | null);
  'operatingSystem': (_vmplants_v1_OperatingSystem__Output | null);
  /**
   * `host-only` (the default when empty) or `none`.
   */
  'network': (string);
  /**
   * Owner of networks, like a DNS name. Two domains never share a host-only network. Default: `default`.
   */
  'clientDomain': (string);
  /**
   * The production line that must be used, for example `qemu`; empty means any.
   */
  'line': (string);
  /**
   * The VM's own parameters, for example hostname, user, ssh-key. Given to the guest as data after cloning,
   * never part of a golden image. `hostname` defaults to the VMID.
   */
  'identity': ({[key: string]: string});
  /**
   * The DAG. At most 1,000 actions and 5,000 edges.
   */
  'actions': (_vmplants_v1_Action__Output)[];
}
