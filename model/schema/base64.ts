/**
 * The bytes that base64 text stands for (RFC 4648, section 4), white space ignored; undefined when it is not base64
 * in its canonical, padded form. Buffer alone would skip over anything else.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  const bytes = Buffer.from(compact, 'base64');
  if (bytes.toString('base64') !== compact) return undefined;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
