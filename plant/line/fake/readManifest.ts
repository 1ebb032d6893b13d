import type { Manifest, ManifestAction, ManifestFile, ManifestIdentity } from '../../../guest/protocol.js';

/**
 * Reads the text form of a manifest (`guest/protocol.ts`), as the daemon in a real guest does; undefined when it is
 * not one. Pure.
 */
export function readManifest(text: string): Manifest | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.shift() !== 'vmplants-manifest 1') return undefined;
  const single = new Map<string, string>();
  const macs: string[] = [];
  const files: ManifestFile[] = [];
  const actions: ManifestAction[] = [];
  for (const line of lines) {
    const [word = '', one = '', two = '', three = ''] = line.split(' ');
    if (word === 'mac') macs.push(two);
    else if (word === 'file') files.push({ digest: one, path: two });
    else if (word === 'action')
      actions.push({ index: Number(one), timeoutSeconds: Number(two), directory: three });
    else if (SINGLE_WORDS.has(word) && !single.has(word)) single.set(word, one);
    else return undefined;
  }
  const vmid = single.get('vm');
  const nonce = single.get('nonce');
  if (vmid === undefined || nonce === undefined) return undefined;
  return { vmid, nonce, identity: identityOf(single, macs), files, actions };
}

const SINGLE_WORDS = new Set(['vm', 'nonce', 'hostname', 'machine-id', 'boot-id', 'seed', 'ssh-host-key']);

function identityOf(
  single: ReadonlyMap<string, string>,
  macs: readonly string[],
): ManifestIdentity | undefined {
  const hostname = single.get('hostname');
  const machineId = single.get('machine-id');
  const bootId = single.get('boot-id');
  const seedPath = single.get('seed');
  if (hostname === undefined || machineId === undefined || bootId === undefined || seedPath === undefined) {
    return undefined;
  }
  return { hostname, machineId, bootId, seedPath, macs, sshHostKeyPath: single.get('ssh-host-key') };
}
