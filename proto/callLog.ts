import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status as statusCodes,
} from '@grpc/grpc-js';
import type { Logger } from './logger.js';

/**
 * Writes one record for every call that ended: method, code, milliseconds. No payload, no metadata. At debug level:
 * what matters of a call, a creation above all, its handler writes itself.
 */
export function callLog(logger: Logger): ServerInterceptor {
  return (method, call) => {
    const started = performance.now();
    let written = false;
    const write = (code: string): void => {
      if (written) return;
      written = true;
      const fields = { method: method.path, code, ms: Math.round(performance.now() - started) };
      logger.debug?.(fields, 'call');
    };
    return new ServerInterceptingCall(call, {
      ...new ResponderBuilder()
        .withStart((next) => {
          // Without a status of ours, the stream was closed by the client or by its deadline.
          const ended = (): void =>
            write(Number(call.getDeadline()) <= Date.now() ? 'DEADLINE_EXCEEDED' : 'CANCELLED');
          next(new ServerListenerBuilder().withOnCancel(ended).build());
        })
        .withSendStatus((status, next) => {
          write(statusCodes[status.code] ?? String(status.code));
          next(status);
        })
        .build(),
    });
  };
}
