import type { HostMessage } from './protocol.js';
import { LINE_LIMIT_BYTES } from './protocol.js';
import { isDigest, isNonce } from './words.js';

/**
 * A message as the line that goes to the guest, with its end.
 * @throws RangeError when a field is not of the protocol: a space or newline in one would make it another message
 */
export function encodeHostMessage(message: HostMessage): string {
  const line = words(message).join(' ');
  if (line.length >= LINE_LIMIT_BYTES) {
    throw new RangeError(
      `guest message ${message.kind}: expected less than ${LINE_LIMIT_BYTES} bytes, found ${line.length}`,
    );
  }
  return `${line}\n`;
}

function words(message: HostMessage): readonly string[] {
  switch (message.kind) {
    case 'hello':
    case 'stop':
      return [message.kind];
    case 'cancel':
    case 'quiesce':
      return [message.kind, checked('nonce', message.nonce, isNonce)];
    case 'configure':
      return [
        message.kind,
        checked('nonce', message.nonce, isNonce),
        checked('manifestDigest', message.manifestDigest, isDigest),
        whole('epochMilliseconds', message.epochMilliseconds, 0, Number.MAX_SAFE_INTEGER),
      ];
    case 'exec':
      return [
        message.kind,
        checked('nonce', message.nonce, isNonce),
        whole('timeoutSeconds', message.timeoutSeconds, 1, 9_999_999),
        Buffer.from(message.script, 'utf8').toString('base64'),
      ];
  }
}

function checked(field: string, value: string, test: (text: string) => boolean): string {
  if (test(value)) return value;
  throw new RangeError(
    `guest message: ${field} is not of the protocol: ${JSON.stringify(value.slice(0, 80))}`,
  );
}

function whole(field: string, value: number, least: number, most: number): string {
  const rounded = Math.floor(value);
  if (rounded >= least && rounded <= most) return String(rounded);
  throw new RangeError(`guest message: expected ${field} from ${least} to ${most}, found ${value}`);
}
