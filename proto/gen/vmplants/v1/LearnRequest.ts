// Original file: proto/vmplants/v1/image.proto


export interface LearnRequest {
  /**
   * Only say what would be done. Otherwise what is decided is done in the background, as soon as the plant is idle.
   */
  'dryRun'?: (boolean);
}

export interface LearnRequest__Output {
  /**
   * Only say what would be done. Otherwise what is decided is done in the background, as soon as the plant is idle.
   */
  'dryRun': (boolean);
}
