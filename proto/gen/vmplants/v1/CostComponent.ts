// Original file: proto/vmplants/v1/vm.proto


export interface CostComponent {
  'name'?: (string);
  'cost'?: (number | string);
  /**
   * What it is computed from, for example `4 x 3 VMs`.
   */
  'basis'?: (string);
}

export interface CostComponent__Output {
  'name': (string);
  'cost': (number);
  /**
   * What it is computed from, for example `4 x 3 VMs`.
   */
  'basis': (string);
}
