import { VmplantsError } from '../../model/errors.js';
import type { Document } from '../../proto/gen/vmplants/v1/Document.js';

/** Formats that the shop reads. */
export type DocumentFormat = 'yaml' | 'json' | 'xml';

/**
 * A request as it was written, to be read by the shop. `files[].source` is not allowed in it: the shop cannot see
 * the files of this machine.
 */
export class RequestDocument {
  readonly format: DocumentFormat;
  readonly content: Uint8Array;

  constructor(format: DocumentFormat, content: Uint8Array | string) {
    this.format = format;
    this.content = typeof content === 'string' ? Buffer.from(content) : content;
  }
}

/**
 * What a VM is asked for with: a document, or a plain object in the shape of docs/request.schema.json, which
 * travels as JSON; the `content` of a file may also be bytes. Either is validated by the shop.
 */
export type VmRequest = RequestDocument | object;

/** The message for it. INVALID_ARGUMENT for an object that JSON cannot say, for example one that contains itself. */
export function documentMessage(request: VmRequest): Document {
  if (request instanceof RequestDocument) {
    return { format: request.format, content: Buffer.from(request.content) };
  }
  try {
    return { format: 'json', content: Buffer.from(JSON.stringify(request, bytesAsBase64)) };
  } catch (cause) {
    throw new VmplantsError('INVALID_ARGUMENT', 'the request: expected plain data that JSON can hold', {
      reason: 'INVALID_REQUEST',
      cause,
    });
  }
}

/** JSON has no bytes: the content of a file that is given as such becomes its `base64` field. */
function bytesAsBase64(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('content' in value)) return value;
  const { content, ...rest } = value;
  if (!(content instanceof Uint8Array)) return value;
  return { ...rest, base64: Buffer.from(content).toString('base64') };
}
