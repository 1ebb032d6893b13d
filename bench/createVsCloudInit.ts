import { randomBytes } from 'node:crypto';
import type { LocatedImage } from '../model/goldenImage.js';
import { type BenchContext, type Benchmark, type Measurement, measurement } from './measurement.js';
import { baseImage } from './support/baseImage.js';
import { bootWithCloudInit } from './support/cloudInitBoot.js';
import { createVm } from './support/createVm.js';
import { peerImage, trimmed } from './support/peerImage.js';
import { startShopAndPlant } from './support/shopAndPlant.js';
import { type Surroundings, warehouseOf } from './support/surroundings.js';
import { timeAlternately } from './support/timeAlternately.js';
import { type WantedMachine, wantedMachine } from './support/wantedMachine.js';
import { inWorkplace, type Workplace } from './support/workplace.js';

const MEMORY_MIB = 512;

/** The way with cloud-init takes most of a minute under emulation: more pairs would tell little more. */
const PAIRS = { warmUp: 0, pairs: 3 };

/**
 * Seconds from the request to a Debian with host name, account and SSH key, through client library, shop and plant;
 * against overlay, boot and cloud-init on the same emulated machine.
 *
 * `create-vs-cloud-init`: against Debian as its packages make it, with cloud-init's configuration tuned.
 * `create-vs-cloud-init-trimmed`: against the same with those units masked that the golden image has masked, which
 * a golden image that is resumed hardly gains from, and a boot does.
 */
export function createVsCloudInit(surroundings: Surroundings): Benchmark {
  return {
    name: 'create-vs-cloud-init',
    async *run(context) {
      yield* await inWorkplace(surroundings, context, (place) => measure(surroundings, context, place));
    },
  };
}

async function measure(
  surroundings: Surroundings,
  context: BenchContext,
  { line, data, newClone }: Workplace,
): Promise<readonly Measurement[]> {
  const { signal } = context;
  const warehouse = warehouseOf(surroundings);
  const wanted = { warehouse, name: 'debian-12', base: 'debian-12', memoryMiB: MEMORY_MIB } as const;
  const { descriptor: golden } = await baseImage(surroundings, wanted, data, context);
  const peer = await peerImage(surroundings, golden, context);
  const { client, close } = await startShopAndPlant(surroundings, { data, warehouse }, signal);
  const compare = async (name: string, image: LocatedImage): Promise<Measurement> => {
    context.report(`${name}: this project against overlay, boot and cloud-init`);
    const { measured, against } = await timeAlternately(context, PAIRS, {
      measured: () => createVm(client, golden.hardware.memoryMiB, nextMachine(), signal),
      against: () => bootWithCloudInit(line, image, newClone(), nextMachine(), signal),
    });
    return measurement(name, 's', measured / 1000, against / 1000);
  };
  try {
    return [
      await compare('create-vs-cloud-init', peer),
      await compare('create-vs-cloud-init-trimmed', trimmed(peer)),
    ];
  } finally {
    await close();
  }
}

/** Never the same twice: an answer of an earlier machine is no proof for a later one. */
function nextMachine(): WantedMachine {
  return wantedMachine(`bench-${randomBytes(6).toString('hex')}`, randomBytes(32));
}
