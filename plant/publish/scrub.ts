import type { GuestAction } from '../../model/action.js';
import { actionKey } from '../../model/actionKey.js';
import type { Dag } from '../../model/dag.js';
import { VmplantsError } from '../../model/errors.js';
import type { Stage } from '../../model/plan.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import { SCRUB_SCRIPT } from './scrubScript.js';

/** What is known of the VM whose traces are to go. */
export interface ScrubSubject {
  readonly hostname: string;
  /** 32 hexadecimal digits; absent where it could not be read. */
  readonly machineId: string | undefined;
  /** The client's script. */
  readonly script: string | undefined;
  /** Whether guests of the line run programs; one that does not has no files to be rid of. */
  readonly runsPrograms: boolean;
}

/** Names of the two actions, as progress shows them. */
const CLIENT_ACTION = 'scrub-script';
const OWN_ACTION = 'scrub-identity';

/** A full disk under emulation. */
const TIMEOUT_SECONDS = 1800;

const NO_FILES_SCRIPT = 'echo SCRUBBED_1=no-files >> "$VMPLANTS_ATTRIBUTES"\n';

const SUBJECT = /^[a-z-]{1,32}$/;
const TAIL_CHARACTERS = 300;

/** What is carried out in the copy: the client's script, if any, then ours, which also wipes what either deleted. Pure. */
export function scrubDag(subject: ScrubSubject): { readonly dag: Dag; readonly stages: readonly Stage[] } {
  const own = guestAction(OWN_ACTION, subject.runsPrograms ? SCRUB_SCRIPT : NO_FILES_SCRIPT, [
    ['OLD_HOSTNAME', subject.hostname],
    ['OLD_MACHINE_ID', subject.machineId ?? ''],
  ]);
  const actions =
    subject.script === undefined ? [own] : [guestAction(CLIENT_ACTION, subject.script, []), own];
  const after = subject.script === undefined ? [] : [CLIENT_ACTION];
  return {
    dag: { actions, predecessors: new Map([[OWN_ACTION, after]]) },
    stages: [{ kind: 'guest', actions: actions.map(({ name, key }) => ({ name, key })) }],
  };
}

/**
 * What the guest confirmed to be rid of, in order. Pure.
 * @throws VmplantsError FAILED_PRECONDITION, IDENTITY_REMAINS, when it confirmed nothing
 */
export function scrubbedOf({ runs }: ConfigurationResult): readonly string[] {
  const attributes = runs.find(({ path }) => path[0] === OWN_ACTION)?.attributes;
  const confirmed: string[] = [];
  for (;;) {
    const subject = attributes?.get(`SCRUBBED_${confirmed.length + 1}`);
    if (subject === undefined || !SUBJECT.test(subject)) break;
    confirmed.push(subject);
  }
  if (confirmed.length === 0) throw identityRemains('the guest confirmed nothing');
  return confirmed;
}

/** The error of a scrub script, as the client is to have it; any other error as it is. Pure. */
export function asScrubError(error: unknown): unknown {
  if (!(error instanceof VmplantsError) || error.actionFailure === undefined) return error;
  const { actionFailure } = error;
  if (actionFailure.action === OWN_ACTION) return identityRemains(actionFailure.outputTail, error);
  if (actionFailure.action !== CLIENT_ACTION) return error;
  return new VmplantsError('FAILED_PRECONDITION', `nothing was published: ${error.message}`, {
    reason: 'SCRUB_FAILED',
    actionFailure,
    hint: 'The scrub script has to end with status 0 in the copy.',
    cause: error,
  });
}

function identityRemains(what: string, cause?: VmplantsError): VmplantsError {
  // A guest's words: printable ASCII alone.
  const shown = what
    .trim()
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(-TAIL_CHARACTERS);
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `nothing was published: the copy is not rid of the VM's identity: ${shown === '' ? 'no reason given' : shown}`,
    {
      reason: 'IDENTITY_REMAINS',
      ...(cause?.actionFailure === undefined ? {} : { actionFailure: cause.actionFailure }),
      hint: 'Remove it in the VM, or with a scrub script, and publish again.',
      cause,
    },
  );
}

function guestAction(name: string, script: string, environment: GuestAction['environment']): GuestAction {
  const work = { kind: 'guest', script, files: [], parameters: [], environment } as const;
  return {
    ...work,
    name,
    key: actionKey(work, new Map()),
    identity: false,
    timeoutSeconds: TIMEOUT_SECONDS,
    onError: { retries: 0, then: { kind: 'abort' } },
  };
}
