// Original file: proto/vmplants/v1/request.proto

import type { File as _vmplants_v1_File, File__Output as _vmplants_v1_File__Output } from '../../vmplants/v1/File.js';

/**
 * An ISO 9660 image of these files in the second CD-ROM drive.
 */
export interface AttachIso {
  /**
   * Volume label, at most 32 characters A-Z, 0-9 and `_`.
   */
  'label'?: (string);
  'files'?: (_vmplants_v1_File)[];
}

/**
 * An ISO 9660 image of these files in the second CD-ROM drive.
 */
export interface AttachIso__Output {
  /**
   * Volume label, at most 32 characters A-Z, 0-9 and `_`.
   */
  'label': (string);
  'files': (_vmplants_v1_File__Output)[];
}
