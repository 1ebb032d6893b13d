// Original file: proto/vmplants/v1/request.proto


export interface Parameter {
  'name'?: (string);
  'value'?: (string);
  /**
   * Name of a parameter of the request's identity.
   */
  'identity'?: (string);
  'source'?: "value"|"identity";
}

export interface Parameter__Output {
  'name': (string);
  'value'?: (string);
  /**
   * Name of a parameter of the request's identity.
   */
  'identity'?: (string);
  'source'?: "value"|"identity";
}
