import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestAction } from '../../model/action.js';
import { actionKey } from '../../model/actionKey.js';
import { VmplantsError } from '../../model/errors.js';
import { freshIdentity } from '../configure/identity.js';
import { buildRound } from '../configure/round.js';
import { runSession } from '../configure/session.js';
import type { CloneSpec, Machine } from '../line/line.js';
import type { BakeParts } from './bakeParts.js';

/** Two: the first loads modules and fills caches, the second finds what the first changed. */
const ROUNDS = 2;

const NOTHING_SCRIPT = 'exit 0\n';

/**
 * Goes through what every clone will go through first, with a script that does nothing, so that the frozen memory has
 * it all at hand: the medium mounted, the identity renewed, a shell started.
 */
export async function rehearse(
  parts: Pick<BakeParts, 'random' | 'clock' | 'deadlines'>,
  spec: CloneSpec,
  hostname: string,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1)
    await rehearseOnce(parts, spec, hostname, machine, round, signal);
}

async function rehearseOnce(
  parts: Pick<BakeParts, 'random' | 'clock' | 'deadlines'>,
  spec: CloneSpec,
  hostname: string,
  machine: Machine,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const { random, clock, deadlines } = parts;
  // The interfaces keep their addresses: only how they are set is rehearsed.
  const identity = { ...freshIdentity(hostname, 0, new Set(), random), macs: spec.macs };
  const vm = { vmid: spec.vmid, hostname, identity: new Map<string, string>() };
  const action = nothingToDo();
  const round = buildRound({ vm, random }, [{ path: [action.name], action, attempt: 1 }], identity);
  const isoFile = join(spec.directory, `rehearsal-${number}.iso`);
  await writeFile(isoFile, round.iso.bytes, { mode: 0o600, flag: 'wx' });
  try {
    await machine.deliver(isoFile, signal);
    const result = await runSession(
      {
        guest: machine.guest,
        doorbell: {
          kind: 'configure',
          nonce: round.nonce,
          manifestDigest: round.iso.manifestDigest,
          epochMilliseconds: clock.now(),
        },
        identity: {
          hostname,
          machineId: identity.machineId,
          bootId: identity.bootId,
          mac: identity.macs[0],
          sshHostKeyDigest: identity.sshHostKey.digest,
        },
        timeoutsSeconds: [action.timeoutSeconds],
        deadlines,
      },
      signal,
    );
    if (result.silent || result.actions[0]?.status !== 0) {
      throw new VmplantsError('FAILED_PRECONDITION', 'the guest could not rehearse a configuration', {
        reason: 'REHEARSAL_FAILED',
      });
    }
  } finally {
    await rm(isoFile, { force: true });
  }
}

function nothingToDo(): GuestAction {
  const work = { kind: 'guest', script: NOTHING_SCRIPT, files: [], parameters: [], environment: [] } as const;
  return {
    ...work,
    name: 'rehearsal',
    key: actionKey(work, new Map()),
    identity: false,
    timeoutSeconds: 60,
    onError: { retries: 0, then: { kind: 'abort' } },
  };
}
