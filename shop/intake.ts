import { createOrder } from '../model/createOrder.js';
import { invalidArgument } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { Document__Output } from '../proto/gen/vmplants/v1/Document.js';
import type { MachineRequest__Output } from '../proto/gen/vmplants/v1/MachineRequest.js';
import { orderFromMachineRequest } from '../proto/mapping/machineRequest.js';
import { readRequest } from '../request/readRequest.js';

/** What a client asks for, in one of the two forms that the calls of the shop take it. */
export interface AskedFor {
  readonly machine?: MachineRequest__Output | null;
  readonly document?: Document__Output | null;
}

const MAX_REQUEST_ID_LENGTH = 128;

/**
 * The Order that a client asks for. INVALID_ARGUMENT names the fields: those of a message by their paths in the call
 * (`machine.actions[0].name`, below `within` where the request is part of another message), those of a document by
 * their paths in the document.
 */
export function readOrder(asked: AskedFor, within = ''): Order {
  const { machine, document } = asked;
  if (machine !== null && machine !== undefined) return orderFromMachineRequest(machine, `${within}machine`);
  if (document === null || document === undefined) {
    throw invalidArgument([
      { field: `${within}machine`, description: 'expected a machine or a document, found neither' },
    ]);
  }
  const { format } = document;
  if (format !== 'yaml' && format !== 'json' && format !== 'xml') {
    const found = JSON.stringify(format.slice(0, 20));
    throw invalidArgument([
      { field: `${within}document.format`, description: `expected yaml, json or xml, found ${found}` },
    ]);
  }
  return createOrder(readRequest(document.content, format));
}

/** A request ID as the client chose it; empty means none. */
export function checkRequestId(requestId: string): string {
  if (requestId.length <= MAX_REQUEST_ID_LENGTH && !/[\p{Cc}\p{Surrogate}]/u.test(requestId))
    return requestId;
  throw invalidArgument([
    {
      field: 'request_id',
      description: `expected at most ${MAX_REQUEST_ID_LENGTH} printable characters, found ${requestId.length} characters`,
    },
  ]);
}
