/**
 * The words of the protocol: what a field may look like on either side. `manifest.c` and `main.c` of the daemon hold
 * the same rules.
 */

/** Nonces and VMIDs. */
export function isNonce(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(text);
}

/** Lower-case hexadecimal SHA-256. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

export function isMachineId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

export function isHostname(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(text);
}

/** Of one machine (not multicast), not zero. */
export function isMac(text: string): boolean {
  return /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/.test(text) && text !== '00:00:00:00:00:00';
}

/** Relative, at most 511 characters, no empty, `.` or `..` part, no character that means something to anybody. */
export function isPath(text: string): boolean {
  return (
    text.length <= 511 &&
    text.split('/').every((part) => /^[A-Za-z0-9._+@=,~-]+$/.test(part) && part !== '.' && part !== '..')
  );
}

/** What an attribute of a script may be called. */
export function isAttributeName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text);
}

/** `uname -r`, and other single words that are shown to people. */
export function isPrintableWord(text: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(text);
}
