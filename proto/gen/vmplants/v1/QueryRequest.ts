// Original file: proto/vmplants/v1/vm.proto


export interface QueryRequest {
  'vmid'?: (string);
  /**
   * The shop may answer with what a plant said at most so long ago (Vm.age_milliseconds says how long). 0: the plant is asked.
   */
  'maxAgeMilliseconds'?: (number);
}

export interface QueryRequest__Output {
  'vmid': (string);
  /**
   * The shop may answer with what a plant said at most so long ago (Vm.age_milliseconds says how long). 0: the plant is asked.
   */
  'maxAgeMilliseconds': (number);
}
