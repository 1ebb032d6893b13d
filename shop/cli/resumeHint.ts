/**
 * How to get back to a creation that is not waited for any more. Each command stands on a line of its own, with
 * nothing before or after it, so that it can be copied whole.
 */
export function resumeHint(creation: {
  readonly file: string;
  readonly requestId: string;
  /** Undefined when the shop had not named the VM yet. */
  readonly vmid: string | undefined;
  readonly keepFailed: boolean;
}): string {
  const { file, requestId, vmid, keepFailed } = creation;
  const again = `vmshop create -f ${quote(file)} --request-id ${quote(requestId)}${keepFailed ? ' --keep-failed' : ''}`;
  const input = file === '-' ? ', with the same request on standard input' : '';
  if (vmid === undefined) {
    return `the shop had not answered yet; if it has the request it goes on; follow it${input}:\n  ${again}`;
  }
  return [
    `the creation of ${vmid} goes on; follow it${input}:`,
    `  ${again}`,
    'or give it up:',
    `  vmshop destroy ${vmid}`,
  ].join('\n');
}

/** For a person to paste into a shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
