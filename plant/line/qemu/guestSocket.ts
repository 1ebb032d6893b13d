import type { Socket } from 'node:net';
import { createGuestDecoder } from '../../../guest/decode.js';
import { encodeHostMessage } from '../../../guest/encode.js';
import type { GuestMessage, HostMessage } from '../../../guest/protocol.js';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted } from '../../untilAborted.js';
import type { GuestChannel } from '../line.js';

/** A guest channel, and the way to hang up. */
export interface GuestSocket extends GuestChannel {
  /** Closes the host's end; the daemon waits for the next one. */
  close(): void;
}

/** The guest channel over a connected socket of the monitor. */
export function openGuestSocket(socket: Socket): GuestSocket {
  const listeners = new Set<(message: GuestMessage) => void>();
  const decoder = createGuestDecoder();
  let closed = false;
  // An error is always followed by 'close', which says all that matters.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    closed = true;
    listeners.clear();
  });
  socket.on('data', (bytes: Buffer) => {
    for (const message of decoder.push(bytes)) for (const listener of listeners) listener(message);
  });
  return {
    get dropped() {
      return decoder.dropped;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async send(message: HostMessage, signal: AbortSignal): Promise<void> {
      throwIfAborted(signal);
      if (closed) throw channelClosed();
      const line = encode(message);
      const written = new Promise<void>((resolve, reject) => {
        // A guest that does not read lets the line wait in the monitor; the signal ends the waiting.
        socket.write(line, (error) => (error ? reject(channelClosed(error)) : resolve()));
      });
      await untilAborted(written, signal);
    },
    close: () => socket.destroy(),
  };
}

function encode(message: HostMessage): string {
  try {
    return encodeHostMessage(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new VmplantsError('INVALID_ARGUMENT', error.message, {
      reason: 'GUEST_MESSAGE_INVALID',
      cause: error,
    });
  }
}

function channelClosed(cause?: Error): VmplantsError {
  return new VmplantsError(
    'UNAVAILABLE',
    'the guest channel is closed: the machine has ended or was released',
    {
      reason: 'GUEST_CHANNEL_CLOSED',
      cause,
    },
  );
}
