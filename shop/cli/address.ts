import { VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';
import { type Configuration, noSuchContext } from './configFile.js';

export const DEFAULT_ADDRESS = '127.0.0.1:7070';

/** Where the shop's address may come from. */
export interface AddressSources {
  /** `--address`. */
  readonly addressFlag: string | undefined;
  /** `--context`. */
  readonly contextFlag: string | undefined;
  /** `VMSHOP_ADDRESS`. */
  readonly addressVariable: string | undefined;
  readonly configuration: Configuration;
  /** For messages. */
  readonly configurationPath: string;
}

/** The shop's address and what it was taken from, for messages. */
export interface ChosenAddress {
  readonly address: string;
  readonly from: string;
}

/**
 * Flag before environment before configuration file before default.
 * @throws VmplantsError NOT_FOUND for a context that does not exist, INVALID_ARGUMENT for what is no address
 */
export function chooseAddress(sources: AddressSources): ChosenAddress {
  const chosen = choose(sources);
  try {
    parseAddress(chosen.address);
  } catch (cause) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${chosen.from}: expected host:port or unix:PATH, found ${JSON.stringify(chosen.address)}`,
      { reason: 'USAGE', cause },
    );
  }
  return chosen;
}

function choose(sources: AddressSources): ChosenAddress {
  const { addressFlag, contextFlag, addressVariable, configuration, configurationPath } = sources;
  if (addressFlag !== undefined) return { address: addressFlag, from: '--address' };
  if (contextFlag === undefined && addressVariable !== undefined && addressVariable !== '') {
    return { address: addressVariable, from: 'VMSHOP_ADDRESS' };
  }
  const name = contextFlag ?? configuration.currentContext;
  if (name === undefined) return { address: DEFAULT_ADDRESS, from: 'the default' };
  const context = configuration.contexts.get(name);
  if (context === undefined) throw noSuchContext(name, configurationPath, configuration.contexts);
  return { address: context.address, from: `context ${name}` };
}
