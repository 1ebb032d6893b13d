import { VmplantsError } from '../model/errors.js';
import type { Vm } from '../model/vm.js';
import type { CallOptions } from '../proto/channel.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import type { AbsentPlant } from '../registry/registry.js';
import { type Answer, askAll } from './askAll.js';
import { bestCopy, copyRank } from './copyRank.js';
import type { Hints } from './hints.js';
import type { PlantLinks } from './plantLinks.js';

/** A VM and the plant that holds it. */
export interface Located {
  readonly vm: Vm;
  readonly plant: PlantClient;
}

/** The plants that are asked, and those that cannot be. */
type Known = Pick<PlantLinks, 'all' | 'absent' | 'warning'>;

/**
 * The plant that holds a VM: the hinted one if it still does, else whichever of all plants says so. Where two do,
 * because one was lost while it made the VM and another made it then, it is the one whose copy has the higher rank: the
 * other's goes by itself. NOT_FOUND only when every plant said that it has none such; UNAVAILABLE when a plant that may have it did
 * not answer or is absent (PLANT_UNREACHABLE, naming them), or may not be known (PLANTS_UNCERTAIN).
 */
export async function locate(
  known: Known,
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Located> {
  const plants = known.all();
  const hinted = await askHinted(plants, hints, vmid, options);
  // What failed and was not claimed, or is going, may hide the client's own.
  if (hinted?.kind === 'answer' && copyRank(hinted.value) >= copyRank({ state: 'producing' })) {
    return { vm: hinted.value, plant: hinted.plant };
  }
  const answers = await askOthers(plants, hinted, vmid, options);
  const found = bestCopy(answers.filter(holds), ({ value }) => value);
  // Nothing is to be known for good of a VM that another plant, which is silent, may have.
  const isSure = found !== undefined && (isClaimed(found.value) || isWhole(known, answers));
  if (isSure) return noteAt(hints, found);
  hints.forget(vmid);
  if (found !== undefined) return { vm: found.value, plant: found.plant };
  throw notLocated(known, vmid, answers);
}

/**
 * As `locate`, for whoever makes the VM when there is none: one that nobody has claimed is an answer only when every
 * plant was heard, because a plant that is silent may hold the one that was claimed. Errors as in `locate`.
 */
export async function locateForGood(
  known: Known,
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Located> {
  const plants = known.all();
  const hinted = await askHinted(plants, hints, vmid, options);
  if (hinted !== undefined && holdsClaimed(hinted)) return noteAt(hints, hinted);
  const answers = await askOthers(plants, hinted, vmid, options);
  const claimed = bestCopy(answers.filter(holdsClaimed), ({ value }) => value);
  if (claimed !== undefined) return noteAt(hints, claimed);
  const unclaimed = bestCopy(answers.filter(holds), ({ value }) => value);
  if (unclaimed !== undefined && isWhole(known, answers)) return noteAt(hints, unclaimed);
  throw notLocated(known, vmid, answers);
}

/** Whether a VM is its client's, and no copy that goes by itself. */
export function isClaimed({ state, unclaimed }: Vm): boolean {
  return state !== 'producing' && unclaimed !== true;
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

type Failed = Extract<Answer<unknown>, { kind: 'error' }>;

/** Neither has the VM, nor said that it has not. Who is on the way already is asked by those behind it. */
function isSilent(answer: Answer<unknown>): answer is Failed {
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

function describeAbsent({ address, name }: AbsentPlant): string {
  return `${address}: ${name ?? 'a plant'} is not registered now`;
}

/** Whether nobody but those who answered can have the VM. */
export function isWhole(known: Known, answers: readonly Answer<unknown>[]): boolean {
  return !answers.some(isSilent) && known.absent().length === 0 && known.warning() === undefined;
}

/** Why no copy, or not the client's own, was found among these answers. */
export function notLocated(known: Known, vmid: string, answers: readonly Answer<unknown>[]): VmplantsError {
  const absent = known.absent();
  const silent = [...answers.filter(isSilent).map(describeSilent), ...absent.map(describeAbsent)];
  if (silent.length > 0) {
    const message =
      silent.length === answers.length + absent.length
        ? `no plant answers (${silent.join(', ')})`
        : `not every plant answers, and one that does not may have ${vmid} (${silent.join(', ')})`;
    return new VmplantsError('UNAVAILABLE', message, {
      reason: 'PLANT_UNREACHABLE',
      hint: absent
        .slice(0, 1)
        .reduce(
          (hint, { remedy }) => `${hint}; of one that never comes back its VMs are gone: ${remedy}`,
          'try again when the plant answers',
        ),
    });
  }
  const outdated = known.warning();
  if (outdated !== undefined) {
    return new VmplantsError(
      'UNAVAILABLE',
      `no plant that is known has ${vmid}, but not every plant may be known: ${outdated}`,
      { reason: 'PLANTS_UNCERTAIN', hint: 'repeat the call when the registry answers' },
    );
  }
  return new VmplantsError('NOT_FOUND', `no plant has ${vmid}`, {
    reason: 'NO_SUCH_VM',
    hint: 'list the VMs to see which there are',
  });
}
