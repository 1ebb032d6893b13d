import type { Manifest, ManifestAction, ManifestFile, ManifestIdentity } from './protocol.js';
import { isDigest, isHostname, isMac, isMachineId, isNonce, isPath, isUuid } from './words.js';

/** The daemon refuses a longer list. */
export const MANIFEST_FILES_LIMIT = 8192;
export const MANIFEST_ACTIONS_LIMIT = 1024;
export const MANIFEST_MACS_LIMIT = 16;

/**
 * The text of a manifest, in the form that `Manifest` in `protocol.ts` describes.
 * @throws RangeError naming the first item that the daemon would refuse
 */
export function writeManifest(manifest: Manifest): string {
  if (manifest.files.length > MANIFEST_FILES_LIMIT || manifest.actions.length > MANIFEST_ACTIONS_LIMIT) {
    throw new RangeError(
      `manifest: expected at most ${MANIFEST_FILES_LIMIT} files and ${MANIFEST_ACTIONS_LIMIT} actions, found ${manifest.files.length} and ${manifest.actions.length}`,
    );
  }
  return `${[
    'vmplants-manifest 1',
    `vm ${checked('vm', manifest.vmid, isNonce)}`,
    `nonce ${checked('nonce', manifest.nonce, isNonce)}`,
    ...(manifest.identity === undefined ? [] : identityLines(manifest.identity)),
    ...manifest.files.map(fileLine),
    ...manifest.actions.map(actionLine),
  ].join('\n')}\n`;
}

function identityLines(identity: ManifestIdentity): readonly string[] {
  if (identity.macs.length > MANIFEST_MACS_LIMIT) {
    throw new RangeError(
      `manifest: expected at most ${MANIFEST_MACS_LIMIT} addresses, found ${identity.macs.length}`,
    );
  }
  return [
    `hostname ${checked('hostname', identity.hostname, isHostname)}`,
    `machine-id ${checked('machine-id', identity.machineId, isMachineId)}`,
    `boot-id ${checked('boot-id', identity.bootId, isUuid)}`,
    `seed ${checked('seed', identity.seedPath, isPath)}`,
    ...identity.macs.map((mac, index) => `mac ${index} ${checked('mac', mac, isMac)}`),
    ...(identity.sshHostKeyPath === undefined
      ? []
      : [`ssh-host-key ${checked('ssh-host-key', identity.sshHostKeyPath, isPath)}`]),
  ];
}

function fileLine(file: ManifestFile): string {
  return `file ${checked('digest', file.digest, isDigest)} ${checked('file', file.path, isPath)}`;
}

function actionLine(action: ManifestAction, position: number): string {
  const { index, timeoutSeconds, directory } = action;
  if (index !== position) throw new RangeError(`manifest: expected action ${position}, found ${index}`);
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 9_999_999) {
    throw new RangeError(
      `manifest: expected a timeout of 1 to 9999999 whole seconds, found ${timeoutSeconds}`,
    );
  }
  if (directory.includes('/'))
    throw new RangeError(`manifest: expected a directory in the root, found ${directory}`);
  return `action ${index} ${timeoutSeconds} ${checked('directory', directory, isPath)}`;
}

function checked(item: string, value: string, test: (text: string) => boolean): string {
  if (test(value)) return value;
  throw new RangeError(`manifest: bad ${item}: ${JSON.stringify(value.slice(0, 300))}`);
}
