// Original file: proto/vmplants/v1/image.proto


export interface UpdateImageRequest {
  'name'?: (string);
  /**
   * Domain of the caller; empty means `default`. NOT_FOUND unless the image is its own or has no owner.
   */
  'clientDomain'?: (string);
  /**
   * What other client domains may use: `no`, `disk`, `memory`. FAILED_PRECONDITION for an image without an owner.
   */
  'shared'?: (string);
  'pinned'?: (boolean);
  '_shared'?: "shared";
  '_pinned'?: "pinned";
}

export interface UpdateImageRequest__Output {
  'name': (string);
  /**
   * Domain of the caller; empty means `default`. NOT_FOUND unless the image is its own or has no owner.
   */
  'clientDomain': (string);
  /**
   * What other client domains may use: `no`, `disk`, `memory`. FAILED_PRECONDITION for an image without an owner.
   */
  'shared'?: (string);
  'pinned'?: (boolean);
  '_shared'?: "shared";
  '_pinned'?: "pinned";
}
