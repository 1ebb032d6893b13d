import type { Action } from '../../model/action.js';
import type { Dag } from '../../model/dag.js';
import type { Stage } from '../../model/plan.js';
import { descendantsOf } from './descendants.js';
import { stagesInOrder } from './stagesInOrder.js';

/**
 * The execution of a configuration DAG with its error nodes (VMPlants paper, section 3.1), decided without doing
 * anything: what to run next, given how everything so far has ended. An action that fails is tried again as often
 * as it may; then its handler runs; then what the client said follows. The exact meaning is in `model/action.ts`.
 *
 * Several skips add up: an action that any failed action's `go-on-at` skips is skipped.
 */
export interface WalkState {
  /** The order's DAG first, then the handlers that are being run, innermost last. */
  readonly frames: readonly Frame[];
  /** Set once nothing is left to do. */
  readonly end: WalkEnd | undefined;
}

/** A DAG that is being carried out. */
export interface Frame {
  readonly dag: Dag;
  readonly remaining: readonly Stage[];
  /** Tries of actions that have failed so far. */
  readonly failures: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** The failed action of the frame before whose handler this is, and its last status. */
  readonly handles: { readonly action: string; readonly status: number } | undefined;
}

/** `handled`: it failed, and the client's error handling let the order go on. */
export type Outcome = 'performed' | 'handled' | 'skipped' | 'failed';

export type WalkEnd =
  | { readonly kind: 'completed'; readonly outcomes: ReadonlyMap<string, Outcome> }
  | {
      readonly kind: 'aborted';
      readonly outcomes: ReadonlyMap<string, Outcome>;
      /** The order's own action that failed. */
      readonly action: string;
      readonly status: number;
      /** Where a handler failed: its action, below the order's. */
      readonly handlerPath: readonly string[];
    };

/** What to do next. */
export type Work =
  | { readonly kind: 'guest'; readonly actions: readonly WorkItem[] }
  | { readonly kind: 'host'; readonly item: WorkItem }
  | { readonly kind: 'end'; readonly end: WalkEnd };

