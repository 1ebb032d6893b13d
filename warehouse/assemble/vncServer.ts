import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssembleSpec } from './assembledDisk.js';
import { fetchPackage, lookUpPackage, unpackPackage } from './packages.js';
import { guestSources } from './program.js';

/**
 * What the VNC server and a usable desktop in it need: 26 MB. The server's own package declares a dependency on
 * x11-utils and so on a stack of graphics drivers (227 MB) that only its wrapper script uses.
 */
export const VNC_PACKAGES = [
  'xfonts-base',
  'libjpeg62-turbo',
  'libx11-6',
  'zlib1g',
  'tightvncpasswd',
  'twm',
  'xterm',
] as const;

/**
 * Puts the server program alone at /usr/local/bin/Xtightvnc, and a configuration of twm for the fonts that there
 * are, for the session of the VMPlants paper's figure 3.
 */
export async function installVncServer(
  tree: string,
  scratch: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  const record = await lookUpPackage('tightvncserver', spec.environment, signal);
  const { file } = await fetchPackage(record, spec.cacheDirectory, spec.environment, signal);
  const unpacked = join(scratch, 'tightvncserver');
  await unpackPackage(file, unpacked, spec.environment, signal);
  const program = join(tree, 'usr/local/bin/Xtightvnc');
  await copyFile(join(unpacked, 'usr/bin/Xtightvnc'), program);
  await chmod(program, 0o755);
  await copyFile(join(guestSources(), 'init', 'system.twmrc'), join(tree, 'etc/X11/twm/system.twmrc'));
}
