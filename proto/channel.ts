import { once } from 'node:events';
import {
  type ChannelCredentials,
  type ChannelInterface,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  connectivityState,
  credentials,
  Metadata,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { VmplantsError } from '../model/errors.js';
import { parseAddress } from './address.js';
import { type Connection, connectionOf, makeCall, notConnected } from './connection.js';
import type { FanOut } from './fanOut.js';
import type { FailedCall } from './libraryStatus.js';
import { fromStatus } from './status.js';

/** Every call has a deadline; nothing in gRPC gives it one by itself. */
export interface CallOptions {
  /** From now. At most 24 days, the longest that the protocol's timers count. */
  readonly timeoutMilliseconds: number;
  /** Ends the call when aborted; it rejects with the signal's reason if that is a VmplantsError, else CANCELLED. */
  readonly signal?: AbortSignal;
  /** For unary calls that put one question to many servers; made for this signal. */
  readonly fanOut?: FanOut;
}

export interface ChannelOptions {
  /** `host:port`, `[address]:port` or `unix:PATH`. */
  readonly address: string;
  /** Default: none, plain text. */
  readonly credentials?: ChannelCredentials;
  /** Told whenever a call begins or has ended how many run now. */
  readonly onCalls?: (running: number) => void;
}

type Method<Request, Response> = MethodDefinition<Request, never, unknown, Response>;

/** A connection to one server, made when it is first needed and again when it was lost. Errors are VmplantsErrors. */
export interface Channel {
  readonly address: string;
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response>;
  /** The call is made when the first message is asked for, and cancelled when the iteration is left early. */
  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): AsyncGenerator<Response, void, undefined>;
  /** As `serverStream`; the end of `requests` ends this side only. */
  bidi<Request, Response>(
    method: Method<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncGenerator<Response, void, undefined>;
  /** Connected, or rejects with UNAVAILABLE at the deadline or the first connection that fails. */
  connect(options: CallOptions): Promise<void>;
  /** The same connection; its calls carry this metadata. */
  with(metadata: Readonly<Record<string, string>>): Channel;
  close(): void;
}

const MAX_TIMEOUT_MILLISECONDS = 24 * 24 * 3600 * 1000;

const CLIENT_OPTIONS: ClientOptions = {
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  // A peer that vanished without a word is noticed after this, however long the call's own deadline.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // Neither a proxy from the environment nor a configuration from DNS decides where these calls go.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
};

/** Opens a channel; connects only when it is used. INVALID_ARGUMENT when the address is none. */
export function openChannel(options: ChannelOptions): Channel {
  const { target } = parseAddress(options.address);
  const client = new Client(target, options.credentials ?? credentials.createInsecure(), CLIENT_OPTIONS);
  return channelOver(connectionOf(client, options.onCalls), options.address, {});
}

function channelOver(
  connection: Connection,
  address: string,
  carried: Readonly<Record<string, string>>,
): Channel {
  const whole = (call: CallOptions): Call => ({ ...call, address, metadata: metadataOf(carried) });
  return {
    address,
    unary: (method, request, call) => callUnary(connection, method, request, whole(call)),
    serverStream: (method, request, call) => callServerStream(connection, method, request, whole(call)),
    bidi: (method, requests, call) => callBidi(connection, method, requests, whole(call)),
    connect: (call) => connect(connection, address, call),
    with: (metadata) => channelOver(connection, address, { ...carried, ...metadata }),
    close: connection.close,
  };
}

/** The options of a call, with what it carries and what its errors have to name. */
type Call = CallOptions & FailedCall & { readonly metadata: Metadata };

/** Fresh for every call, because the library writes into it. */
function metadataOf(carried: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(carried)) metadata.set(name, value);
  return metadata;
}

function deadlineOf(options: CallOptions): { readonly deadline: number } {
  // gRPC wants a point in time and turns it back into a duration for the wire.
  return { deadline: Date.now() + Math.min(options.timeoutMilliseconds, MAX_TIMEOUT_MILLISECONDS) };
}

function callUnary<Request, Response>(
  connection: Connection,
  method: Method<Request, Response>,
  request: Request,
  options: Call,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal, fanOut } = options;
    if (signal?.aborted === true) {
      reject(cancelled(signal));
      return;
    }
    const call = makeCall(connection, options.address, (client) =>
      client.makeUnaryRequest(
        method.path,
        fanOut === undefined ? method.requestSerialize : fanOut.serializer(method.requestSerialize),
        method.responseDeserialize,
        request,
        options.metadata,
        deadlineOf(options),
        (error, response) => {
          release();
          if (error !== null) reject(asError(error, options));
          else if (response === undefined) reject(new VmplantsError('INTERNAL', 'the server sent no answer'));
          else resolve(response);
        },
      ),
    );
    const release = fanOut === undefined ? onAbort(signal, () => call.cancel()) : fanOut.cancelWith(call);
  });
}

