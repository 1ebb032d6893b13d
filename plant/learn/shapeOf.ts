import type { Action } from '../../model/action.js';
import { canonicalJson, compareCodeUnits, sha256 } from '../../model/canonical.js';
import type { Order } from '../../model/order.js';
import { bakeableOrder } from '../bake/bakeableOrder.js';
import type { MachineProfile, OrderShape, ShapeAction } from './decide/orderShape.js';

/** What learning remembers of an order, and the work of it. */
interface ShapedOrder {
  readonly shape: OrderShape;
  /** The actions of the shape, in its order. Without error handlers. */
  readonly actions: readonly Action[];
}

/**
 * The shape of an order: what of it could be in an image that is baked. An order that names an opaque action is
 * served only by an image that brings that action, which no baked one does: its shape has no actions.
 */
export function shapeOf(order: Order): ShapedOrder {
  const opaque = order.dag.actions.some(({ kind }) => kind === 'opaque');
  const { dag } = bakeableOrder(order).order;
  const actions = opaque ? [] : dag.actions;
  const place = new Map(actions.map(({ name }, index) => [name, index]));
  const shaped = actions.map(
    ({ name, key, maxAgeSeconds }): ShapeAction => ({
      name,
      key,
      after: (dag.predecessors.get(name) ?? []).flatMap((predecessor) => place.get(predecessor) ?? []),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    }),
  );
  const profile = profileOf(order);
  return { shape: { digest: shapeDigest(profile, shaped), profile, actions: shaped }, actions };
}

function profileOf(order: Order): MachineProfile {
  return {
    hardware: order.hardware,
    operatingSystem: order.operatingSystem,
    network: order.network.kind,
    ...(order.line === undefined ? {} : { line: order.line }),
    clientDomain: order.clientDomain,
  };
}

/** Depends neither on names nor, unless actions are alike in all that precedes and follows them, on the order of writing. */
function shapeDigest(profile: MachineProfile, actions: readonly ShapeAction[]): string {
  const labels = canonicalLabels(actions);
  const ranked = actions
    .map((action, index) => ({ action, index, label: labels[index] ?? '' }))
    .sort((first, second) => compareCodeUnits(first.label, second.label));
  const rank = new Map(ranked.map(({ index }, position) => [index, position]));
  const form = ranked.map(({ action }) => ({
    key: action.key,
    maxAge: action.maxAgeSeconds,
    after: action.after.map((index) => rank.get(index) ?? -1).sort((first, second) => first - second),
  }));
  const { hardware, operatingSystem, network, line, clientDomain } = profile;
  return sha256(
    canonicalJson({
      format: 'vmplants-shape/1',
      hardware: { ...hardware },
      operatingSystem: { ...operatingSystem },
      network,
      line,
      clientDomain,
      actions: form,
    }),
  );
}

/** Where keys are unique they are the labels; else what precedes and what follows an action tells it from its like. */
function canonicalLabels(actions: readonly ShapeAction[]): readonly string[] {
  if (new Set(actions.map(({ key }) => key)).size === actions.length) return actions.map(({ key }) => key);
  const successors = actions.map((): number[] => []);
  actions.forEach(({ after }, index) => {
    for (const predecessor of after) successors[predecessor]?.push(index);
  });
  const own = actions.map(({ key, maxAgeSeconds }) => `${key} ${maxAgeSeconds ?? ''}`);
  const above = spread(own, (index) => actions[index]?.after ?? []);
  return spread(above, (index) => successors[index] ?? []);
}

/** A label for every node, of its own and of the labels of those that its edges lead to; the graph has no cycles. */
function spread(own: readonly string[], edges: (index: number) => readonly number[]): readonly string[] {
  let labels = own;
  // As often as the longest path has edges, at most: then nothing changes any more.
  for (let round = 0; round < own.length; round++) {
    const next = own.map((label, index) => {
      const reached = edges(index).map((other) => labels[other] ?? '');
      return sha256(`${label} ${reached.sort(compareCodeUnits).join(' ')}`);
    });
    // Two nodes that had different labels keep different ones, so an equal number of labels is an equal partition.
    if (round > 0 && new Set(next).size === new Set(labels).size) return next;
    labels = next;
  }
  return labels;
}
