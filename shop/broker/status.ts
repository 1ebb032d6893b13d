import { setTimeout as after } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PlantStatus, PlantStatus__Output } from '../../proto/gen/vmplants/v1/PlantStatus.js';
import { boundedStatus } from '../../proto/mapping/plantStatus.js';
import type { Registry } from '../../registry/registry.js';
import { followPlants } from '../followPlants.js';
import type { PlantLinks } from '../plantLinks.js';
import { createBell } from './bell.js';
import type { Markup } from './markup.js';
import { type MergedStatus, mergeStatus } from './mergeStatus.js';

export interface StatusOptions {
  readonly name: string;
  readonly markup: Markup;
  /** Within which a plant that is silent at first is not waited for any longer. */
  readonly firstMilliseconds: number;
  /** How long one stream may stay open; it is opened again then. */
  readonly streamMilliseconds: number;
}

/** As often as a plant says its status at most. */
const PAUSE_MILLISECONDS = 200;

/**
 * What the plants offer together: once each has said what it offers, or has failed to, and again whenever it changed,
 * until the signal is aborted. A plant that cannot be reached offers nothing.
 */
export async function* statusOfPlants(
  links: PlantLinks,
  registry: Pick<Registry, 'onChange'>,
  options: StatusOptions,
  signal: AbortSignal,
): AsyncGenerator<PlantStatus, void, undefined> {
  const bell = createBell();
  const statuses = new Map<string, PlantStatus__Output>();
  const awaited = new Set(links.all().map(({ address }) => address));
  const heardOf = (address: string): void => {
    awaited.delete(address);
    bell.ring();
  };
  const silent = (address: string): void => {
    statuses.delete(address);
    heardOf(address);
  };
  const ended = new AbortController();
  const timer = setTimeout(() => {
    awaited.clear();
    bell.ring();
  }, options.firstMilliseconds);
  const end = (): void => ended.abort();
  signal.addEventListener('abort', end, { once: true });
  followPlants<PlantStatus__Output>(
    links,
    registry,
    {
      open: (plant, one) =>
        plant.status({}, { timeoutMilliseconds: options.streamMilliseconds, signal: one }),
      onOpen: () => undefined,
      onMessage: (address, message) => {
        const status = boundedStatus(message);
        const images = status.images ?? statuses.get(address)?.images ?? null;
        statuses.set(address, { ...status, images });
        heardOf(address);
      },
      onBroken: silent,
      onLeft: silent,
    },
    ended.signal,
  );
  try {
    let said: MergedStatus | undefined;
    // Nobody rings where there is no plant.
    bell.ring();
    while (!signal.aborted) {
      await bell.heard(signal);
      if (signal.aborted || awaited.size > 0) continue;
      const merged = mergeStatus([...statuses.values()], options.markup);
      if (said !== undefined && isDeepStrictEqual(merged, said)) continue;
      yield messageOf(merged, said, options.name);
      said = merged;
      await after(PAUSE_MILLISECONDS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    ended.abort();
  }
}

function messageOf(merged: MergedStatus, said: MergedStatus | undefined, name: string): PlantStatus {
  return {
    ...merged,
    name,
    broker: true,
    domains: [...merged.domains],
    lines: [...merged.lines],
    images: isDeepStrictEqual(merged.images, said?.images) ? null : merged.images,
  };
}
