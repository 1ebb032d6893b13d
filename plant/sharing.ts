import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { openUserRegister } from '../warehouse/userRegister.js';
import { usedElsewhere } from '../warehouse/users.js';
import type { CloneSpec, ProductionLine } from './line/line.js';
import type { PlantParts } from './parts.js';
import { IMAGE_GONE } from './produce/attempt.js';
import { untilAborted } from './untilAborted.js';

/** A warehouse that other plants may use as well. */
export interface SharedWarehouse {
  /** Absolute. */
  readonly directory: string;
  /** Id of this plant in it; see `info/plantId.ts`. */
  readonly plant: string;
  /** How often is renewed what the plant says there, and read what others say; `RENEW_MILLISECONDS` unless given. */
  readonly renewMilliseconds?: number;
}

/** What one plant tells the others on its warehouse, and knows of them. */
export interface Sharing {
  /** Id of this plant in the warehouse. */
  readonly plant: string;
  /** A line that clones an image only after every other plant can know that it is used here. */
  readonly around: (line: ProductionLine) => ProductionLine;
  /** What other plants use, as texts for people, by image, as it was read last. */
  readonly elsewhere: () => ReadonlyMap<string, readonly string[]>;
  readonly close: () => Promise<void>;
}

export interface SharingOptions {
  readonly shared: SharedWarehouse;
  readonly parts: Pick<PlantParts, 'info' | 'clock' | 'log'>;
}

const RENEW_MILLISECONDS = 30_000;

/** Says in the warehouse what the records say now, before anything is done, and goes on to do so. */
export async function openSharing({ shared, parts }: SharingOptions): Promise<Sharing> {
  const { info, clock, log } = parts;
  const { directory, plant } = shared;
  /** Clones that were made since the start, by their directories: machines that bake have no record. */
  const clones = new Map<string, Pick<CloneSpec, 'vmid' | 'image'>>();

  const register = await openUserRegister({
    warehouse: directory,
    plant,
    users: () => {
      const users = new Map<string, Set<string>>();
      const add = (image: string, name: string): void => {
        users.set(image, (users.get(image) ?? new Set()).add(name));
      };
      const recorded = new Set([...info.records(), ...info.prepared.all()].map((record) => record.directory));
      for (const { vm } of info.records()) add(vm.image, vm.vmid);
      for (const { image, id } of info.prepared.all()) add(image, id);
      for (const [clone, { image, vmid }] of clones) {
        if (!recorded.has(clone)) add(image.descriptor.name, vmid);
      }
      return new Map([...users].map(([image, names]) => [image, [...names]]));
    },
    keepListed: !info.intact || info.quarantined.length > 0,
    clock,
    log,
  });
  let elsewhere: ReadonlyMap<string, readonly string[]> = new Map();

  const renew = async (): Promise<void> => {
    await register.renew();
    try {
      elsewhere = await usedElsewhere(directory, plant);
    } catch (error) {
      log.warn({ err: asVmplantsError(error) }, 'what other plants use in the warehouse cannot be read');
    }
  };
  await renew();
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
  }, shared.renewMilliseconds ?? RENEW_MILLISECONDS);
  timer.unref();

  return {
    plant,
    around: (line) => ({
      ...line,
      clone: async (spec, signal) => {
        const { image, directory: clone, vmid } = spec;
        clones.set(clone, { image, vmid });
        const isNew = await untilAborted(register.use(image.descriptor.name), signal);
        if (isNew && !(await isThere(spec))) throw imageGone(image.descriptor.name);
        await line.clone(spec, signal);
      },
      discard: async (clone, process, signal) => {
        await line.discard(clone, process, signal);
        clones.delete(clone);
      },
    }),
    elsewhere: () => elsewhere,
    close: async () => {
      clearInterval(timer);
      await renewing;
      clones.clear();
      await register.close();
    },
  };
}

/** Whoever removes an image moves it away, and looks then who uses it: one of the two sees the other. */
async function isThere({ image }: CloneSpec): Promise<boolean> {
  return await access(join(image.directory, image.descriptor.disk.file)).then(
    () => true,
    () => false,
  );
}

function imageGone(name: string): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `golden image ${name} is no longer there`, {
    reason: IMAGE_GONE,
    hint: 'Try again: another image may serve.',
  });
}
