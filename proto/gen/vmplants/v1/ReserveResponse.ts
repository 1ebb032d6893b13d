// Original file: proto/vmplants/v1/plant.proto


export interface ReserveResponse {
  /**
   * For how long from now it holds.
   */
  'holdsForMilliseconds'?: (number);
}

export interface ReserveResponse__Output {
  /**
   * For how long from now it holds.
   */
  'holdsForMilliseconds': (number);
}
