import { createHash } from 'node:crypto';
import type { ServedService } from './serve.js';

/**
 * What requests were decoded to, by their bytes, the last ones only: who asks the same question of many plants of one
 * process, or the same plant twice, gets the same message object, so that what was made of it (see `OrderMemory`) can
 * be found again. Handlers never change a request.
 */
export interface RequestMemory {
  /** The message of these bytes: remembered, or decoded now. What `decode` throws is not remembered. */
  decoded(bytes: Buffer, decode: (bytes: Buffer) => unknown): unknown;
}

export interface RequestMemoryLimits {
  readonly requests: number;
  /** Of all remembered requests together, as they came. */
  readonly bytes: number;
  /** A longer request is not remembered. */
  readonly longestBytes: number;
}

export const DEFAULT_REQUEST_MEMORY: RequestMemoryLimits = {
  requests: 256,
  bytes: 16 * 1024 * 1024,
  longestBytes: 1024 * 1024,
};

export function createRequestMemory(limits: RequestMemoryLimits = DEFAULT_REQUEST_MEMORY): RequestMemory {
  /** The one used last comes last. */
  const known = new Map<string, { readonly message: unknown; readonly bytes: number }>();
  let held = 0;
  return {
    decoded: (bytes, decode) => {
      if (bytes.length > limits.longestBytes) return decode(bytes);
      const digest = createHash('sha256').update(bytes).digest('base64');
      const found = known.get(digest);
      if (found !== undefined) {
        known.delete(digest);
        known.set(digest, found);
        return found.message;
      }
      const message = decode(bytes);
      known.set(digest, { message, bytes: bytes.length });
      held += bytes.length;
      for (const [oldest, { bytes: size }] of known) {
        if (known.size <= limits.requests && held <= limits.bytes) break;
        known.delete(oldest);
        held -= size;
      }
      return message;
    },
  };
}

/** The service, with the requests of one of its methods remembered. */
export function remembering(service: ServedService, method: string, memory: RequestMemory): ServedService {
  const { definition } = service;
  const remembered = definition[method];
  if (remembered === undefined) throw new Error(`${service.name} has no method ${method}`);
  const { requestDeserialize } = remembered;
  return {
    ...service,
    definition: {
      ...definition,
      [method]: {
        ...remembered,
        requestDeserialize: (bytes) => memory.decoded(bytes, requestDeserialize),
      },
    },
  };
}
