/** What can be said about a text that a client sent, and how it is shown in an error. */

/** True when it holds a NUL or half of a surrogate pair: neither can reach a guest as UTF-8 unchanged. */
export function isUnencodable(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text);
}

/** True when it holds a control character (C0, DEL, C1), a line or paragraph separator. */
export function hasControlCharacter(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}

/** UTF-8 bytes of the text. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * The text in quotes for a message: cut to 60 characters, everything but printable ASCII escaped, so that it can
 * neither flood a log nor speak to a terminal.
 */
export function quote(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return JSON.stringify(cut).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
