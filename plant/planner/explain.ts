import type { Rejection } from '../../model/plan.js';
import type { BestMatch } from './choose.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import type { ImageEntry } from './imageEntry.js';
import type { ImageIndex, IndexNode } from './imageIndex.js';
import { type Match, testConstraints, testMachine, valueMatch } from './match.js';
import type { CompiledQuery } from './query.js';
import { advance, type Frontier, type ReplayState, startReplay } from './replay.js';
import { partialOrderFailure } from './testPartialOrder.js';
import { testPrefix } from './testPrefix.js';
import { subsetFailure, testSubset } from './testSubset.js';

/**
 * Every image that was not chosen and why, by name. The tests are taken in this order: hardware, operating system,
 * line, subset, prefix, partial order, maximum age, devices, rung; the first that fails is the reason.
 *
 * Costs O(keys in the trie) for the replays, which images with a common prefix share, and the tests of every image;
 * nothing that only hands out machines needs it.
 */
export function explain(
  index: ImageIndex,
  query: CompiledQuery,
  best: BestMatch | undefined,
): readonly Rejection[] {
  const rejections: Rejection[] = [];
  const pending: Step[] = [{ node: index.root, frontier: startReplay(query.order) }];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { node } = step;
    const frontier = advance(query.order, step.frontier, node.edge);
    if (node.entries.length > 0) {
      const record = once(() => readRecord(query.order, frontier, node.entries[0]));
      for (const entry of node.entries) {
        if (entry === best?.match.entry) continue;
        rejections.push(rejectionOf(entry, explainEntry(query, entry, record, best?.match)));
      }
    }
    for (const child of node.children.values()) pending.push({ node: child, frontier });
  }
  return rejections.sort((first, second) =>
    first.image < second.image ? -1 : first.image > second.image ? 1 : 0,
  );
}

interface Step {
  readonly node: IndexNode;
  /** Before the node's edge; stays where it is once the record is stuck. */
  readonly frontier: Frontier;
}

/** What the three tests say of a record. */
type RecordVerdict =
  | { readonly kind: 'replayed'; readonly state: ReplayState }
  /** An action that the order has none of is named as the image names it. */
  | { readonly kind: 'failed'; readonly failureOf: (entry: ImageEntry) => Failure };

function readRecord(order: CompiledOrder, frontier: Frontier, sample: ImageEntry | undefined): RecordVerdict {
  const [state] = frontier.states;
  if (state !== undefined) return { kind: 'replayed', state };
  const keys = (sample?.image.performed ?? []).map((action) => action.key);
  const excess = testSubset(order, keys);
  if (excess !== undefined) {
    const key = keys[excess] ?? '';
    const failureOf = (entry: ImageEntry): Failure =>
      subsetFailure(order, key, entry.image.performed[excess]?.name ?? '');
    return { kind: 'failed', failureOf };
  }
  const failure =
    testPrefix(order, keys) ??
    partialOrderFailure(order, keys[frontier.place] ?? '', frontier.reached, frontier.exhausted);
  return { kind: 'failed', failureOf: () => failure };
}

function explainEntry(
  query: CompiledQuery,
  entry: ImageEntry,
  record: () => RecordVerdict,
  best: Match | undefined,
): Failure {
  const machine = testMachine(query, entry.image);
  if (machine.kind === 'failed') return machine.failure;
  const verdict = record();
  if (verdict.kind === 'failed') return verdict.failureOf(entry);
  const constrained = testConstraints(query, entry.image, verdict.state);
  if (constrained.kind === 'failed') return constrained.failure;
  const valued = valueMatch(query, entry, machine.value);
  if (valued.kind === 'failed') return valued.failure;
  return { test: 'saves-less', describe: () => describeLoss(valued.value, best) };
}

function describeLoss(match: Match, best: Match | undefined): string {
  if (best === undefined) return `it ${worth(match)}`;
  const against = `"${best.entry.image.name}" ${worth(best)}`;
  if (match.netSeconds !== best.netSeconds) return `it ${worth(match)}; ${against}`;
  const actions = best.entry.image.performed.length;
  const tie =
    match.entry.image.performed.length !== actions
      ? `performed ${actions} actions instead of ${match.entry.image.performed.length}`
      : match.rung !== best.rung
        ? 'is resumed instead of booted'
        : match.entry.createdAt !== best.entry.createdAt
          ? 'is newer'
          : 'comes first by name';
  return `it ${worth(match)}, as much as "${best.entry.image.name}", which ${tie}`;
}

/** `saves 3.00 s (...)`, or `costs 3.00 s more (...)` where the boot takes longer than the work that it saves. */
function worth(match: Match): string {
  const amount = `${Math.abs(match.netSeconds).toFixed(2)} s`;
  const net = match.netSeconds < 0 ? `costs ${amount} more` : `saves ${amount}`;
  const saved = `${match.entry.savedSeconds.toFixed(2)} s of work`;
  return match.rung === 'disk'
    ? `${net} (${saved} less ${match.entry.bootSeconds.toFixed(2)} s of boot)`
    : `${net} (${saved}, resumed)`;
}

function rejectionOf(entry: ImageEntry, failure: Failure): Rejection {
  return {
    image: entry.image.name,
    test: failure.test,
    ...(failure.action === undefined ? {} : { action: failure.action }),
    reason: failure.describe(),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
