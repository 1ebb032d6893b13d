import type { Progress } from '../../model/progress.js';
import type { Progress__Output, Progress as ProgressMessage } from '../gen/vmplants/v1/Progress.js';

export function progressToMessage(progress: Progress): ProgressMessage {
  return {
    phase: progress.phase,
    action: progress.action ?? '',
    message: progress.message,
    ...(progress.seconds === undefined ? {} : { seconds: progress.seconds }),
  };
}

export function progressFromMessage(message: Progress__Output): Progress {
  return {
    phase: message.phase,
    ...(message.action === '' ? {} : { action: message.action }),
    message: message.message,
    ...(message.seconds === undefined ? {} : { seconds: message.seconds }),
  };
}
