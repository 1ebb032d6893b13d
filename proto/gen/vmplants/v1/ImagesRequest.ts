// Original file: proto/vmplants/v1/vm.proto


export interface ImagesRequest {
  /**
   * Only images that this domain may use; empty means all.
   */
  'clientDomain'?: (string);
}

export interface ImagesRequest__Output {
  /**
   * Only images that this domain may use; empty means all.
   */
  'clientDomain': (string);
}
