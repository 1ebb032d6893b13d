import type { GuestChannel, Machine, ProductionLine } from '../../../plant/line/line.js';

/**
 * The line with guests that serve no SSH and so have no host key to confirm, like the micro guest. That a confirmed
 * key is compared is tested with a scripted guest, in `test/plant/configure/session.test.ts`.
 */
export function withoutSsh(line: ProductionLine): ProductionLine {
  const wrap = (machine: Machine): Machine => ({ ...machine, guest: withoutKey(machine.guest) });
  return {
    ...line,
    start: async (spec, signal) => wrap(await line.start(spec, signal)),
    adopt: async (directory, identity, signal) => {
      const machine = await line.adopt(directory, identity, signal);
      return machine === undefined ? undefined : wrap(machine);
    },
  };
}

function withoutKey(guest: GuestChannel): GuestChannel {
  return {
    get dropped() {
      return guest.dropped;
    },
    send: (message, signal) => guest.send(message, signal),
    subscribe: (listener) =>
      guest.subscribe((message) =>
        listener(message.kind === 'renewed' ? { ...message, sshHostKeyDigest: undefined } : message),
      ),
  };
}
