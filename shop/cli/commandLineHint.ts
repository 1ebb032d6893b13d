import { VmplantsError } from '../../model/errors.js';

/** What to do about an error of the shop, as commands: the shop's own hints are for clients of every kind. */
const HINTS: Readonly<Record<string, string>> = {
  NO_SUCH_VM: 'vmshop list shows the VMs that there are',
  NO_MATCHING_IMAGE: 'vmshop plan -f FILE says why each golden image does not match',
  PLANTS_FULL: 'end VMs that are not needed any more with vmshop destroy VMID, or try again later',
  NO_PLANTS:
    'start the shop with the addresses of plants (vmshop serve --plants HOST:PORT,...), or plants with the etcd of the shop (vmplant serve --etcd URL)',
  PLANT_UNREACHABLE: 'vmshop plants shows which plants answer; try again when they do',
  PLANTS_UNREACHABLE: 'vmshop plants shows which plants answer; try again when they do',
  IMAGE_NOT_FOUND: 'vmshop images shows the images that there are; --domain NAME decides for their owner',
  RECIPE_UNKNOWN: 'give the request that the VM was created with: vmshop publish VMID --as NAME -f FILE',
  IDENTITY_REMAINS:
    'undo it in the copy with --scrub FILE, or let what an action did stay with --keep-identity ACTION...',
  VM_NOT_RUNNING: 'end it with vmshop destroy VMID, then repeat the command',
  REQUEST_ID_REUSED: 'choose another --request-id for another request',
};

/** The error with a hint for the command line, where there is a better one than the shop's. */
export function withCommandLineHint(error: VmplantsError): VmplantsError {
  const { reason } = error;
  const hint = reason !== undefined && Object.hasOwn(HINTS, reason) ? HINTS[reason] : undefined;
  return hint === undefined ? error : withHint(error, hint);
}

/** The same error with another hint. */
export function withHint(error: VmplantsError, hint: string): VmplantsError {
  return new VmplantsError(error.code, error.message, {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(error.actionFailure === undefined ? {} : { actionFailure: error.actionFailure }),
    violations: error.violations,
    hint,
    cause: error,
  });
}
