// Original file: proto/vmplants/v1/request.proto


export interface File {
  /**
   * Relative; no `..`.
   */
  'path'?: (string);
  /**
   * At most 16 MiB; 48 MiB for all files of a request.
   */
  'content'?: (Buffer | Uint8Array | string);
  /**
   * Permission bits; absent means the default, 0644.
   */
  'mode'?: (number);
  '_mode'?: "mode";
}

export interface File__Output {
  /**
   * Relative; no `..`.
   */
  'path': (string);
  /**
   * At most 16 MiB; 48 MiB for all files of a request.
   */
  'content': (Buffer);
  /**
   * Permission bits; absent means the default, 0644.
   */
  'mode'?: (number);
  '_mode'?: "mode";
}
