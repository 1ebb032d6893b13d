// Original file: proto/vmplants/v1/vm.proto


/**
 * What a plant would ask for a VM now, as far as that does not depend on the order's work: an estimate by which shops
 * decide whom to ask for a bid. Only a bid counts.
 */
export interface Quote {
  /**
   * Of a VM that needs no new host-only network.
   */
  'cost'?: (number | string);
  /**
   * On top of it for a client domain that has no host-only network on the plant.
   */
  'networkCost'?: (number | string);
}

/**
 * What a plant would ask for a VM now, as far as that does not depend on the order's work: an estimate by which shops
 * decide whom to ask for a bid. Only a bid counts.
 */
export interface Quote__Output {
  /**
   * Of a VM that needs no new host-only network.
   */
  'cost': (number);
  /**
   * On top of it for a client domain that has no host-only network on the plant.
   */
  'networkCost': (number);
}
