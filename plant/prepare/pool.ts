import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import type { BackgroundSource } from '../background.js';
import type { Machine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import { measured } from '../planner/imageEntry.js';
import type { ReadyPoint } from '../planner/query.js';
import { decidePrepared, LEAST_DEMAND, type PointState, type PrepareLimits } from './decidePrepared.js';
import { type Demand, demandByPoint, NO_DEMAND, replanned, withOrder, withoutForgotten } from './demand.js';
import { discardPrepared } from './discardPrepared.js';
import { makePrepared } from './makePrepared.js';
import { makeWay } from './makeWay.js';
import { kindOf } from './orderKind.js';
import { createPauses } from './pauses.js';
import type { PreparedCount, PreparedMachine, PreparePoint } from './prepared.js';
import { canBeMade, pointKey, pointOf, pointOfOrder, pointOfVm } from './preparePoint.js';
import { isFresh, type WaitingMachine } from './waitingMachine.js';

/** Machines that are resumed or booted ahead of any order, and wait for one (VMPlants paper, section 5). */
export interface Pool extends BackgroundSource {
  /** Where machines wait that this order could be handed. */
  readonly readyFor: (order: Order) => readonly ReadyPoint[];
  /** The machine that has waited longest for such an order; it stays until `handedOut`. */
  readonly find: (order: Order, image: string, line: string, rung: Rung) => WaitingMachine | undefined;
  /** The machine is a VM now: whoever asked `find` in the same turn of the event loop recorded it as one. */
  readonly handedOut: (id: string) => void;
  /** An order was served that a machine of the point could serve (of none yet: undefined): such are worth having. */
  readonly note: (order: Order, point: PreparePoint | undefined) => void;
  /**
   * Gives up as many machines as do not fit beside the VMs that are recorded now. They are gone from the pool at once;
   * resolves when they have ended, or could not be ended, which is logged and tried again. Never rejects.
   */
  readonly makeRoom: () => Promise<void>;
  readonly counts: () => readonly PreparedCount[];
  /** Takes a machine that waited before the plant was restarted; false when it is no use any more and has to go. */
  readonly adopt: (record: PreparedMachine, machine: Machine) => boolean;
  /** Ends a machine and removes all of it; what cannot be removed is tried again later. Never rejects. */
  readonly giveUp: (record: PreparedMachine) => Promise<void>;
  /**
   * Ends the machines that wait: a plant that stops in good order leaves running only what belongs to somebody. After a
   * crash they are adopted.
   */
  readonly close: () => Promise<void>;
}

export interface PoolOptions {
  readonly parts: PlantParts;
  readonly limits: PrepareLimits;
  /** Whether a warm clone of the image has failed lately. */
  readonly failedBefore: (image: string) => boolean;
  /** Where the planner would have such an order served by a machine that waits; undefined for nowhere. */
  readonly pointFor: (order: Order) => PreparePoint | undefined;
  /** Called when there may be something to do. */
  readonly wake: () => void;
}

/** What handing out a machine saves against a clone that is resumed, or booted in no time, in seconds. */
const READY_SECONDS = 0.5;

/** What is paused when machines could not be removed; no point has this name. */
const REMOVAL = 'removal';

/** A machine that is being made. */
interface Making {
  readonly end: AbortController;
  readonly over: Promise<void>;
}

export function openPool({ parts, limits, failedBefore, pointFor, wake }: PoolOptions): Pool {
  const { info, clock, log, warehouse } = parts;
  const environments = parts.lines.map(({ environment }) => environment);
  const pauses = createPauses(clock.monotonic);
  const waiting = new Map<string, WaitingMachine>();
  /** Given up, and not gone yet. */
  const ending = new Map<string, Promise<void>>();
  let making: Making | undefined;
  let demand: Demand = demandOfRecords(parts);
  let closed = false;
  let imagesChanged = false;
  const unsubscribe = warehouse.onChange(() => {
    imagesChanged = true;
    wake();
  });

  /** Only a resumed machine is suspect when its image's memory is: one that waits has booted. */
  const isSuspect = ({ image, rung }: PreparePoint): boolean => rung === 'warm' && failedBefore(image);
  const canServe = (one: WaitingMachine): boolean =>
    isFresh(one, warehouse.get(one.record.image), environments) && !isSuspect(one.record);
  const fits = (order: Order, one: WaitingMachine): boolean => {
    const { image, line, rung } = one.record;
    return pointKey(one.record) === pointKey(pointOfOrder(order, image, line, rung)) && canServe(one);
  };
  const savedSecondsAt = ({ image, rung }: PreparePoint): number =>
    READY_SECONDS + (rung === 'disk' ? measured(warehouse.get(image)?.descriptor.bootSeconds ?? 0) : 0);

  const counts = (): readonly PreparedCount[] => {
    const now = clock.now();
    demand = withoutForgotten(demand, now, LEAST_DEMAND);
    // An image that was learned since may serve what was asked for before.
    if (imagesChanged) demand = replanned(demand, pointFor);
    imagesChanged = false;
    const holding = info.records().filter(({ holds }) => holds);
    const inUse = countBy(holding.map(pointOfVm));
    const waits = countBy([...waiting.values()].filter(canServe).map(({ record }) => record));
    const points = [...demandByPoint(demand, now)].flatMap(([key, known]): readonly PointState[] => {
      const { point } = known;
      if (isSuspect(point)) return [];
      if (!canBeMade(point, warehouse.get(point.image)?.descriptor, environments)) return [];
      return [
        {
          point,
          demand: known.weight,
          inUse: inUse.get(key) ?? 0,
          waiting: waits.get(key) ?? 0,
          savedSeconds: savedSecondsAt(point),
        },
      ];
    });
    const decided = decidePrepared({
      points,
      limits,
      freeMemoryMiB: parts.limits.memoryMiB - sumOfMemory(holding.map(({ vm }) => vm)),
      freeVms: parts.limits.maxVms - holding.length,
    });
    return points.map(({ point, waiting, inUse }, at) => ({
      ...point,
      waiting,
      inUse,
      wanted: decided[at]?.wanted ?? 0,
    }));
  };

  const giveUp = (record: PreparedMachine): Promise<void> => {
    const before = ending.get(record.id);
    if (before !== undefined) return before;
    waiting.get(record.id)?.machine.release();
    waiting.delete(record.id);
    const over = discardPrepared(parts, record)
      .catch((error: unknown) => {
        // Its record stays, so that it is tried again.
        log.error({ id: record.id, err: asVmplantsError(error) }, 'a prepared machine could not be removed');
      })
      .finally(() => ending.delete(record.id));
    ending.set(record.id, over);
    return over;
  };

  const add = (one: WaitingMachine): void => {
    const { id } = one.record;
    waiting.set(id, one);
    void one.machine.exited.then((exit) => {
      if (waiting.get(id) !== one) return;
      log.warn({ id, message: exit.message.slice(-300) }, 'a prepared machine has ended');
      void giveUp(one.record).then(wake);
    });
  };

  /** Machines that are not to wait any longer. Where one too many waits, the youngest is. */
  const superfluous = (now: readonly PreparedCount[]): readonly PreparedMachine[] => {
    const places = new Map(now.map((count) => [pointKey(count), count.wanted]));
    return [...waiting.values()].flatMap((one) => {
      const key = pointKey(one.record);
      const left = places.get(key) ?? 0;
      if (left === 0 || !canServe(one)) return [one.record];
      places.set(key, left - 1);
      return [];
    });
  };

  const make = async (point: PreparePoint, outer: AbortSignal): Promise<void> => {
    const image: LocatedImage | undefined = warehouse.get(point.image);
    const line = parts.lines.find(({ name }) => name === point.line);
    if (image === undefined || line === undefined) return;
    const end = new AbortController();
    const signal = AbortSignal.any([outer, end.signal]);
    const work = makePrepared(parts, line, point, image, signal).then(async (made) => {
      if (!signal.aborted) return add({ ...made, image });
      made.machine.release();
      await giveUp(made.record);
      throw asVmplantsError(signal.reason);
    });
    making = { end, over: work.then(nothing, nothing) };
    try {
      await work;
      pauses.succeeded(pointKey(point));
    } catch (error) {
      if (!signal.aborted) pauses.failed(pointKey(point));
      throw error;
    } finally {
      making = undefined;
    }
  };

  const makeRoom = async (): Promise<void> => {
    const holding = info.records().filter(({ holds }) => holds);
    const all = info.prepared.all();
    const missing = {
      memoryMiB: sumOfMemory(holding.map(({ vm }) => vm)) + sumOfMemory(all) - parts.limits.memoryMiB,
      places: holding.length + all.length - parts.limits.maxVms,
    };
    if (missing.memoryMiB <= 0 && missing.places <= 0) return;
    // What is about to go, or not finished, makes room first.
    making?.end.abort(
      new VmplantsError('ABORTED', 'its memory is needed for an order', { reason: 'YIELDED_TO_CREATION' }),
    );
    const isMade = making !== undefined;
    const going = all.filter(({ id, state }) => ending.has(id) || (isMade && state === 'making'));
    const wanted = demandByPoint(demand, clock.now());
    const gone = makeWay(
      [...waiting.values()].map(({ record }) => {
        const { id, memoryMiB } = record;
        const weight = wanted.get(pointKey(record))?.weight ?? 0;
        return { id, memoryMiB, worth: (weight * savedSecondsAt(record)) / memoryMiB };
      }),
      {
        memoryMiB: missing.memoryMiB - sumOfMemory(going),
        places: missing.places - going.length,
      },
    );
    const over = all.filter(({ id }) => gone.includes(id)).map(giveUp);
    await Promise.all([making?.over, ...ending.values(), ...over]);
  };

  return {
    next: () => {
      if (closed) return undefined;
      const now = counts();
      // Nothing is being made now: what neither waits nor ends could not be removed before.
      const left = info.prepared.all().filter(({ id }) => !waiting.has(id) && !ending.has(id));
      const gone = [...superfluous(now), ...left];
      if (gone.length > 0 && !pauses.isPaused(REMOVAL)) {
        return {
          what: 'removing prepared machines',
          yields: false,
          run: async () => {
            await Promise.all(gone.map(giveUp));
            if (gone.every(({ id }) => info.prepared.get(id) === undefined)) return pauses.succeeded(REMOVAL);
            pauses.failed(REMOVAL);
            throw notRemoved();
          },
        };
      }
      const [first] = now
        .filter((count) => count.wanted > count.waiting && !pauses.isPaused(pointKey(count)))
        .sort((a, b) => a.waiting - b.waiting);
      if (first === undefined) return undefined;
      const what = `preparing a machine of ${first.image}`;
      return { what, yields: true, run: (signal) => make(pointOf(first), signal) };
    },
    readyFor: (order) =>
      [...waiting.values()].flatMap((one) => {
        if (!fits(order, one)) return [];
        const { image, line, rung } = one.record;
        return [{ image, line, rung }];
      }),
    find: (order, image, line, rung) =>
      [...waiting.values()].find((one) => {
        const { record } = one;
        return record.image === image && record.line === line && record.rung === rung && fits(order, one);
      }),
    handedOut: (id) => {
      waiting.delete(id);
    },
    note: (order, point) => {
      const { kind, order: kept } = kindOf(order);
      demand = withOrder(demand, kind, { point, at: clock.now(), order: kept });
    },
    makeRoom,
    counts,
    adopt: (record, machine) => {
      const image = warehouse.get(record.image);
      // Whoever has the name of an image that is gone is another one.
      if (image === undefined || Date.parse(image.descriptor.created) > record.createdAt) return false;
      demand = withOrder(demand, pointKey(record), { point: record, at: record.createdAt });
      add({ record, machine, image });
      return true;
    },
    giveUp,
    close: async () => {
      closed = true;
      unsubscribe();
      await Promise.all([...waiting.values()].map(({ record }) => giveUp(record)));
      await Promise.all(ending.values());
    },
  };
}

/** What the VMs that there are were asked for: all that is known of the demand before this start. */
function demandOfRecords({ info }: Pick<PlantParts, 'info'>): Demand {
  return info.records().reduce((known, record) => {
    const point = pointOfVm(record);
    return withOrder(known, pointKey(point), { point, at: record.vm.createdAt });
  }, NO_DEMAND);
}

function countBy(points: readonly PreparePoint[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const point of points) counts.set(pointKey(point), (counts.get(pointKey(point)) ?? 0) + 1);
  return counts;
}

function sumOfMemory(held: readonly { readonly memoryMiB: number }[]): number {
  return held.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
}

function notRemoved(): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'a prepared machine could not be removed yet', {
    reason: 'NOT_REMOVED',
  });
}

function nothing(): void {}
