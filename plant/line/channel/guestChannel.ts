import type { Socket } from 'node:net';
import { createGuestDecoder } from '../../../guest/decode.js';
import { encodeHostMessage } from '../../../guest/encode.js';
import type { GuestMessage, HostMessage } from '../../../guest/protocol.js';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted } from '../../untilAborted.js';
import type { GuestChannel } from '../line.js';

/** A guest channel, and the way to hang up. */
export interface OpenGuestChannel extends GuestChannel {
  /** Resolves when the guest has said something through these ends. */
  readonly heard: Promise<void>;
  /** Closes the host's end; the daemon waits for the next one. */
  close(): void;
}

/** What a guest channel goes over: one socket both ways, or a pipe for each way. */
export interface ChannelEnds {
  readonly fromGuest: Socket;
  readonly toGuest: Socket;
  /**
   * Keeps what is sent until the guest has said something: a serial line that nobody has opened yet would echo it, and
   * cut what is long.
   */
  readonly holdUntilHeard: boolean;
}

/** The guest channel over open ends. */
export function openGuestChannel({ fromGuest, toGuest, holdUntilHeard }: ChannelEnds): OpenGuestChannel {
  const listeners = new Set<(message: GuestMessage) => void>();
  const decoder = createGuestDecoder();
  let closed = false;
  let hear: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  let held: string[] | undefined = holdUntilHeard ? [] : undefined;
  for (const end of new Set([fromGuest, toGuest])) {
    // An error is always followed by 'close', which says all that matters.
    end.on('error', () => undefined);
    end.once('close', () => {
      closed = true;
      listeners.clear();
    });
  }
  const letGo = (): void => {
    const lines = held;
    held = undefined;
    if (lines !== undefined && lines.length > 0) toGuest.write(lines.join(''));
  };
  fromGuest.on('data', (bytes: Buffer) => {
    for (const message of decoder.push(bytes)) {
      hear();
      letGo();
      for (const listener of listeners) listener(message);
    }
  });
  return {
    heard,
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
      if (held !== undefined) {
        held.push(line);
        return;
      }
      const written = new Promise<void>((resolve, reject) => {
        // A guest that does not read lets the line wait in the monitor; the signal ends the waiting.
        toGuest.write(line, (error) => (error ? reject(channelClosed(error)) : resolve()));
      });
      await untilAborted(written, signal);
    },
    close: () => {
      fromGuest.destroy();
      toGuest.destroy();
    },
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
