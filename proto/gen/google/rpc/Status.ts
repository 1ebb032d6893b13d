// Original file: proto/google/rpc/status.proto

import type { Any as _google_protobuf_Any, Any__Output as _google_protobuf_Any__Output } from '../../google/protobuf/Any.js';

/**
 * What a call ended with.
 */
export interface Status {
  /**
   * A google.rpc.Code, the number of the gRPC status.
   */
  'code'?: (number);
  /**
   * One sentence for people.
   */
  'message'?: (string);
  /**
   * BadRequest, ErrorInfo and Help messages, and vmplants.v1.ActionFailure.
   */
  'details'?: (_google_protobuf_Any)[];
}

/**
 * What a call ended with.
 */
export interface Status__Output {
  /**
   * A google.rpc.Code, the number of the gRPC status.
   */
  'code': (number);
  /**
   * One sentence for people.
   */
  'message': (string);
  /**
   * BadRequest, ErrorInfo and Help messages, and vmplants.v1.ActionFailure.
   */
  'details': (_google_protobuf_Any__Output)[];
}
