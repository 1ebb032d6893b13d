import { VmplantsError } from '../model/errors.js';
import { openPlainFile } from './openPlainFile.js';

/** How large a file may be, and the reason of the error when it is larger. */
export interface SizeBound {
  readonly bytes: number;
  /** For people, for example `1 MiB`. */
  readonly inWords: string;
  readonly reason: string;
}

/**
 * The text of a small regular file of one name. `what` names it in errors. Rejects as `openPlainFile` does, and with
 * FAILED_PRECONDITION for a file that is too large.
 */
export async function readSmallFile(path: string, what: string, bound: SizeBound): Promise<string> {
  const { handle, stats } = await openPlainFile(path, what);
  try {
    if (stats.size > BigInt(bound.bytes)) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        `${what}: expected at most ${bound.inWords}; found ${stats.size} bytes`,
        { reason: bound.reason },
      );
    }
    // The file may grow meanwhile: never read more than what was allowed.
    const content = Buffer.alloc(Number(stats.size));
    let length = 0;
    while (length < content.length) {
      const { bytesRead } = await handle.read(content, length, content.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return content.subarray(0, length).toString('utf8');
  } finally {
    await handle.close();
  }
}
