import type { GoldenImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import { type CompiledOrder, compileOrder } from './compiledOrder.js';

/** What is asked of the planner, apart from the images. */
export interface PlannerQuery {
  readonly order: Order;
  /** The time, in milliseconds since 1970; data, because the planner reads no clock. */
  readonly now: number;
  /** The production lines of this host that are known. Undefined: none is, and every line is taken to be there. */
  readonly lines: readonly LineEnvironment[] | undefined;
  /**
   * Off-line: lines that are taken to be there besides, every image's memory to be made for them. None unless given,
   * and every one where `lines` is undefined.
   */
  readonly assumedLines?: AssumedLines;
  /** Rungs of images that are not to be chosen, because a clone of them has failed before. */
  readonly excluded?: readonly ExcludedClone[];
  /** What an action takes that no image has ever measured; 1 second unless given. */
  readonly defaultActionSeconds?: number;
  /**
   * Where machines wait that fit the order's hardware and network and are what a clone made there now would be:
   * whoever fills it has checked that. None unless given.
   */
  readonly ready?: readonly ReadyPoint[];
  /** Seconds that a boot of the image's disk takes on the line, where this host has measured it: else the image says. */
  readonly bootSecondsOf?: BootSecondsOf;
  /** Seconds that handing out such a machine saves against resuming one; 0.5 unless given, never negative. */
  readonly readySeconds?: number;
}

/** Names of lines, or each that an image can be made on. */
export type AssumedLines = readonly string[] | 'every';

/** Always the same answer while the query is worked at; undefined where nothing was measured. */
export type BootSecondsOf = (line: string, image: GoldenImage) => number | undefined;

export interface ExcludedClone {
  readonly image: string;
  readonly rung: Rung;
  /** Absent: on every line. */
  readonly line?: string;
}

/** A machine of the image waits that this line has resumed or, on the disk rung, booted. */
export interface ReadyPoint {
  readonly image: string;
  readonly line: string;
  readonly rung: Rung;
}

export interface CompiledQuery {
  readonly order: CompiledOrder;
  readonly now: number;
  readonly lines: readonly LineEnvironment[];
  readonly assumedLines: AssumedLines;
  /** By image. */
  readonly excluded: ReadonlyMap<string, readonly ExcludedClone[]>;
  readonly defaultActionSeconds: number;
  readonly bootSecondsOf: BootSecondsOf;
  /** By image. */
  readonly ready: ReadonlyMap<string, readonly ReadyPoint[]>;
  readonly readySeconds: number;
  /** The most that an image can be worth beyond the work that it brings: what bounds are widened by. */
  readonly mostReadySeconds: number;
}

const DEFAULT_ACTION_SECONDS = 1;
/** Measured: resuming, until the guest answers. A waiting machine answers at once. */
const DEFAULT_READY_SECONDS = 0.5;

export function compileQuery(query: PlannerQuery): CompiledQuery {
  const ready = byImage(query.ready ?? []);
  const readySeconds = query.readySeconds ?? DEFAULT_READY_SECONDS;
  return {
    order: compileOrder(query.order),
    now: query.now,
    lines: query.lines ?? [],
    assumedLines: query.assumedLines ?? (query.lines === undefined ? 'every' : []),
    excluded: byImage(query.excluded ?? []),
    defaultActionSeconds: query.defaultActionSeconds ?? DEFAULT_ACTION_SECONDS,
    bootSecondsOf: query.bootSecondsOf ?? (() => undefined),
    ready,
    readySeconds,
    mostReadySeconds: ready.size === 0 ? 0 : readySeconds,
  };
}

function byImage<T extends { readonly image: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const same = found.get(one.image);
    if (same === undefined) found.set(one.image, [one]);
    else same.push(one);
  }
  return found;
}
