import type { GuestMessage, HostMessage } from '../../../guest/protocol.js';
import type { GuestChannel } from '../../../plant/line/line.js';

/** A guest that says what a test has it say. */
export interface ScriptedGuest extends GuestChannel {
  readonly say: (...messages: readonly GuestMessage[]) => void;
  readonly sent: readonly HostMessage[];
  readonly listeners: () => number;
}

/** @param answer called with every message that the host sends */
export function scriptedGuest(
  answer: (message: HostMessage, guest: ScriptedGuest) => void = () => undefined,
): ScriptedGuest {
  const listeners = new Set<(message: GuestMessage) => void>();
  const sent: HostMessage[] = [];
  const guest: ScriptedGuest = {
    dropped: 0,
    sent,
    listeners: () => listeners.size,
    say: (...messages) => {
      for (const message of messages) for (const listener of [...listeners]) listener(message);
    },
    send: async (message) => {
      sent.push(message);
      answer(message, guest);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  return guest;
}
