import type { GoldenImage } from '../../../model/goldenImage.js';
import type { Order } from '../../../model/order.js';
import { createEntry } from '../../planner/imageEntry.js';
import { isVisible, testMachine, valueMatch } from '../../planner/match.js';
import { compileQuery } from '../../planner/query.js';
import type { KnownImage, LearningInput } from './learning.js';
import type { MachineProfile } from './orderShape.js';

/** Whether machines of a profile can be made from an image here, by the planner's own tests. */
export interface MachineFit {
  /** Seconds of the boot that such a machine needs: none when its memory is resumed. Undefined: it can not be made. */
  readonly bootSeconds: (image: GoldenImage) => number | undefined;
}

type FitInput = Pick<LearningInput, 'images' | 'lines' | 'now'>;

export function createMachineFit(profile: MachineProfile, input: FitInput): MachineFit {
  const order: Order = {
    hardware: profile.hardware,
    operatingSystem: profile.operatingSystem,
    network: { kind: profile.network },
    // Of the actions other tests decide.
    dag: { actions: [], predecessors: new Map() },
    identity: new Map(),
    clientDomain: profile.clientDomain,
    ...(profile.line === undefined ? {} : { line: profile.line }),
    digest: '',
  };
  const failing = input.images.filter(({ memoryFails }) => memoryFails === true);
  const query = compileQuery({
    order,
    now: input.now,
    lines: input.lines,
    excluded: failing.map(({ image }) => ({ image: image.name, rung: 'warm' })),
  });
  return {
    bootSeconds: (image) => {
      if (!isVisible(query, image)) return undefined;
      const machine = testMachine(query, image);
      if (machine.kind === 'failed') return undefined;
      const entry = createEntry(image);
      const match = valueMatch(query, entry, machine.value);
      if (match.kind === 'failed') return undefined;
      return match.value.rung === 'warm' ? 0 : entry.bootSeconds;
    },
  };
}

/** Whether a machine like the frozen one can be resumed from the image on this host. */
export function resumesHere(known: KnownImage, input: FitInput): boolean {
  const { image } = known;
  if (image.memory === undefined || known.memoryFails === true) return false;
  const { memoryMiB, vcpus, network } = image.memory;
  const profile: MachineProfile = {
    hardware: { ...image.hardware, memoryMiB, vcpus },
    operatingSystem: { name: image.operatingSystem.name },
    network,
    clientDomain: image.owner ?? '',
  };
  return createMachineFit(profile, { ...input, images: [] }).bootSeconds(image) === 0;
}

/**
 * An image as it would be baked for the profile from this base, without what it performed: what the planner's tests
 * of the machine are asked with. Frozen on the first line that can resume it; undefined when the base is of no use.
 */
export function bakedImage(profile: MachineProfile, base: GoldenImage, input: FitInput): GoldenImage {
  const { memory: _, ...rest } = base;
  const line = input.lines.find(
    (here) =>
      here.resumes &&
      base.lines.includes(here.line) &&
      (profile.line === undefined || here.line === profile.line),
  );
  const { memoryMiB, vcpus } = profile.hardware;
  return {
    ...rest,
    name: '',
    hardware: { ...base.hardware, memoryMiB, vcpus },
    owner: profile.clientDomain,
    ...(line === undefined
      ? {}
      : {
          memory: {
            file: '',
            deviceStateFile: '',
            memoryMiB,
            vcpus,
            cpuModel: line.cpuModel,
            accelerator: line.accelerator,
            vmm: line.vmm,
            guestKernel: base.boot.guestKernel,
            network: profile.network,
          },
        }),
  };
}
