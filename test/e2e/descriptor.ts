import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage } from '../../model/goldenImage.js';
import { descriptorText, readDescriptor } from '../../warehouse/descriptor.js';
import { DESCRIPTOR_FILE } from '../../warehouse/layout.js';

/** Writes another descriptor into an image's directory, as somebody could who may write there. */
export async function rewriteDescriptor(
  directory: string,
  change: (image: GoldenImage) => GoldenImage,
): Promise<void> {
  const image = await readDescriptor(directory, 'as-written');
  await writeFile(join(directory, DESCRIPTOR_FILE), descriptorText(change(image)));
}

/** The descriptor with the size and digest that a file of it has now. */
export async function withFileAsItIs(
  image: GoldenImage,
  directory: string,
  path: string,
): Promise<GoldenImage> {
  const bytes = await readFile(join(directory, path));
  const entry = { path, bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') };
  return { ...image, files: image.files.map((file) => (file.path === path ? entry : file)) };
}
