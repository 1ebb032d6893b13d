import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A connection to a server, at an address of its own, that can be broken and stopped as networks and hosts do. */
export interface Wire {
  /** Stays the same whatever happens. */
  readonly address: string;
  /** Where what comes goes from now on; nothing answers before. */
  readonly leadTo: (port: number) => void;
  /** Breaks every connection; new ones can be made. */
  readonly cut: () => void;
  /** Nothing answers at the address any more, until it leads somewhere again. */
  readonly down: () => void;
  /** Nothing passes in either direction, and nobody is told, as with a stopped process. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly close: () => Promise<void>;
}

export async function openWire(): Promise<Wire> {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let port: number | undefined;
  let frozen = false;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (frozen) socket.pause();
  };
  const join = (near: Socket): void => {
    if (port === undefined || near.destroyed) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    keep(far);
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  };
  const server: Server = createServer({ pauseOnConnect: true }, (near) => {
    keep(near);
    if (frozen) waiting.add(near);
    else join(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const cut = (): void => {
    waiting.clear();
    for (const socket of [...sockets]) socket.destroy();
  };

  return {
    address: `127.0.0.1:${own}`,
    leadTo: (to) => {
      port = to;
    },
    cut,
    down: () => {
      port = undefined;
      cut();
    },
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
      for (const near of waiting) join(near);
      waiting.clear();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
