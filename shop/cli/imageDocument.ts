import type { ImageSummary } from '../client.js';

/** A golden image for programs: as in the library, with its time of creation as RFC 3339. */
export function imageDocument(image: ImageSummary): Readonly<Record<string, unknown>> {
  return { ...image, createdAt: new Date(image.createdAt).toISOString() };
}
