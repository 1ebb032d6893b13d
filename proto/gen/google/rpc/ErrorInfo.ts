// Original file: proto/google/rpc/status.proto


/**
 * Why a call failed, for programs.
 */
export interface ErrorInfo {
  /**
   * Stable upper-case word.
   */
  'reason'?: (string);
  /**
   * Always "vmplants".
   */
  'domain'?: (string);
  'metadata'?: ({[key: string]: string});
}

/**
 * Why a call failed, for programs.
 */
export interface ErrorInfo__Output {
  /**
   * Stable upper-case word.
   */
  'reason': (string);
  /**
   * Always "vmplants".
   */
  'domain': (string);
  'metadata': ({[key: string]: string});
}
