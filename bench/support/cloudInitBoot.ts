import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { CloneSpec, ProductionLine } from '../../plant/line/line.js';
import { withDeadline } from '../../plant/untilAborted.js';
import { cloudInitSeed } from './cloudInitSeed.js';
import { openSerialConsole } from './serialConsole.js';
import type { Finished } from './timeAlternately.js';
import { proves, type WantedMachine } from './wantedMachine.js';

/** What cloud-init writes at the end of its final stage. */
const FINISHED = /Cloud-init v\. \S+ finished at [^\n]*\n/;

/** Several times what a slow machine takes. */
const DEADLINE_MILLISECONDS = 300_000;
const DISCARD_MILLISECONDS = 30_000;

/**
 * The way without this project: a copy-on-write overlay, a boot from its disk, and cloud-init with a seed ISO, up to
 * the end of its final stage. The production line starts the machine, so that the emulator, its devices and all their
 * settings are those of the other side.
 * @param directory of the clone; must not exist
 */
export async function bootWithCloudInit(
  line: ProductionLine,
  image: LocatedImage,
  directory: string,
  machine: WantedMachine,
  signal: AbortSignal,
): Promise<Finished> {
  const { vcpus, memoryMiB } = image.descriptor.hardware;
  const spec: CloneSpec = {
    vmid: machine.hostname,
    directory,
    image,
    rung: 'disk',
    vcpus,
    memoryMiB,
    network: 'host-only',
    macs: ['52:54:00:00:00:01'],
    generationId: randomUUID(),
    purpose: 'vm',
  };
  const undo = (): Promise<void> =>
    line.discard(directory, undefined, AbortSignal.timeout(DISCARD_MILLISECONDS));
  try {
    const said = await withDeadline(signal, DEADLINE_MILLISECONDS, (until) =>
      boot(line, spec, machine, until),
    );
    const check = async (): Promise<void> => {
      if (!proves(said, machine)) throw new Error(`cloud-init did not make what was asked for:\n${said}`);
    };
    return { check, undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

/** What the guest wrote to its console. */
async function boot(
  line: ProductionLine,
  spec: CloneSpec,
  machine: WantedMachine,
  signal: AbortSignal,
): Promise<string> {
  await line.clone(spec, signal);
  const seed = join(spec.directory, 'seed.iso');
  await writeFile(seed, cloudInitSeed(machine, spec.generationId));
  const started = await line.start(spec, signal);
  try {
    const serial = await openSerialConsole(started, signal);
    try {
      await started.deliver(seed, signal);
      await started.run(signal);
      await serial.until(FINISHED, signal);
      return serial.text();
    } finally {
      serial.close();
    }
  } finally {
    started.release();
  }
}
