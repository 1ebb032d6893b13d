// Original file: proto/vmplants/v1/vm.proto


export interface LineDescription {
  'name'?: (string);
  /**
   * `kvm` or `tcg`, or the line's name where it has no such choice; QEMU promises isolation under kvm only.
   */
  'accelerator'?: (string);
  'vmm'?: (string);
  'cpuModel'?: (string);
}

export interface LineDescription__Output {
  'name': (string);
  /**
   * `kvm` or `tcg`, or the line's name where it has no such choice; QEMU promises isolation under kvm only.
   */
  'accelerator': (string);
  'vmm': (string);
  'cpuModel': (string);
}
