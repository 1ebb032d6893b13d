import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GoldenImage } from '../../model/goldenImage.js';
import { importImage } from '../../warehouse/importImage.js';
import { type Cluster, copyImage } from './cluster.js';
import { rewriteDescriptor } from './descriptor.js';

const COPY_MILLISECONDS = 120_000;

/** What a variant is called, and which system it says that it has, so that no other image takes its place. */
export interface Variant {
  readonly name: string;
  readonly system: string;
  /** Changes files in the copy, and gives the descriptor that fits what is there then. Default: changes nothing. */
  readonly alter?: (image: GoldenImage, directory: string) => Promise<GoldenImage>;
}

/** Publishes a changed copy of the micro image in the cluster's own warehouse; resolves when its plants see it. */
export async function publishVariant(cluster: Cluster, { name, system, alter }: Variant): Promise<void> {
  const elsewhere = join(cluster.directory, `elsewhere-${name}`);
  const source = join(elsewhere, 'micro');
  await copyImage(cluster.warehouse, 'micro', elsewhere);
  let changed: GoldenImage | undefined;
  await rewriteDescriptor(source, (image) => {
    changed = { ...image, name, operatingSystem: { ...image.operatingSystem, name: system } };
    return changed;
  });
  if (alter !== undefined && changed !== undefined) {
    const altered = await alter(changed, source);
    await rewriteDescriptor(source, () => altered);
  }
  const signal = AbortSignal.timeout(COPY_MILLISECONDS);
  await importImage({ warehouse: cluster.warehouse, source, signal });
  await rm(elsewhere, { recursive: true });
  const names = async (): Promise<readonly string[]> =>
    (await cluster.shop().images()).images.map((image) => image.name);
  await expect.poll(names, { timeout: 30_000 }).toContain(name);
}
