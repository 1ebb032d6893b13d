import type { Rejection } from '../../model/plan.js';
import type { BestMatch } from './choose.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import type { ImageEntry } from './imageEntry.js';
import type { ImageIndex, IndexNode } from './imageIndex.js';
import { isVisible, type Match, testConstraints, testMachine, valueMatch } from './match.js';
import type { CompiledQuery } from './query.js';
import { advance, type Frontier, type ReplayState, startReplay } from './replay.js';
import { testOpaque } from './testOpaque.js';
import { partialOrderFailure } from './testPartialOrder.js';
import { testPrefix } from './testPrefix.js';
import { subsetFailure, testSubset } from './testSubset.js';

/**
 * Every image that was not chosen and why, by name. The tests are taken in this order: hardware, operating system,
 * line, subset, prefix, partial order, opaque, maximum age, devices, rung; the first that fails is the reason. Opaque
 * comes behind the tests of the paper, so that it is only said of images that would serve but for what they lack.
 * Images that the order's client domain may not use are not among them.
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
        if (entry === best?.match.entry || !isVisible(query, entry.image)) continue;
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
    const unnamed = { key: keys[excess] ?? '', name: '', seconds: 0, performedAt: '' };
    const failureOf = (entry: ImageEntry): Failure =>
      subsetFailure(order, entry.image.performed[excess] ?? unnamed);
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
  const opaque = testOpaque(query.order, verdict.state.executed);
  if (opaque !== undefined) return opaque;
  const constrained = testConstraints(query, entry.image, verdict.state);
  if (constrained.kind === 'failed') return constrained.failure;
  const valued = valueMatch(query, entry, machine.value);
  if (valued.kind === 'failed') return valued.failure;
  return { test: 'saves-less', describe: () => describeLoss(query, valued.value, best) };
}

function describeLoss(query: CompiledQuery, match: Match, best: Match | undefined): string {
  const said = worth(query, match);
  if (best === undefined) return `it ${said}`;
  if (match.netSeconds !== best.netSeconds)
    return `it ${said}; "${best.entry.image.name}" ${worth(query, best)}`;
  const actions = best.entry.image.performed.length;
  const tie =
    match.entry.image.performed.length !== actions
      ? `performed ${actions} actions instead of ${match.entry.image.performed.length}`
      : match.rung !== best.rung
        ? 'is resumed instead of booted'
        : match.entry.createdAt !== best.entry.createdAt
          ? 'is newer'
          : 'comes first by name';
  return `it ${said}, as much as "${best.entry.image.name}", which ${tie}`;
}

/** `saves 3.00 s (...)`, or `costs 3.00 s more (...)` where the boot takes longer than the work that it saves. */
function worth(query: CompiledQuery, match: Match): string {
  const amount = `${Math.abs(match.netSeconds).toFixed(2)} s`;
  const net = match.netSeconds < 0 ? `costs ${amount} more` : `saves ${amount}`;
  const saved = `${match.entry.savedSeconds.toFixed(2)} s of work`;
  if (match.prepared) {
    return `${net} (${saved}, and ${query.readySeconds.toFixed(2)} s because a prepared machine waits)`;
  }
  if (match.rung === 'disk') return `${net} (${saved} less ${match.bootSeconds.toFixed(2)} s of boot)`;
  return `${net} (${saved}, resumed)`;
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
