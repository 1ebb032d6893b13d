import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostAction } from '../../model/action.js';
import { diskSerial } from '../../model/diskSerial.js';
import type { NewDevice } from '../line/line.js';
import { newMacs, type RandomBytes } from './identity.js';
import { isExecutable, packIso } from './packIso.js';

/**
 * The device that a host action adds. An ISO is written into the clone's directory and stays as long as the VM:
 * it is in the VM's drive. Written anew when the action is tried again.
 */
export async function newDevice(
  action: HostAction,
  directory: string,
  random: RandomBytes,
): Promise<NewDevice> {
  const { operation } = action;
  switch (operation.kind) {
    case 'add-disk':
      return {
        kind: 'disk',
        action: action.name,
        sizeMiB: operation.sizeMiB,
        serial: diskSerial(action.name),
      };
    case 'add-network-interface': {
      const [mac = ''] = newMacs(1, new Set(), random);
      return { kind: 'network-interface', action: action.name, mac };
    }
    case 'attach-iso': {
      const isoFile = join(directory, `attached-${Buffer.from(random(8)).toString('hex')}.iso`);
      const files = operation.files.map(({ path, content, mode }) => ({
        path,
        data: content,
        executable: isExecutable(mode),
      }));
      await writeFile(isoFile, packIso(operation.label, files), { mode: 0o600, flag: 'wx' });
      return { kind: 'iso', action: action.name, isoFile };
    }
  }
}
