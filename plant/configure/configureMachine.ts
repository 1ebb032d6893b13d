import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostAction } from '../../model/action.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Machine, NewDevice } from '../line/line.js';
import { withDeadline } from '../untilAborted.js';
import { actionFailed } from './actionFailed.js';
import { bootUntilReady } from './bootUntilReady.js';
import {
  type ActionRun,
  ConfigurationError,
  type ConfigurationRequest,
  type ConfigurationResult,
} from './configuration.js';
import { describeStatus } from './describeStatus.js';
import type { ActionResult, Heard, Renewed } from './exchange.js';
import { newDevice } from './hostAction.js';
import type { FreshIdentity } from './identity.js';
import { buildRound, carries, type Round } from './round.js';
import { runSession, type SessionResult } from './session.js';
import { afterWork, beginWalk, nextWork, type WalkState, type Work, type WorkItem } from './walk.js';

/**
 * Configures the paused machine and leaves it running: host actions that come first, the fresh identity together with
 * the first guest actions on one ISO, then stage after stage, with retries and error handlers as the walk decides.
 *
 * @throws ConfigurationError with the reason: FAILED_PRECONDITION, ACTION_FAILED, when an action failed and the client
 * let it abort; UNAVAILABLE when the machine ended or the guest fell silent; or the signal's.
 */
export async function configureMachine(
  request: ConfigurationRequest,
  machine: Machine,
  signal: AbortSignal,
): Promise<ConfigurationResult> {
  const ended = new AbortController();
  void machine.exited.then((exit) => ended.abort(machineEnded(exit.message)));
  const configuration = createConfiguration(request, machine, AbortSignal.any([signal, ended.signal]));
  try {
    return await configuration.run();
  } catch (error) {
    throw new ConfigurationError(asVmplantsError(error), configuration.hasRenewed());
  } finally {
    await configuration.removeIsos();
  }
}

/** How long the monitor may take to empty the drive. */
const WITHDRAW_MILLISECONDS = 2000;

