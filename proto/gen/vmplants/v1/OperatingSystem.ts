// Original file: proto/vmplants/v1/request.proto


export interface OperatingSystem {
  /**
   * For example `debian` or `micro`.
   */
  'name'?: (string);
  /**
   * For example `12`; empty means any.
   */
  'version'?: (string);
  /**
   * Guest kernel release (`uname -r`); empty means any.
   */
  'kernel'?: (string);
}

export interface OperatingSystem__Output {
  /**
   * For example `debian` or `micro`.
   */
  'name': (string);
  /**
   * For example `12`; empty means any.
   */
  'version': (string);
  /**
   * Guest kernel release (`uname -r`); empty means any.
   */
  'kernel': (string);
}
