// Original file: proto/google/rpc/status.proto


export interface _google_rpc_BadRequest_FieldViolation {
  /**
   * Path of the field, for example `actions[2].after[0]`.
   */
  'field'?: (string);
  'description'?: (string);
}

export interface _google_rpc_BadRequest_FieldViolation__Output {
  /**
   * Path of the field, for example `actions[2].after[0]`.
   */
  'field': (string);
  'description': (string);
}

/**
 * What is wrong with a request, and where in it.
 */
export interface BadRequest {
  'fieldViolations'?: (_google_rpc_BadRequest_FieldViolation)[];
}

/**
 * What is wrong with a request, and where in it.
 */
export interface BadRequest__Output {
  'fieldViolations': (_google_rpc_BadRequest_FieldViolation__Output)[];
}
