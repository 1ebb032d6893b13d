import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { BadRequest, BadRequest__Output } from './gen/google/rpc/BadRequest.js';
import type { ErrorInfo, ErrorInfo__Output } from './gen/google/rpc/ErrorInfo.js';
import type { Help, Help__Output } from './gen/google/rpc/Help.js';
import type { Status, Status__Output } from './gen/google/rpc/Status.js';
import type { ActionFailure, ActionFailure__Output } from './gen/vmplants/v1/ActionFailure.js';
import type { VMPlantDefinition } from './gen/vmplants/v1/VMPlant.js';
import type { VMShopDefinition } from './gen/vmplants/v1/VMShop.js';

/** The contracts of this system, as the .proto files say them. Constant data. */
export interface Contracts {
  /** Everything that was loaded, for server reflection. */
  readonly definition: PackageDefinition;
  readonly shop: VMShopDefinition;
  readonly plant: VMPlantDefinition;
  /** The messages that the details of an error consist of. */
  readonly errors: {
    readonly status: MessageTypeDefinition<Status, Status__Output>;
    readonly badRequest: MessageTypeDefinition<BadRequest, BadRequest__Output>;
    readonly errorInfo: MessageTypeDefinition<ErrorInfo, ErrorInfo__Output>;
    readonly help: MessageTypeDefinition<Help, Help__Output>;
    readonly actionFailure: MessageTypeDefinition<ActionFailure, ActionFailure__Output>;
  };
}

/** Must equal the flags of `npm run generate`, or the generated types say something else than what arrives. */
const LOADER_OPTIONS = {
  keepCase: false,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
} as const;

const ROOTS = ['vmplants/v1/shop.proto', 'vmplants/v1/plant.proto', 'google/rpc/status.proto'] as const;

let loaded: Contracts | undefined;

/** The contracts; the files are read and parsed at the first call (about 50 ms) and never again. */
export function contracts(): Contracts {
  loaded ??= loadContracts(protoDirectory());
  return loaded;
}

/** Absolute path of the directory that holds `vmplants/v1/`, in the source tree as in an installed package. */
export function protoDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  // In the sources this file lies beside the contracts; compiled it is dist/proto/load.js and they are in proto/.
  const candidates = [here, join(here, '..', '..', 'proto')];
  const found = candidates.find((directory) => existsSync(join(directory, ROOTS[0])));
  if (found === undefined) {
    throw new Error(`the .proto files are missing: expected ${ROOTS[0]} in one of ${candidates.join(', ')}`);
  }
  return found;
}

function loadContracts(directory: string): Contracts {
  const definition = loadSync([...ROOTS], { ...LOADER_OPTIONS, includeDirs: [directory] });
  // The loader cannot know the types that the generator derived from the same files: this is where they meet.
  const get = <T>(name: string): T => {
    const entry = definition[name];
    if (entry === undefined) throw new Error(`the .proto files do not define ${name}`);
    return entry as unknown as T;
  };
  return {
    definition,
    shop: get('vmplants.v1.VMShop'),
    plant: get('vmplants.v1.VMPlant'),
    errors: {
      status: get('google.rpc.Status'),
      badRequest: get('google.rpc.BadRequest'),
      errorInfo: get('google.rpc.ErrorInfo'),
      help: get('google.rpc.Help'),
      actionFailure: get('vmplants.v1.ActionFailure'),
    },
  };
}
