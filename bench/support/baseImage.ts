import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../dev/command.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import { readDescriptor } from '../../warehouse/descriptor.js';
import type { BenchContext } from '../measurement.js';
import type { Surroundings } from './surroundings.js';

/** A base image that a measurement clones from. */
export interface BaseImage {
  readonly warehouse: string;
  readonly name: string;
  readonly base: 'micro' | 'debian-12';
  readonly memoryMiB: number;
}

/**
 * The image, from an earlier run or made as users make it.
 * @param dataDirectory in which the machine lies while it is made; whoever made the directory removes what is left
 */
export async function baseImage(
  { programs }: Surroundings,
  { warehouse, name, base, memoryMiB }: BaseImage,
  dataDirectory: string,
  { report, signal }: BenchContext,
): Promise<LocatedImage> {
  const directory = join(warehouse, name);
  if (!existsSync(join(directory, 'image.json'))) {
    report(`making golden image ${name}`);
    await mkdir(warehouse, { recursive: true });
    const args = ['warehouse', 'build', name, '--base', base, '--memory', String(memoryMiB)];
    await runCommand(programs.vmplant, [...args, '--warehouse', warehouse, '--data', dataDirectory], {
      programs,
      print: (line) => report(`  ${line}`),
      signal,
    });
  }
  return { directory, descriptor: await readDescriptor(directory) };
}
