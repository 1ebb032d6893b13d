import { invalidArgument } from '../model/errors.js';
import { readJson } from './json.js';
import { readXml } from './xml.js';
import { readYaml } from './yaml.js';

/** The formats that a request may be written in. */
export type RequestFormat = 'yaml' | 'json' | 'xml';

/** A larger document is not looked at. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** YAML takes much longer to read than JSON, and files need not be in it. */
const MAX_YAML_BYTES = 8 * 1024 * 1024;

/**
 * A document in the plain shape that `createOrder` judges. Throws INVALID_ARGUMENT with line and column when the
 * text is not of its format; what the fields hold is not checked here.
 */
export function readRequest(bytes: Uint8Array, format: RequestFormat): unknown {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw invalidArgument([
      {
        field: '',
        description: `expected at most ${MAX_DOCUMENT_BYTES} bytes (64 MiB), found ${bytes.length}; send large files as gRPC messages`,
      },
    ]);
  }
  if (format === 'yaml' && bytes.length > MAX_YAML_BYTES) {
    throw invalidArgument([
      {
        field: '',
        description: `expected at most ${MAX_YAML_BYTES} bytes (8 MiB) of YAML, found ${bytes.length}; name large files by source, or write JSON`,
      },
    ]);
  }
  const text = decode(bytes);
  switch (format) {
    case 'yaml':
      return readYaml(text);
    case 'json':
      return readJson(text);
    case 'xml':
      return readXml(text);
  }
}

/** The format by the file's extension or, where that says nothing (standard input), by its first character. */
export function detectFormat(fileName: string, bytes: Uint8Array): RequestFormat {
  const extension = /\.([^./\\]+)$/.exec(fileName)?.[1]?.toLowerCase();
  if (extension === 'yaml' || extension === 'yml') return 'yaml';
  if (extension === 'json' || extension === 'xml') return extension;
  const start = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart();
  if (start.startsWith('<')) return 'xml';
  return start.startsWith('{') ? 'json' : 'yaml';
}

/** UTF-8, with or without a byte order mark. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidArgument([{ field: '', description: 'expected text in UTF-8, found bytes that are not' }]);
  }
}
