import type { GuestAction } from '../../model/action.js';
import { VmplantsError } from '../../model/errors.js';

/** The VM that scripts run in, as far as they may know it. */
export interface ScriptVm {
  readonly vmid: string;
  readonly hostname: string;
  readonly identity: ReadonlyMap<string, string>;
}

/**
 * The environment variables of a script: what the client set, PARAM_<name> for every parameter, and for identity
 * actions VMPLANTS_VMID and VMPLANTS_HOSTNAME. An action that may enter a golden image is told nothing of the VM.
 */
export function scriptEnvironment(
  action: GuestAction,
  vm: ScriptVm,
): readonly (readonly [name: string, value: string])[] {
  const parameters = action.parameters.map(([name, value]): readonly [string, string] => [
    `PARAM_${name}`,
    value.kind === 'literal' ? value.value : identityValue(vm, value.name),
  ]);
  const own: readonly (readonly [string, string])[] = action.identity
    ? [
        ['VMPLANTS_VMID', vm.vmid],
        ['VMPLANTS_HOSTNAME', vm.hostname],
      ]
    : [];
  return [...action.environment, ...parameters, ...own];
}

function identityValue(vm: ScriptVm, name: string): string {
  // The hostname always has a value: the client's, or the VMID.
  const value = name === 'hostname' ? vm.hostname : vm.identity.get(name);
  if (value === undefined) {
    throw new VmplantsError('INVALID_ARGUMENT', `the order's identity has no ${name}`, {
      reason: 'INVALID_REQUEST',
      violations: [{ field: `identity.${name}`, description: 'an action needs it' }],
    });
  }
  return value;
}