function createConfiguration(request: ConfigurationRequest, machine: Machine, signal: AbortSignal) {
  const { clock, progress, random } = request;
  const runs: ActionRun[] = [];
  const addedDevices: NewDevice[] = [];
  const isoFiles: string[] = [];
  let renewed: Renewed | undefined;
  let running = false;
  let bootSeconds: number | undefined;
  let renewSeconds = 0;

  const performHostAction = async (item: WorkItem, action: HostAction): Promise<number> => {
    const began = clock.monotonic();
    progress({ phase: 'configure', action: item.action.name, message: 'the host carries it out' });
    let status = 0;
    let output: Uint8Array = new Uint8Array();
    try {
      const device = await newDevice(action, request.directory, random);
      await withDeadline(signal, request.deadlines.hostActionMilliseconds, (within) =>
        machine.addDevice(device, within),
      );
      addedDevices.push(device);
    } catch (error) {
      // The creation was cancelled or the machine is gone: not the action's failure.
      if (signal.aborted) throw asVmplantsError(signal.reason);
      status = 1;
      output = Buffer.from(asVmplantsError(error).message);
    }
    const seconds = (clock.monotonic() - began) / 1000;
    note(item, { index: 0, status, seconds, output, truncated: false, attributes: new Map() });
    return status;
  };

  const note = (item: WorkItem, result: ActionResult): void => {
    const { status, seconds, output, truncated, attributes } = result;
    runs.push({ path: item.path, key: item.action.key, status, seconds, output, truncated, attributes });
    progress({
      phase: 'configure',
      action: item.action.name,
      message: status === 0 ? 'done' : `${describeStatus(status)}, try ${item.attempt}`,
      seconds,
    });
  };

  const deliver = async (round: Round): Promise<void> => {
    const file = join(request.directory, `configuration-${isoFiles.length}.iso`);
    const before = isoFiles.at(-1);
    isoFiles.push(file);
    await writeFile(file, round.iso.bytes, { mode: 0o600, flag: 'wx' });
    await machine.deliver(file, signal);
    if (before !== undefined) await rm(before, { force: true });
  };

  const ring = async (round: Round, identity: FreshIdentity | undefined): Promise<SessionResult> => {
    const began = clock.monotonic();
    const onHeard = (heard: Heard): void => {
      if (heard.kind === 'renewed') {
        renewed = heard.renewed;
        renewSeconds = (clock.monotonic() - began) / 1000;
        progress({ phase: 'renew', message: 'the guest confirmed its new identity', seconds: renewSeconds });
        return;
      }
      const item = 'index' in heard ? round.items[heard.index] : undefined;
      if (heard.kind === 'started' && item !== undefined) {
        progress({ phase: 'configure', action: item.action.name, message: 'started' });
      } else if (heard.kind === 'ended') {
        const ended = round.items[heard.result.index];
        if (ended !== undefined) note(ended, heard.result);
      }
    };
    const session = await runSession(
      {
        guest: machine.guest,
        doorbell: {
          kind: 'configure',
          nonce: round.nonce,
          manifestDigest: round.iso.manifestDigest,
          epochMilliseconds: clock.now(),
        },
        ...(identity === undefined ? {} : { identity: expectedOf(identity) }),
        timeoutsSeconds: round.items.map(({ action }) => timeoutOf(action)),
        deadlines: request.deadlines,
        onHeard,
      },
      signal,
    );
    return session;
  };

  /** One ISO: the first also starts the machine and brings the identity. Gives the statuses of what ran. */
  const performRound = async (items: readonly WorkItem[]): Promise<readonly number[]> => {
    const first = !running;
    const identity = first ? request.identity : undefined;
    const { prepared } = request;
    const round =
      first && prepared !== undefined && carries(prepared, items)
        ? prepared
        : buildRound(request, items, identity);
    await deliver(round);
    if (first) {
      bootSeconds = await letRun();
      running = true;
    }
    const session = await ring(round, identity);
    const last = session.actions.at(-1);
    if (session.silent && (last === undefined || last.status === 0)) throw guestSilentAfterActions();
    if (session.silent && last !== undefined) {
      const item = round.items[last.index];
      if (item !== undefined) note(item, last);
    }
    return session.actions.map(({ status }) => status);
  };

  const letRun = async (): Promise<number | undefined> => {
    if (request.runs === true) return undefined;
    if (request.rung === 'warm') {
      await machine.run(signal);
      return undefined;
    }
    const began = clock.monotonic();
    await bootUntilReady(machine, request.deadlines.bootMilliseconds, signal);
    const seconds = (clock.monotonic() - began) / 1000;
    progress({ phase: 'start', message: 'the guest has booted', seconds });
    return seconds;
  };

  const run = async (): Promise<ConfigurationResult> => {
    let state: WalkState = beginWalk(request.dag, request.stages);
    const began = clock.monotonic();
    for (;;) {
      const work = nextWork(state);
      if (work.kind === 'host') {
        if (work.item.action.kind !== 'host') throw new Error('expected a host action in a host stage');
        state = afterWork(state, [await performHostAction(work.item, work.item.action)]);
        continue;
      }
      if (work.kind === 'end' && work.end.kind === 'aborted') throw actionFailed(work.end, runs);
      if (work.kind === 'end' && renewed !== undefined) {
        const total = (clock.monotonic() - began) / 1000;
        return {
          renewed,
          outcomes: work.end.outcomes,
          runs,
          addedDevices,
          seconds: {
            ...(bootSeconds === undefined ? {} : { boot: bootSeconds }),
            renew: renewSeconds,
            // The phases add up: what is neither booting nor renewing is configuring.
            configure: total - (bootSeconds ?? 0) - renewSeconds,
          },
        };
      }
      const statuses = await performRound(itemsOf(work));
      if (statuses.length > 0) state = afterWork(state, statuses);
    }
  };

  return {
    run,
    hasRenewed: () => renewed !== undefined,
    /** They hold the identity's secrets and the client's data. */
    removeIsos: async () => {
      // A monitor that is gone holds nothing; one that does not answer keeps no creation from ending.
      await withDeadline(new AbortController().signal, WITHDRAW_MILLISECONDS, (within) =>
        machine.withdraw(within),
      ).catch(() => undefined);
      await Promise.all(isoFiles.map((file) => rm(file, { force: true })));
    },
  };
}

function itemsOf(work: Work): readonly WorkItem[] {
  return work.kind === 'guest' ? work.actions : [];
}

function expectedOf(identity: FreshIdentity) {
  return {
    hostname: identity.hostname,
    machineId: identity.machineId,
    bootId: identity.bootId,
    mac: identity.macs[0],
    sshHostKeyDigest: identity.sshHostKey.digest,
  };
}

function timeoutOf(action: WorkItem['action']): number {
  return action.kind === 'guest' ? action.timeoutSeconds : 0;
}

function machineEnded(message: string): VmplantsError {
  // A monitor that was asked to end, by its guest for example, has given nothing but warnings before, if anything.
  const said = message
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes(': warning: '))
    .join('\n')
    .slice(-500);
  const why = said === '' ? 'it was switched off from within, or its monitor was ended' : said;
  return new VmplantsError('UNAVAILABLE', `the machine ended while it was configured: ${why}`, {
    reason: 'MACHINE_ENDED',
  });
}

function guestSilentAfterActions(): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'the guest did not say that it was done', {
    reason: 'GUEST_SILENT',
  });
}
