import type { GoldenImage } from '../../model/goldenImage.js';
import type { PlannedAction, Rung } from '../../model/plan.js';
import { type BitSet, has } from './bitSet.js';
import { type CompiledOrder, plannedAction } from './compiledOrder.js';
import type { ImageEntry } from './imageEntry.js';
import type { ImageIndex, IndexNode } from './imageIndex.js';
import { secondsFor } from './knownSeconds.js';
import { compareMatches, isVisible, type Match, testConstraints, testMachine, valueMatch } from './match.js';
import { type CompiledQuery, compileQuery, type PlannerQuery } from './query.js';
import { advance, executedNodes, type Frontier, type ReplayState, startReplay } from './replay.js';
import { bringsOpaque } from './testOpaque.js';

/** The golden image that serves an order best, and what is left to do. */
export interface Choice {
  readonly image: GoldenImage;
  readonly rung: Rung;
  /** Why not warm; absent when warm. */
  readonly rungReason?: string;
  /** The production line that is to clone it. */
  readonly line: string;
  /** The order's actions that the image brings, in the order in which they ran there. */
  readonly performed: readonly PlannedAction[];
  /** Seconds of work that the image brings. */
  readonly savedSeconds: number;
  /** Whether a machine of the image waits and is to be handed out. */
  readonly prepared: boolean;
  /** Saved seconds, and more where a machine waits, or else less the boot on the disk rung: what images are compared by. */
  readonly netSeconds: number;
  /** Seconds that the residual actions, and the boot on the disk rung unless a machine waits, are expected to take. */
  readonly residualSeconds: number;
  /** Seconds until the machine runs: none for one that waits, the boot on the disk rung, else the resuming. */
  readonly startSeconds: number;
}

/**
 * Chooses among the images of the index without telling why the others lost: what a bid needs.
 *
 * It descends the trie along the replays that the order allows and leaves a branch at the first key that cannot be
 * next, so images that share a prefix are tested once and the rest of those that fail is never looked at; it also
 * leaves branches that cannot beat the best found. With n images of length k that all match and nothing in common it
 * is O(n k) at worst; in a warehouse that serves many kinds of order it is far from that.
 */
export function choose(index: ImageIndex, query: PlannerQuery): Choice | undefined {
  const compiled = compileQuery(query);
  const best = findBest(index, compiled);
  return best === undefined ? undefined : describeChoice(index, compiled, best);
}

/** The best match, and the actions that its image performed. */
export interface BestMatch {
  readonly match: Match;
  readonly state: ReplayState;
}

export function findBest(index: ImageIndex, query: CompiledQuery): BestMatch | undefined {
  let best: BestMatch | undefined;

  function consider(entries: readonly ImageEntry[], state: ReplayState): void {
    if (!bringsOpaque(query.order, state.executed)) return;
    for (const entry of entries) {
      // Those that save most come first, and no image is worth more than it saves and a waiting machine can add: one
      // that waits booted only spares the boot that would be taken off.
      if (best !== undefined && entry.savedSeconds + query.mostReadySeconds < best.match.netSeconds) return;
      if (!isVisible(query, entry.image)) continue;
      const machine = testMachine(query, entry.image);
      if (machine.kind === 'failed') continue;
      const valued = valueMatch(query, entry, machine.value);
      if (valued.kind === 'failed') continue;
      if (best !== undefined && compareMatches(best.match, valued.value) < 0) continue;
      const constrained = testConstraints(query, entry.image, state);
      if (constrained.kind === 'failed') continue;
      best = { match: valued.value, state: constrained.value };
    }
  }

  const pending: Step[] = [{ node: index.root, frontier: startReplay(query.order) }];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    if (best !== undefined && step.node.maxSavedSeconds + query.mostReadySeconds < best.match.netSeconds)
      continue;
    const frontier = advance(query.order, step.frontier, step.node.edge);
    const [state] = frontier.states;
    if (state === undefined) continue;
    consider(step.node.entries, state);
    pushChildren(pending, query.order, step.node, frontier);
  }
  return best;
}

interface Step {
  readonly node: IndexNode;
  /** Before the node's edge. */
  readonly frontier: Frontier;
}

/** Children that the order has a key for; the most promising on top of the stack. */
function pushChildren(pending: Step[], order: CompiledOrder, node: IndexNode, frontier: Frontier): void {
  const children: IndexNode[] = [];
  if (node.children.size <= order.candidates.size) {
    for (const [key, child] of node.children) if (order.candidates.has(key)) children.push(child);
  } else {
    for (const key of order.candidates.keys()) {
      const child = node.children.get(key);
      if (child !== undefined) children.push(child);
    }
  }
  if (children.length > 1) children.sort((first, second) => first.maxSavedSeconds - second.maxSavedSeconds);
  for (const child of children) pending.push({ node: child, frontier });
}

/** The choice as data, with the estimate of what is left. */
export function describeChoice(index: ImageIndex, query: CompiledQuery, best: BestMatch): Choice {
  const { match, state } = best;
  return {
    image: match.entry.image,
    rung: match.rung,
    ...(match.rungReason === undefined ? {} : { rungReason: match.rungReason }),
    line: match.line,
    performed: executedNodes(state).flatMap((node) => plannedAction(query.order, node)),
    prepared: match.prepared,
    savedSeconds: match.entry.savedSeconds,
    netSeconds: match.netSeconds,
    residualSeconds: estimateResidual(index, query, state.executed) + match.bootSeconds,
    startSeconds: match.prepared ? 0 : match.rung === 'disk' ? match.bootSeconds : query.readySeconds,
  };
}

/** Of every action left, what the newest image measured that the client domain may know of, or else the default. */
function estimateResidual(index: ImageIndex, query: CompiledQuery, executed: BitSet): number {
  const known = secondsFor(index.knownSeconds, query.order.order.clientDomain);
  let seconds = 0;
  query.order.actions.forEach((action, node) => {
    if (!has(executed, node)) seconds += known.of(action.key) ?? query.defaultActionSeconds;
  });
  return seconds;
}
