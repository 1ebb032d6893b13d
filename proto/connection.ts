import type { Client, ClientReadableStream, ClientUnaryCall } from '@grpc/grpc-js';
import { VmplantsError } from '../model/errors.js';

/** A client of the library, with what the library does not say of it. */
export interface Connection {
  readonly client: Client;
  readonly isClosed: () => boolean;
  readonly close: () => void;
  /** A call has begun; the answer says that it has ended. */
  readonly begin: () => () => void;
}

/** @param onCalls told whenever a call begins or has ended how many run now */
export function connectionOf(client: Client, onCalls?: (running: number) => void): Connection {
  let closed = false;
  let running = 0;
  const change = (by: number): void => {
    running += by;
    onCalls?.(running);
  };
  return {
    client,
    isClosed: () => closed,
    close: () => {
      closed = true;
      client.close();
    },
    begin: () => {
      change(1);
      return () => change(-1);
    },
  };
}

/** Makes a call. Of a closed client the library throws an error of its own, at once. */
export function makeCall<Made extends ClientUnaryCall | ClientReadableStream<unknown>>(
  connection: Connection,
  address: string,
  make: (client: Client) => Made,
): Made {
  if (connection.isClosed()) throw notConnected(address, 'the channel is closed');
  const call = make(connection.client);
  // Comes once for every call, however it ends.
  call.once('status', connection.begin());
  return call;
}

/** Nothing was sent. */
export function notConnected(address: string, why: string): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `no connection to ${address}: ${why}`, { reason: 'NOT_CONNECTED' });
}
