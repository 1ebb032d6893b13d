import type { Dag } from '../../model/dag.js';
import { asVmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Hardware } from '../../model/hardware.js';
import type { Rung, Stage } from '../../model/plan.js';
import type { ReportProgress } from '../../model/progress.js';
import { ConfigurationError, type ConfigurationResult } from '../configure/configuration.js';
import { configureMachine } from '../configure/configureMachine.js';
import { freshIdentity } from '../configure/identity.js';
import type { CloneSpec, FrozenMachine, Machine } from '../line/line.js';
import { withDeadline } from '../untilAborted.js';
import type { BakeParts } from './bakeParts.js';
import { QUIESCE_MILLISECONDS, quiesce } from './quiesce.js';
import { rehearse } from './rehearse.js';
import { newScratch } from './scratch.js';

/** A machine to be made and frozen. */
export interface FreezeRequest {
  readonly image: LocatedImage;
  readonly rung: Rung;
  readonly hardware: Hardware;
  readonly network: CloneSpec['network'];
  readonly dag: Dag;
  readonly stages: readonly Stage[];
}

export interface FrozenResult {
  readonly frozen: FrozenMachine;
  readonly configuration: ConfigurationResult;
  /** Directory that holds what was frozen. */
  readonly directory: string;
}

/** Name that the machine goes by while it bakes; every clone gets another. */
const HOSTNAME = 'golden';

/**
 * Clones the image into a machine of its own, configures it, rehearses what its clones will go through, lets it come
 * to rest and freezes it; hands the result to `use`, and removes what is left of the machine afterwards, also after
 * an error.
 *
 * @throws VmplantsError FAILED_PRECONDITION, ACTION_FAILED, when an action does not end well
 */
export async function freezeMachine<T>(
  parts: BakeParts,
  request: FreezeRequest,
  progress: ReportProgress,
  signal: AbortSignal,
  use: (result: FrozenResult) => Promise<T>,
): Promise<T> {
  const { line, random, deadlines } = parts;
  const directory = await newScratch(parts.scratchRoot, random);
  const inherited = request.image.descriptor.devices.filter(
    ({ kind }) => kind === 'network-interface',
  ).length;
  const interfaces = (request.network === 'host-only' ? 1 : 0) + inherited;
  const identity = freshIdentity(HOSTNAME, interfaces, new Set(), random);
  const spec: CloneSpec = {
    vmid: `bake-${Buffer.from(random(8)).toString('hex')}`,
    directory,
    image: request.image,
    rung: request.rung,
    vcpus: request.hardware.vcpus,
    memoryMiB: request.hardware.memoryMiB,
    network: request.network,
    macs: identity.macs,
    generationId: identity.generationId,
    purpose: 'bake',
  };
  let machine: Machine | undefined;
  try {
    await timed(parts, progress, 'clone', `cloned ${request.image.descriptor.name}`, () =>
      line.clone(spec, signal),
    );
    const started = await timed(parts, progress, 'start', 'the machine is there', () =>
      withDeadline(signal, deadlines.startMilliseconds, (within) => line.start(spec, within)),
    );
    machine = started;
    const configuration = await configureMachine(
      {
        vm: { vmid: spec.vmid, hostname: HOSTNAME, identity: new Map() },
        dag: request.dag,
        stages: request.stages,
        rung: request.rung,
        identity,
        directory,
        deadlines,
        clock: parts.clock,
        random,
        progress,
      },
      started,
      signal,
    ).catch((error: unknown) => {
      throw error instanceof ConfigurationError ? error.cause : error;
    });
    const settle = (): Promise<void> =>
      timed(parts, progress, 'settle', 'the guest has come to rest', () =>
        quiesce(started.guest, Buffer.from(random(16)).toString('hex'), QUIESCE_MILLISECONDS, signal),
      );
    // A guest that was just booted is still busy with itself, and would rehearse something else than its clones do.
    if (request.rung === 'disk') await settle();
    await timed(parts, progress, 'rehearse', 'rehearsed a configuration', () =>
      rehearse(parts, spec, HOSTNAME, started, signal),
    );
    await settle();
    const frozen = await timed(parts, progress, 'freeze', 'frozen', () => started.freeze(signal));
    return await use({ frozen, configuration, directory });
  } finally {
    const undo = AbortSignal.timeout(deadlines.undoMilliseconds);
    await line.discard(directory, machine?.process, undo).catch((error: unknown) => {
      parts.log.error({ directory, err: asVmplantsError(error) }, 'what was baked in could not be removed');
    });
  }
}

async function timed<T>(
  parts: BakeParts,
  progress: ReportProgress,
  phase: string,
  message: string,
  work: () => Promise<T>,
): Promise<T> {
  const began = parts.clock.monotonic();
  const value = await work();
  progress({ phase, message, seconds: (parts.clock.monotonic() - began) / 1000 });
  return value;
}
