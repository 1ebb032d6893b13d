import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A relay before a server, for a network that is cut and mended. */
export interface Relay {
  readonly endpoint: string;
  /** Ends all connections and takes no more. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startRelay(endpoint: string): Promise<Relay> {
  const target = new URL(endpoint);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    const listening = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    server = listening;
    await new Promise<void>((resolve, reject) => {
      listening.on('error', reject);
      listening.listen(port, '127.0.0.1', resolve);
    });
    return (listening.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    const listening = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (listening !== undefined) await new Promise((resolve) => listening.close(resolve));
  };
  const port = await listen(0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    cut,
    mend: async () => void (await listen(port)),
    stop: cut,
  };
}
