import { VmplantsError } from '../model/errors.js';
import type { Vm } from '../model/vm.js';
import type { CallOptions } from '../proto/channel.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { type Answer, askAll } from './askAll.js';
import type { Hints } from './hints.js';

/** A VM and the plant that holds it. */
export interface Located {
  readonly vm: Vm;
  readonly plant: PlantClient;
}

/**
 * The plant that holds a VM: the hinted one if it still does, else whichever of all plants says so. Where two do,
 * because one was lost while it made the VM and another made it then, it is the one whose VM was claimed: the other's
 * goes by itself. NOT_FOUND only when every plant said that it has none such; UNAVAILABLE, naming them, when a plant
 * that may have it did not answer.
 */
export async function locate(
  plants: readonly PlantClient[],
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Located> {
  const hinted = await askHinted(plants, hints, vmid, options);
  if (hinted?.kind === 'answer') return { vm: hinted.value, plant: hinted.plant };
  const answers = await askOthers(plants, hinted, vmid, options);
  const found = answers.find(holdsClaimed) ?? answers.find(holds);
  if (found !== undefined) return noteAt(hints, found);
  hints.forget(vmid);
  throw notLocated(vmid, answers);
}

/**
 * As `locate`, for whoever makes the VM when there is none: one that nobody has claimed is an answer only when every
 * plant was heard, because a plant that is silent may hold the one that was claimed. Errors as in `locate`.
 */
export async function locateForGood(
  plants: readonly PlantClient[],
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Located> {
  const hinted = await askHinted(plants, hints, vmid, options);
  if (hinted !== undefined && holdsClaimed(hinted)) return noteAt(hints, hinted);
  const answers = await askOthers(plants, hinted, vmid, options);
  const claimed = answers.find(holdsClaimed);
  if (claimed !== undefined) return noteAt(hints, claimed);
  const unclaimed = answers.find(holds);
  if (unclaimed !== undefined && !answers.some(isSilent)) return noteAt(hints, unclaimed);
  throw notLocated(vmid, answers);
}

/** Whether a VM is its client's; until then its plant shows it as being produced. */
export function isClaimed({ state }: Vm): boolean {
  return state !== 'producing';
}

type Held = Extract<Answer<Vm>, { kind: 'answer' }>;

function query(vmid: string): (plant: PlantClient, options: CallOptions) => Promise<Vm> {
  return async (plant, options) => vmFromMessage(await plant.query({ vmid }, options));
}

async function askHinted(
  plants: readonly PlantClient[],
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Answer<Vm> | undefined> {
  const address = hints.get(vmid);
  if (address === undefined) return undefined;
  const hinted = plants.filter((plant) => plant.address === address);
  return (await askAll(hinted, options, query(vmid)))[0];
}

/** The answer of the hinted plant, which is not asked again, and those of all others. */
async function askOthers(
  plants: readonly PlantClient[],
  hinted: Answer<Vm> | undefined,
  vmid: string,
  options: CallOptions,
): Promise<readonly Answer<Vm>[]> {
  const others = plants.filter((plant) => plant !== hinted?.plant);
  const answers = await askAll(others, options, query(vmid));
  return hinted === undefined ? answers : [hinted, ...answers];
}

function holds(answer: Answer<Vm>): answer is Held {
  return answer.kind === 'answer';
}

function holdsClaimed(answer: Answer<Vm>): answer is Held {
  return answer.kind === 'answer' && isClaimed(answer.value);
}

function noteAt(hints: Hints, { value, plant }: Held): Located {
  hints.set(value.vmid, plant.address);
  return { vm: value, plant };
}

type Failed = Extract<Answer<Vm>, { kind: 'error' }>;

/** Neither has the VM, nor said that it has not. Who is on the way already is asked by those behind it. */
function isSilent(answer: Answer<Vm>): answer is Failed {
  return (
    answer.kind === 'error' && answer.error.code !== 'NOT_FOUND' && answer.error.reason !== 'BROKER_LOOP'
  );
}

/** The address, and what is more than that nothing answers there. */
function describeSilent({ plant, error }: Failed): string {
  return error.code === 'UNAVAILABLE' && error.reason === undefined
    ? plant.address
    : `${plant.address}: ${error.message}`;
}

function notLocated(vmid: string, answers: readonly Answer<Vm>[]): VmplantsError {
  const silent = answers.filter(isSilent).map(describeSilent);
  if (silent.length > 0) {
    const message =
      silent.length === answers.length
        ? `no plant answers (${silent.join(', ')})`
        : `not every plant answers, and one that does not may have ${vmid} (${silent.join(', ')})`;
    return new VmplantsError('UNAVAILABLE', message, {
      reason: 'PLANT_UNREACHABLE',
      hint: 'try again when the plant answers',
    });
  }
  return new VmplantsError('NOT_FOUND', `no plant has ${vmid}`, {
    reason: 'NO_SUCH_VM',
    hint: 'list the VMs to see which there are',
  });
}
