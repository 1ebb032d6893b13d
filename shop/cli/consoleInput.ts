/** Ctrl-], as telnet and virsh have it. */
const ESCAPE_BYTE = 0x1d;

/**
 * The bytes up to the escape key. Calls `leave` at the key and ends; ends without it when the input does.
 */
export async function* untilEscape(
  input: AsyncIterable<Uint8Array | string>,
  leave: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = bytes.indexOf(ESCAPE_BYTE);
    if (end === -1) {
      yield bytes;
      continue;
    }
    if (end > 0) yield bytes.subarray(0, end);
    leave();
    return;
  }
}
