import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage, ImagePolicy } from '../model/goldenImage.js';
import { descriptorText } from './descriptor.js';
import { fileError } from './fileError.js';
import { DESCRIPTOR_FILE, POLICY_FILE, POLICY_TEMPORARY } from './layout.js';
import { policyText } from './policy.js';

/**
 * Writes `policy.json`, where something was decided, and then `image.json` into a staging directory; both are on the
 * disk when it resolves. What an earlier attempt left there is replaced, or removed: an old policy must not come to
 * hold for a new image.
 */
export async function writeDescription(
  staging: string,
  image: GoldenImage,
  policy: ImagePolicy | undefined,
): Promise<void> {
  await rm(join(staging, POLICY_TEMPORARY), { force: true });
  await rm(join(staging, POLICY_FILE), { force: true });
  if (policy !== undefined) await writeText(staging, POLICY_FILE, policyText(policy), 0o644, image.name);
  await writeText(staging, DESCRIPTOR_FILE, descriptorText(image), 0o444, image.name);
}

async function writeText(
  staging: string,
  file: string,
  text: string,
  mode: number,
  name: string,
): Promise<void> {
  const temporary = join(staging, `.${file}.tmp`);
  try {
    await rm(temporary, { force: true });
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(staging, file));
  } catch (thrown) {
    throw fileError(thrown, `${name}/${file}`);
  }
}
