import { runCommand } from '../../warehouse/assemble/command.js';

/** A disk of some GiB on a slow host. */
const TIMEOUT_MILLISECONDS = 600_000;

/** Arguments that write another name of the same backing file into an overlay's header. Pure. */
export function renameBackingArguments(disk: string, backing: string): readonly string[] {
  return ['rebase', '-q', '-f', 'qcow2', '-u', '-F', 'qcow2', '-b', backing, disk];
}

/** Arguments that make one disk of its own out of an overlay and all that is below it. Pure. */
export function flattenArguments(disk: string, target: string): readonly string[] {
  return ['convert', '-q', '-f', 'qcow2', '-O', 'qcow2', disk, target];
}

export async function runQemuImg(
  argumentVector: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  await runCommand(
    {
      tool: 'qemu-img',
      arguments: argumentVector,
      debianPackage: 'qemu-utils',
      environment,
      timeoutMs: TIMEOUT_MILLISECONDS,
    },
    signal,
  );
}