async function* callServerStream<Request, Response>(
  connection: Connection,
  method: Method<Request, Response>,
  request: Request,
  options: Call,
): AsyncGenerator<Response, void, undefined> {
  if (options.signal?.aborted === true) throw cancelled(options.signal);
  const call = makeCall(connection, options.address, (client) =>
    client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      options.metadata,
      deadlineOf(options),
    ),
  );
  yield* receive(call, options);
}

async function* callBidi<Request, Response>(
  connection: Connection,
  method: Method<Request, Response>,
  requests: AsyncIterable<Request>,
  options: Call,
): AsyncGenerator<Response, void, undefined> {
  if (options.signal?.aborted === true) throw cancelled(options.signal);
  const call = makeCall(connection, options.address, (client) =>
    client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      options.metadata,
      deadlineOf(options),
    ),
  );
  const ended = new AbortController();
  let sendingFailed: unknown;
  // Sending goes on beside receiving: what it throws ends the call, and so the loop below.
  const sending = sendAll(call, requests, ended.signal).catch((thrown: unknown) => {
    if (ended.signal.aborted) return;
    sendingFailed = thrown;
    call.cancel();
  });
  try {
    yield* receive(call, options);
  } catch (thrown) {
    throw sendingFailed ?? thrown;
  } finally {
    ended.abort();
    void sending;
  }
}

async function sendAll<Request, Response>(
  call: ClientDuplexStream<Request, Response>,
  requests: AsyncIterable<Request>,
  signal: AbortSignal,
): Promise<void> {
  for await (const request of requests) {
    if (signal.aborted) return;
    if (!call.write(request)) await once(call, 'drain', { signal });
  }
  call.end();
}

async function* receive<Response>(
  call: ClientReadableStream<Response> | ClientDuplexStream<never, Response>,
  options: Call,
): AsyncGenerator<Response, void, undefined> {
  // The status of a call that was left early arrives when nobody iterates any more.
  call.on('error', () => {});
  const release = onAbort(options.signal, () => call.cancel());
  try {
    for await (const message of call) yield message as Response;
  } catch (thrown) {
    throw asError(thrown, options);
  } finally {
    release();
    call.cancel();
  }
}

async function connect(connection: Connection, address: string, options: CallOptions): Promise<void> {
  const ended = connection.begin();
  try {
    await connected(connection, address, options);
  } finally {
    ended();
  }
}

async function connected(connection: Connection, address: string, options: CallOptions): Promise<void> {
  const channel = connection.client.getChannel();
  const { deadline } = deadlineOf(options);
  for (let looked = 0; ; looked++) {
    // The library would connect a closed channel again, and nobody would close that.
    if (connection.isClosed()) throw notConnected(address, 'the channel is closed');
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) return;
    // A failure from before this call began is not its answer: the next attempt is waited for.
    if (state === connectivityState.TRANSIENT_FAILURE && looked > 0)
      throw notConnected(address, 'out of reach or refused');
    if (!(await stateChanges(channel, state, deadline, options.signal))) {
      throw notConnected(address, 'not within the time for it');
    }
  }
}

/** True when the channel has left the state, false when the deadline has passed. */
function stateChanges(
  channel: ChannelInterface,
  state: connectivityState,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(cancelled(signal)));
    channel.watchConnectivityState(state, deadline, (late) => {
      release();
      resolve(late === undefined);
    });
  });
}

function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => {};
  signal.addEventListener('abort', act, { once: true });
  if (signal.aborted) act();
  return () => signal.removeEventListener('abort', act);
}

function cancelled(signal: AbortSignal | undefined): VmplantsError {
  const reason: unknown = signal?.reason;
  return reason instanceof VmplantsError
    ? reason
    : new VmplantsError('CANCELLED', 'the call was cancelled by its caller', { cause: reason });
}

function asError(thrown: unknown, call: CallOptions & FailedCall): VmplantsError {
  const error = fromStatus(thrown, call);
  if (error.code !== 'CANCELLED') return error;
  if (call.signal?.aborted === true) return cancelled(call.signal);
  // A server that is ended resets its streams with this code, which says that the caller wanted it: it did not.
  return error.reason === undefined
    ? new VmplantsError('UNAVAILABLE', 'the server ended the call before it was finished', { cause: thrown })
    : error;
}
