// Original file: proto/vmplants/v1/vm.proto


/**
 * Bytes to a VM's serial console. The first message names the VM.
 */
export interface ConsoleInput {
  'vmid'?: (string);
  'data'?: (Buffer | Uint8Array | string);
}

/**
 * Bytes to a VM's serial console. The first message names the VM.
 */
export interface ConsoleInput__Output {
  'vmid': (string);
  'data': (Buffer);
}
