import {
  type MethodDefinition,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { VmplantsError } from '../model/errors.js';
import { messageShape } from './messageShape.js';
import { toStatus } from './status.js';
import { findWireFault, REQUEST_LIMITS, type WireFault } from './wireBounds.js';

/** Stands for a request that was not decoded, until `refuseUndecodable` answers the call. */
class Undecodable {
  readonly error: VmplantsError;

  constructor(error: VmplantsError) {
    this.error = error;
  }
}

/**
 * The service, where a request is only decoded when it has a reasonable number of values. Needs `refuseUndecodable`
 * among the server's interceptors: the gRPC library itself would answer INTERNAL to whatever is thrown here.
 */
export function guardRequests(service: ServiceDefinition, contracts: PackageDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [name, guardMethod(method, contracts)]),
  );
}

/** The service, where a request has at most so many bytes: for the services of libraries, which take a name only. */
export function boundRequests(service: ServiceDefinition, maxBytes: number): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: (bytes: Buffer): unknown => {
          if (bytes.length <= maxBytes) return decode(bytes, method.path, method.requestDeserialize);
          const found = `expected at most ${maxBytes} bytes, found ${bytes.length}`;
          return new Undecodable(refusal(method.path, found));
        },
      },
    ]),
  );
}

/** Ends a call whose request was refused with INVALID_ARGUMENT, before its handler hears of it. */
export const refuseUndecodable: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    start: (next) => {
      next(
        new ServerListenerBuilder()
          .withOnReceiveMessage((message: unknown, pass) => {
            if (message instanceof Undecodable) call.sendStatus(toStatus(message.error));
            else pass(message);
          })
          .build(),
      );
    },
  });

function guardMethod(
  method: MethodDefinition<unknown, unknown>,
  contracts: PackageDefinition,
): MethodDefinition<unknown, unknown> {
  const name = requestName(method);
  const shape = messageShape(contracts, name);
  return {
    ...method,
    requestDeserialize: (bytes) => {
      const fault = findWireFault(bytes, shape, REQUEST_LIMITS);
      if (fault !== undefined) return new Undecodable(refusal(name, describe(fault)));
      return decode(bytes, name, method.requestDeserialize);
    },
  };
}

function decode(bytes: Buffer, name: string, deserialize: (bytes: Buffer) => unknown): unknown {
  try {
    return deserialize(bytes);
  } catch (error) {
    return new Undecodable(refusal(name, 'expected a message in the protobuf encoding', error));
  }
}

function describe(fault: WireFault): string {
  switch (fault.kind) {
    case 'too-many-values':
      return `expected at most ${REQUEST_LIMITS.values} values in a message, found more`;
    case 'too-deep':
      return `expected messages nested at most ${REQUEST_LIMITS.depth} deep, found deeper ones`;
    case 'malformed':
      return `expected a message in the protobuf encoding, found something else at byte ${fault.offset}`;
  }
}

function refusal(name: string, why: string, cause?: unknown): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', `${name}: ${why}`, {
    reason: 'INVALID_REQUEST',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The loader gives a method its request's type without the package, which is the service's. */
function requestName(method: MethodDefinition<unknown, unknown>): string {
  const requestType: unknown = 'requestType' in method ? method.requestType : undefined;
  const { type } = requestType as { readonly type: { readonly name: string } };
  const service = method.path.split('/')[1] ?? '';
  return `${service.slice(0, service.lastIndexOf('.'))}.${type.name}`;
}
