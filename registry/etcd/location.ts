import { isIP } from 'node:net';
import { VmplantsError } from '../../model/errors.js';

/** Where in which etcd the plants are. */
export interface EtcdLocation {
  /** `http://host:port` of its members, at least one; each is tried in turn. */
  readonly endpoints: readonly string[];
  /** What the keys of one installation begin with; begins and ends with a slash. */
  readonly prefix: string;
}

export const DEFAULT_PREFIX = '/vmplants/';

const DEFAULT_PORT = '2379';
const MOST_ENDPOINTS = 16;
const PREFIX = /^\/(?:[A-Za-z0-9._-]{1,64}\/){1,8}$/;

/**
 * Reads the flags `--etcd` and `--etcd-prefix`.
 * @param insecureAnyAddress allows members on other machines, which are spoken to in plain text
 * @throws VmplantsError INVALID_ARGUMENT naming the flag: USAGE, or INSECURE_ADDRESS for a member on another machine
 */
export function readLocation(
  endpoints: string,
  prefix: string | undefined,
  insecureAnyAddress: boolean,
): EtcdLocation {
  const list = endpoints.split(',').map((text) => readEndpoint(text.trim()));
  if (list.length > MOST_ENDPOINTS) {
    throw usage(`--etcd: expected at most ${MOST_ENDPOINTS} members, found ${list.length}`);
  }
  const outside = list.find(({ local }) => !local);
  if (outside !== undefined && !insecureAnyAddress) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `--etcd: ${outside.url} is not on this machine, and without TLS anyone in between may say where the plants are`,
      {
        reason: 'INSECURE_ADDRESS',
        hint: 'use an etcd on a loopback address; --insecure-any-address allows this one all the same',
      },
    );
  }
  const chosen = prefix ?? DEFAULT_PREFIX;
  if (!PREFIX.test(chosen)) {
    throw usage(
      `--etcd-prefix: expected letters, digits, dots and dashes between slashes, such as ${DEFAULT_PREFIX}; found ${JSON.stringify(chosen.slice(0, 100))}`,
    );
  }
  return { endpoints: [...new Set(list.map(({ url }) => url))], prefix: chosen };
}

/** Whether every member is on this machine. */
export function isLocal(location: EtcdLocation): boolean {
  return location.endpoints.every((endpoint) => readEndpoint(endpoint).local);
}

function readEndpoint(text: string): { readonly url: string; readonly local: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') {
    throw usage(`--etcd: TLS is not supported yet, found ${JSON.stringify(text.slice(0, 100))}`);
  }
  // What is beyond host and port may be a password: not repeated.
  const plain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (url?.protocol !== 'http:' || !plain || url.pathname !== '/' || url.hostname === '') {
    throw usage('--etcd: expected http://HOST:PORT of the members, with commas between them');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const local = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  // The default port of http is 80, which URL leaves out.
  const port = url.port !== '' ? url.port : /:0*80\/?$/.test(text) ? '80' : DEFAULT_PORT;
  return { url: `http://${url.hostname}:${port}`, local };
}

function usage(message: string): VmplantsError {
  return new VmplantsError('INVALID_ARGUMENT', message, { reason: 'USAGE' });
}
