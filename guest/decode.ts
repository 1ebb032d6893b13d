import { type GuestMessage, LINE_LIMIT_BYTES } from './protocol.js';
import {
  isAttributeName,
  isDigest,
  isHostname,
  isMac,
  isMachineId,
  isNonce,
  isPrintableWord,
  isUuid,
} from './words.js';

/** Turns what arrives from a guest, in pieces of any size, into messages. */
export interface GuestDecoder {
  /** The messages that these bytes complete. Never throws: what is not of the protocol is dropped and counted. */
  push(bytes: Uint8Array): readonly GuestMessage[];
  /** How many lines were dropped so far. */
  readonly dropped: number;
}

/** A decoder for one connection. It holds at most one line, whatever the guest sends. */
export function createGuestDecoder(): GuestDecoder {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let overlong = false;
  let dropped = 0;

  const finishLine = (last: Buffer): GuestMessage | undefined => {
    const tooLong = overlong || heldBytes + last.length > LINE_LIMIT_BYTES;
    const line = tooLong ? '' : Buffer.concat([...held, last]).toString('latin1');
    held = [];
    heldBytes = 0;
    overlong = false;
    if (line === '' && !tooLong) return undefined;
    const message = tooLong ? undefined : decodeGuestLine(line);
    if (message === undefined) dropped += 1;
    return message;
  };

  return {
    get dropped() {
      return dropped;
    },
    push(bytes) {
      const messages: GuestMessage[] = [];
      let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const message = finishLine(rest.subarray(0, end));
        if (message !== undefined) messages.push(message);
        rest = rest.subarray(end + 1);
      }
      if (overlong || heldBytes + rest.length > LINE_LIMIT_BYTES) {
        overlong = true;
        held = [];
        heldBytes = 0;
      } else if (rest.length > 0) {
        // A copy: the caller may use its buffer again.
        held.push(Buffer.from(rest));
        heldBytes += rest.length;
      }
      return messages;
    },
  };
}

/** One line without its end; undefined when it is not a message. Pure. */
export function decodeGuestLine(line: string): GuestMessage | undefined {
  const [kind = '', ...words] = line.split(' ');
  const decode = DECODERS.get(kind);
  if (decode === undefined || words.length !== decode.words) return undefined;
  return decode.read(words);
}

interface LineDecoder {
  readonly words: number;
  readonly read: (words: readonly string[]) => GuestMessage | undefined;
}

const DECODERS: ReadonlyMap<string, LineDecoder> = new Map<string, LineDecoder>([
  ['ready', { words: 2, read: readReady }],
  [
    'accepted',
    { words: 1, read: ([nonce = '']) => (isNonce(nonce) ? { kind: 'accepted', nonce } : undefined) },
  ],
  ['refused', { words: 2, read: readRefused }],
  ['renewed', { words: 7, read: readRenewed }],
  ['started', { words: 2, read: readStarted }],
  ['output', { words: 3, read: readOutput }],
  ['attribute', { words: 4, read: readAttribute }],
  ['ended', { words: 5, read: readEnded }],
  ['done', { words: 1, read: ([nonce = '']) => (isNonce(nonce) ? { kind: 'done', nonce } : undefined) }],
]);

function readReady([protocol = '', guestKernel = '']: readonly string[]): GuestMessage | undefined {
  const version = wholeNumber(protocol);
  return version !== undefined && isPrintableWord(guestKernel)
    ? { kind: 'ready', protocol: version, guestKernel }
    : undefined;
}

function readRefused([nonce = '', encoded = '']: readonly string[]): GuestMessage | undefined {
  const reason = base64(encoded);
  return isNonce(nonce) && reason !== undefined
    ? { kind: 'refused', nonce, reason: reason.toString('utf8') }
    : undefined;
}

function readRenewed(words: readonly string[]): GuestMessage | undefined {
  const [nonce = '', hostname = '', machineId = '', bootId = '', mac = '', key = '', random = ''] = words;
  const good =
    isNonce(nonce) &&
    isHostname(hostname) &&
    isMachineId(machineId) &&
    isUuid(bootId) &&
    (mac === '-' || isMac(mac)) &&
    (key === '-' || isDigest(key)) &&
    /^[0-9a-f]{32}$/.test(random);
  if (!good) return undefined;
  return {
    kind: 'renewed',
    nonce,
    hostname,
    machineId,
    bootId,
    mac: mac === '-' ? undefined : mac,
    sshHostKeyDigest: key === '-' ? undefined : key,
    random,
  };
}

function readStarted([nonce = '', position = '']: readonly string[]): GuestMessage | undefined {
  const index = wholeNumber(position);
  return isNonce(nonce) && index !== undefined ? { kind: 'started', nonce, index } : undefined;
}

function readOutput([nonce = '', position = '', encoded = '']: readonly string[]): GuestMessage | undefined {
  const index = wholeNumber(position);
  const data = base64(encoded);
  return isNonce(nonce) && index !== undefined && data !== undefined
    ? { kind: 'output', nonce, index, data }
    : undefined;
}

function readAttribute([nonce = '', position = '', name = '', encoded = '']: readonly string[]):
  | GuestMessage
  | undefined {
  const index = wholeNumber(position);
  const value = base64(encoded);
  if (!isNonce(nonce) || index === undefined || !isAttributeName(name) || value === undefined)
    return undefined;
  return { kind: 'attribute', nonce, index, name, value: value.toString('utf8') };
}

function readEnded(words: readonly string[]): GuestMessage | undefined {
  const [nonce = '', position = '', result = '', duration = '', cut = ''] = words;
  const index = wholeNumber(position);
  const status = result === '-1' ? -1 : wholeNumber(result);
  const milliseconds = wholeNumber(duration);
  if (!isNonce(nonce) || index === undefined || milliseconds === undefined) return undefined;
  // 256 + the highest real-time signal.
  if (status === undefined || status > 256 + 64 || (cut !== '0' && cut !== '1')) return undefined;
  return { kind: 'ended', nonce, index, status, milliseconds, truncated: cut === '1' };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Strict: Node's own decoder takes anything. */
function base64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
