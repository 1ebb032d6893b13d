// Original file: proto/vmplants/v1/image.proto

import type { LearningReport as _vmplants_v1_LearningReport, LearningReport__Output as _vmplants_v1_LearningReport__Output } from '../../vmplants/v1/LearningReport.js';

export interface LearnResponse {
  'reports'?: (_vmplants_v1_LearningReport)[];
  'unreachable'?: (string)[];
}

export interface LearnResponse__Output {
  'reports': (_vmplants_v1_LearningReport__Output)[];
  'unreachable': (string)[];
}
