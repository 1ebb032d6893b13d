import { join, resolve } from 'node:path';
import type { LocatedImage } from '../model/goldenImage.js';
import { copySparse } from './copySparse.js';
import { readDescriptor } from './descriptor.js';
import { checkImageName } from './layout.js';
import { publish } from './publish.js';
import { fileReferences } from './references.js';
import { createStaging, discardStaging } from './staging.js';

export interface ImportRequest {
  readonly warehouse: string;
  /** A directory anywhere with `image.json` and the files that it names. It is left as it is. */
  readonly source: string;
  /** Publishes it under this name; default: the name in its descriptor, or else that of the directory. */
  readonly name?: string;
  readonly signal: AbortSignal;
}

/**
 * Publishes a copy of a directory that was made elsewhere. Files that its descriptor does not name are not
 * copied; digests that its descriptor lists have to be right. Rejects as `publish` does and leaves nothing.
 */
export async function importImage(request: ImportRequest): Promise<LocatedImage> {
  const { warehouse, signal } = request;
  const source = resolve(request.source);
  const found = await readDescriptor(source, 'as-written');
  const { files, ...rest } = found;
  const image = { ...rest, name: request.name ?? found.name };
  checkImageName(image.name);
  const staging = await createStaging(warehouse);
  try {
    for (const { path } of fileReferences(image)) {
      await copySparse(join(source, path), join(staging, path), `${image.name}/${path}`, signal);
    }
    return await publish({ warehouse, staging, image, expected: files, signal });
  } finally {
    // Gone already when it was published.
    await discardStaging(warehouse, staging);
  }
}