export interface WorkItem {
  /** Names from the order's action to the handler's action that this is; one name for the order's own. */
  readonly path: readonly string[];
  readonly action: Action;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** @param stages what the plan leaves to do of the DAG; actions that are in none of them are done already */
export function beginWalk(dag: Dag, stages: readonly Stage[]): WalkState {
  return advance({ frames: [newFrame(dag, stages, undefined)], end: undefined });
}

export function nextWork(state: WalkState): Work {
  if (state.end !== undefined) return { kind: 'end', end: state.end };
  const frame = topOf(state);
  const stage = frame.remaining[0];
  if (stage === undefined) throw new Error('a walk that has not ended has a stage');
  const above = state.frames.flatMap(({ handles }) => (handles === undefined ? [] : [handles.action]));
  const item = (name: string): WorkItem => ({
    path: [...above, name],
    action: actionOf(frame.dag, name),
    attempt: (frame.failures.get(name) ?? 0) + 1,
  });
  return stage.kind === 'guest'
    ? { kind: 'guest', actions: stage.actions.map(({ name }) => item(name)) }
    : { kind: 'host', item: item(stage.action.name) };
}

/**
 * The state after the work that `nextWork` gave was done.
 * @param statuses how its actions ended, in order; all but the last are 0, and the rest did not run
 */
export function afterWork(state: WalkState, statuses: readonly number[]): WalkState {
  const frame = topOf(state);
  const stage = frame.remaining[0];
  if (stage === undefined || statuses.length === 0)
    throw new Error('expected the outcome of at least one action');
  const names = namesOf(stage);
  const outcomes = new Map(frame.outcomes);
  for (const [position, status] of statuses.entries()) {
    const name = names[position];
    if (name === undefined) throw new Error('more outcomes than actions');
    if (status === 0) {
      outcomes.set(name, 'performed');
      continue;
    }
    return advance(
      afterFailure(
        withTop(state, { ...frame, outcomes, remaining: leftOf(frame.remaining, position) }),
        name,
        status,
      ),
    );
  }
  return advance(withTop(state, { ...frame, outcomes, remaining: leftOf(frame.remaining, statuses.length) }));
}

/** The top frame's first remaining action has just failed with the status. */
function afterFailure(state: WalkState, name: string, status: number): WalkState {
  const frame = topOf(state);
  const { onError } = actionOf(frame.dag, name);
  const failures = new Map(frame.failures).set(name, (frame.failures.get(name) ?? 0) + 1);
  const counted = withTop(state, { ...frame, failures });
  if ((failures.get(name) ?? 0) <= onError.retries) return counted;
  if (onError.handler === undefined || onError.handler.actions.length === 0) {
    return afterHandling(counted, name, status);
  }
  const handles = { action: name, status };
  const handler = newFrame(onError.handler, stagesInOrder(onError.handler), handles);
  return { ...counted, frames: [...counted.frames, handler] };
}

/** The error handling of an action of the top frame is over and went well: what the client said follows. */
function afterHandling(state: WalkState, name: string, status: number): WalkState {
  const frame = topOf(state);
  const { then } = actionOf(frame.dag, name).onError;
  if (then.kind === 'abort') return abort(state, name, status);
  const outcomes = new Map(frame.outcomes).set(name, 'handled');
  if (then.kind === 'go-on-at') {
    const kept = new Set([then.action, ...descendantsOf(frame.dag, then.action)]);
    for (const descendant of descendantsOf(frame.dag, name)) {
      if (!kept.has(descendant)) outcomes.set(descendant, 'skipped');
    }
  }
  return withTop(state, { ...frame, outcomes, remaining: leftOf(frame.remaining, 1) });
}

/** A handler that aborts aborts everything. */
function abort(state: WalkState, name: string, status: number): WalkState {
  const inner = state.frames.flatMap(({ handles }) => (handles === undefined ? [] : [handles.action]));
  const path = [...inner, name];
  const [first = name, ...handlerPath] = path;
  const root = state.frames[0];
  return {
    frames: state.frames,
    end: {
      kind: 'aborted',
      outcomes: new Map(root?.outcomes).set(first, 'failed'),
      action: first,
      status: state.frames[1]?.handles?.status ?? status,
      handlerPath,
    },
  };
}

/** Drops what is skipped and finished, until there is something to do or the end is reached. */
function advance(state: WalkState): WalkState {
  let current = state;
  while (current.end === undefined) {
    const frame = topOf(current);
    const remaining = withoutSkipped(frame);
    current = withTop(current, { ...frame, remaining });
    if (remaining.length > 0) return current;
    const { handles, outcomes } = frame;
    if (handles === undefined) return { ...current, end: { kind: 'completed', outcomes } };
    const below = { ...current, frames: current.frames.slice(0, -1) };
    current = afterHandling(below, handles.action, handles.status);
  }
  return current;
}

function withoutSkipped(frame: Frame): readonly Stage[] {
  const runs = (name: string): boolean => frame.outcomes.get(name) !== 'skipped';
  return frame.remaining.flatMap((stage): readonly Stage[] => {
    if (stage.kind === 'host') return runs(stage.action.name) ? [stage] : [];
    const actions = stage.actions.filter(({ name }) => runs(name));
    return actions.length === 0 ? [] : [{ kind: 'guest', actions }];
  });
}

/** The stages without the first `count` actions of the first. */
function leftOf(stages: readonly Stage[], count: number): readonly Stage[] {
  const [first, ...rest] = stages;
  if (first?.kind !== 'guest' || count >= first.actions.length) return count === 0 ? stages : rest;
  return [{ kind: 'guest', actions: first.actions.slice(count) }, ...rest];
}

function newFrame(dag: Dag, stages: readonly Stage[], handles: Frame['handles']): Frame {
  return { dag, remaining: stages, failures: new Map(), outcomes: new Map(), handles };
}

function topOf(state: WalkState): Frame {
  const frame = state.frames.at(-1);
  if (frame === undefined) throw new Error('a walk has at least one frame');
  return frame;
}

function withTop(state: WalkState, frame: Frame): WalkState {
  return { ...state, frames: [...state.frames.slice(0, -1), frame] };
}

function namesOf(stage: Stage): readonly string[] {
  return stage.kind === 'guest' ? stage.actions.map(({ name }) => name) : [stage.action.name];
}

function actionOf(dag: Dag, name: string): Action {
  const action = dag.actions.find((one) => one.name === name);
  if (action === undefined) throw new Error(`the DAG has no action ${name}`);
  return action;
}
