import { once, setMaxListeners } from 'node:events';
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { VmplantsError } from '../model/errors.js';
import type { Logger } from './logger.js';
import { toStatus } from './status.js';
import { brokersOf } from './via.js';

/** What a handler knows of the call that it answers. */
export interface CallContext {
  /**
   * Aborted, with a VmplantsError as the reason, when the client went away or its deadline passed; also once the
   * call has ended. Work that must outlive its caller does not take this signal.
   */
  readonly signal: AbortSignal;
  /** Ids of the brokers that it came through, first to last. */
  readonly brokers: readonly string[];
  /** What was left of the client's deadline when the call came; Infinity without one. */
  readonly remainingMilliseconds: number;
}

/** Answers one request with one message. Whatever it throws becomes the status (see `toStatus`). */
export type UnaryHandler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** Answers one request with messages; what is written waits until the client takes it. */
export type ServerStreamHandler<Request, Response> = (
  request: Request,
  context: CallContext,
) => AsyncIterable<Response>;

/** Answers messages with messages. The call ends when the answers do, whether or not the client ended its side. */
export type BidiHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  context: CallContext,
) => AsyncIterable<Response>;

/** A gRPC handler made of an async function. Unexpected errors are written to the logger. */
export function unary<Request, Response>(
  handle: UnaryHandler<Request, Response>,
  logger: Logger,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const lifetime = lifetimeOf(call);
    const answer = async (): Promise<Response> => handle(call.request, contextOf(call, lifetime));
    answer().then(
      (response) => callback(null, response),
      (thrown: unknown) => callback(toStatus(thrown, logger)),
    );
  };
}

/** A gRPC handler made of an async generator function (or anything that returns an AsyncIterable). */
export function serverStream<Request, Response>(
  handle: ServerStreamHandler<Request, Response>,
  logger: Logger,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const lifetime = lifetimeOf(call);
    const answers = (): AsyncIterable<Response> => handle(call.request, contextOf(call, lifetime));
    void send(call, answers, lifetime.signal, logger);
  };
}

/** A gRPC handler made of a function from an AsyncIterable of requests to one of answers. */
export function bidi<Request, Response>(
  handle: BidiHandler<Request, Response>,
  logger: Logger,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    const lifetime = lifetimeOf(call);
    const answers = (): AsyncIterable<Response> =>
      handle(requestsOf(call, lifetime.signal), contextOf(call, lifetime));
    void send(call, answers, lifetime.signal, logger);
  };
}

function contextOf(
  call: { readonly metadata: Metadata; getDeadline(): Date | number },
  lifetime: Lifetime,
): CallContext {
  return {
    get signal() {
      return lifetime.signal;
    },
    brokers: brokersOf(call.metadata),
    remainingMilliseconds: Math.max(0, Number(call.getDeadline()) - Date.now()),
  };
}

interface Cancellable {
  on(event: 'cancelled', listener: () => void): unknown;
  getDeadline(): Date | number;
}

interface Lifetime {
  readonly signal: AbortSignal;
}

/**
 * gRPC says `cancelled` when the stream is closed for any reason, so the signal also ends with the call. It is made when
 * it is first asked for: calls that are answered at once, bids above all, never do.
 */
function lifetimeOf(call: Cancellable): Lifetime {
  let controller: AbortController | undefined;
  let endedAt: number | undefined;
  const end = (): void => {
    if (endedAt === undefined) return;
    // The status for a passed deadline has been sent by the library; this is for the handler and its work.
    const late = Number(call.getDeadline()) <= endedAt;
    controller?.abort(
      late
        ? new VmplantsError('DEADLINE_EXCEEDED', "the client's deadline passed before the call finished")
        : new VmplantsError('CANCELLED', 'the client ended the call before it finished'),
    );
  };
  call.on('cancelled', () => {
    endedAt = Date.now();
    end();
  });
  return {
    get signal() {
      if (controller === undefined) {
        controller = new AbortController();
        // One call may ask many servers, each with this signal.
        setMaxListeners(0, controller.signal);
        end();
      }
      return controller.signal;
    },
  };
}

/**
 * A plain `for await` over the call would destroy it, and the answers with it, when the loop is left; and a client
 * that goes away appears as a broken stream, which is not the handler's error but its end.
 */
async function* requestsOf<Request, Response>(
  call: ServerDuplexStream<Request, Response>,
  signal: AbortSignal,
): AsyncGenerator<Request, void, undefined> {
  try {
    for await (const message of call.iterator({ destroyOnReturn: false })) yield message as Request;
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
}

async function send<Request, Response>(
  call: ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>,
  answers: () => AsyncIterable<Response>,
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  let iterator: AsyncIterator<Response> | undefined;
  try {
    iterator = answers()[Symbol.asyncIterator]();
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      if (next.done === true) break;
      if (!call.write(next.value)) await once(call, 'drain', { signal });
    }
    call.end();
  } catch (thrown) {
    // A handler that waits for something that does not heed the signal must not keep the call: not awaited.
    iterator?.return?.().catch((late: unknown) => {
      logger.debug?.({ err: late }, 'a handler failed after its call had ended');
    });
    if (!signal.aborted) call.emit('error', toStatus(thrown, logger));
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
