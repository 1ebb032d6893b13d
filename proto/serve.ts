import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { parseAddress } from './address.js';
import { callLog } from './callLog.js';
import type { VMPlantHandlers } from './gen/vmplants/v1/VMPlant.js';
import type { VMShopHandlers } from './gen/vmplants/v1/VMShop.js';
import { boundRequests, guardRequests, refuseUndecodable } from './guardRequests.js';
import { contracts } from './load.js';
import type { Logger } from './logger.js';
import { removeStaleSocket } from './staleSocket.js';

/** A gRPC service and who answers it. Made by `plantService` and `shopService`. */
export interface ServedService {
  /** Full name, for example `vmplants.v1.VMPlant`. */
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

export interface ServeOptions {
  /** `host:port`, `[address]:port` or `unix:PATH`; port 0 takes a free one. */
  readonly address: string;
  readonly services: readonly ServedService[];
  readonly logger: Logger;
  /** TLS; default none, plain text. */
  readonly credentials?: ServerCredentials;
  /** Needed to listen in plain text on anything but a loopback address or a unix socket. */
  readonly insecureAnyAddress?: boolean;
}

export interface RunningServer {
  /** Where it listens, with the port that was taken. */
  readonly address: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /**
   * Takes no more calls (health turns to NOT_SERVING first), lets those that run finish, and ends what is left
   * after the given time. Repeatable.
   */
  stop(graceMilliseconds: number): Promise<void>;
}

/** The largest message that a server takes: a document of 64 MiB and what is around it. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024 + 64 * 1024;

/** The largest request to the health and reflection services, which take the name of something. */
const MAX_NAME_REQUEST_BYTES = 64 * 1024;

const LIMITS: ServerOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': 512,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 15_000,
};

export function plantService(handlers: VMPlantHandlers): ServedService {
  return { name: 'vmplants.v1.VMPlant', definition: contracts().plant, handlers };
}

export function shopService(handlers: VMShopHandlers): ServedService {
  return { name: 'vmplants.v1.VMShop', definition: contracts().shop, handlers };
}

/**
 * Starts a server with the given services, the standard health service and server reflection.
 * INVALID_ARGUMENT: no address, or plain text for all the world without `insecureAnyAddress`. UNAVAILABLE: the
 * address is taken or not this machine's.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { address, services, logger } = options;
  checkExposure(options);
  // The library writes to stderr beside the log, also what is thrown or answered anyway.
  setLogVerbosity(logVerbosity.NONE);
  // Nothing stands in the way of a call for a record that nobody reads.
  const records = logger.isLevelEnabled?.('debug') === false ? [] : [callLog(logger)];
  const server = new Server({ ...LIMITS, interceptors: [...records, refuseUndecodable] });
  for (const { definition, handlers } of services) {
    server.addService(guardRequests(definition, contracts().definition), handlers);
  }
  const health = new HealthImplementation();
  const setHealth = (state: 'SERVING' | 'NOT_SERVING'): void => {
    for (const name of ['', ...services.map((service) => service.name)]) health.setStatus(name, state);
  };
  const bounded: Pick<Server, 'addService'> = {
    addService: (definition, handlers) =>
      server.addService(boundRequests(definition, MAX_NAME_REQUEST_BYTES), handlers),
  };
  health.addToServer(bounded);
  new ReflectionService(contracts().definition, {
    services: services.map((service) => service.name),
  }).addToServer(bounded);

  await removeStaleSocket(address);
  const port = await bind(server, options);
  setHealth('SERVING');
  const bound = port === 0 || address.startsWith('unix:') ? address : address.replace(/:\d+$/, `:${port}`);
  logger.info({ address: bound, services: services.map((service) => service.name) }, 'serving');

  let stopping: Promise<void> | undefined;
  return {
    address: bound,
    port: address.startsWith('unix:') ? 0 : port,
    stop: (graceMilliseconds) => {
      stopping ??= (async () => {
        setHealth('NOT_SERVING');
        await shutDown(server, graceMilliseconds, logger);
      })();
      return stopping;
    },
  };
}

function checkExposure(options: ServeOptions): void {
  const { local } = parseAddress(options.address);
  if (local || options.credentials !== undefined) return;
  if (options.insecureAnyAddress !== true) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${options.address} can be reached from other machines, and without TLS anyone there may create and end VMs`,
      {
        reason: 'INSECURE_ADDRESS',
        hint: 'listen on 127.0.0.1 or a unix socket; --insecure-any-address allows this one all the same',
      },
    );
  }
  options.logger.warn(
    { address: options.address },
    'INSECURE: listening in plain text on an address that other machines reach; anyone there may create and end VMs',
  );
}

function bind(server: Server, options: ServeOptions): Promise<number> {
  const { target } = parseAddress(options.address);
  // The server side knows no `ipv4:` and `ipv6:` targets with an explicit scheme for port 0; plain ones it does.
  const listenTarget = target.startsWith('unix:') ? target : target.slice(target.indexOf(':') + 1);
  return new Promise((resolve, reject) => {
    server.bindAsync(
      listenTarget,
      options.credentials ?? ServerCredentials.createInsecure(),
      (error, port) => {
        if (error === null) resolve(port);
        else {
          reject(
            new VmplantsError(
              'UNAVAILABLE',
              `cannot listen on ${options.address}: ${whyNot(error.message)}`,
              {
                reason: 'CANNOT_LISTEN',
                hint: 'choose another with --listen, or end the process that holds this one',
                cause: asVmplantsError(error).cause,
              },
            ),
          );
        }
      },
    );
  });
}

/** The library lists every attempt with all that Node.js says of it; one word of that says why. */
function whyNot(text: string): string {
  if (text.includes('EADDRINUSE')) return 'something listens there already';
  if (text.includes('EADDRNOTAVAIL')) return 'this machine has no such address';
  if (text.includes('EACCES')) return 'not permitted';
  if (text.includes('ENOENT')) return 'there is no such directory';
  if (text.startsWith('Name resolution failed')) return 'the host name is not known';
  return text;
}

function shutDown(server: Server, graceMilliseconds: number, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      logger.warn({ graceMilliseconds }, 'ending calls that did not finish in time');
      server.forceShutdown();
      resolve();
    }, graceMilliseconds);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
