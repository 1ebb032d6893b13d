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
 * The plant that holds a VM: the hinted one if it still does, else whichever of all plants says so. NOT_FOUND only
 * when every plant said that it has none such; UNAVAILABLE, naming them, when a plant that may have it did not answer.
 */
export async function locate(
  plants: readonly PlantClient[],
  hints: Hints,
  vmid: string,
  options: CallOptions,
): Promise<Located> {
  const query = async (plant: PlantClient, call: CallOptions): Promise<Vm> =>
    vmFromMessage(await plant.query({ vmid }, call));
  const hinted = plants.filter(({ address }) => address === hints.get(vmid));
  const first = await askAll(hinted, options, query);
  const answers = first.some(({ kind }) => kind === 'answer')
    ? first
    : [
        ...first,
        ...(await askAll(
          plants.filter((plant) => !hinted.includes(plant)),
          options,
          query,
        )),
      ];
  const found = answers.find((answer) => answer.kind === 'answer');
  if (found !== undefined) {
    hints.set(vmid, found.plant.address);
    return { vm: found.value, plant: found.plant };
  }
  hints.forget(vmid);
  throw notLocated(vmid, answers);
}

/** The address, and what is more than that nothing answers there. */
function describeSilent({ plant, error }: Extract<Answer<Vm>, { kind: 'error' }>): string {
  return error.code === 'UNAVAILABLE' && error.reason === undefined
    ? plant.address
    : `${plant.address}: ${error.message}`;
}

function notLocated(vmid: string, answers: readonly Answer<Vm>[]): VmplantsError {
  const silent = answers.flatMap((answer) =>
    answer.kind === 'error' && answer.error.code !== 'NOT_FOUND' ? [describeSilent(answer)] : [],
  );
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
