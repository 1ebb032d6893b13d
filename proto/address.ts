import { isIP } from 'node:net';
import { invalidArgument } from '../model/errors.js';

/** Where a server listens or is reached. */
export interface Address {
  /** What gRPC takes it as; the scheme is explicit, so that no text of a user's chooses another resolver. */
  readonly target: string;
  /** Reached only from this machine: a loopback address or a unix socket. */
  readonly local: boolean;
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;

/** Reads `host:port`, `[IPv6 address]:port` or `unix:PATH`; INVALID_ARGUMENT for anything else. */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix:')) return unixAddress(text);
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  const host = text.slice(0, Math.max(0, colon));
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw notAnAddress(text);
  const bare = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  const family = isIP(bare);
  if (family === 6 && bare !== host) {
    return { target: `ipv6:[${bare}]:${Number(port)}`, local: bare === '::1' };
  }
  if (family === 4) return { target: `ipv4:${bare}:${Number(port)}`, local: bare.startsWith('127.') };
  if (family !== 0 || !HOST_NAME.test(host)) throw notAnAddress(text);
  return { target: `dns:${host}:${Number(port)}`, local: host.toLowerCase() === 'localhost' };
}

function unixAddress(text: string): Address {
  const path = text.slice('unix:'.length);
  // sun_path holds 108 bytes with the closing NUL.
  if (path === '' || path.includes('\0') || Buffer.byteLength(path) > 107) throw notAnAddress(text);
  return { target: text, local: true };
}

function notAnAddress(text: string): Error {
  return invalidArgument([
    {
      field: 'address',
      description: `expected host:port, [IPv6 address]:port or unix:PATH, found ${JSON.stringify(text.slice(0, 100))}`,
    },
  ]);
}
