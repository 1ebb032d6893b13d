import type { Action } from '../../model/action.js';
import { canonicalJson, sha256 } from '../../model/canonical.js';
import type { Order } from '../../model/order.js';
import { orderDigest } from '../../model/orderDigest.js';
import { chainedDag } from '../bake/chainedDag.js';
import type { BakeProposal } from './decide/learning.js';
import type { MachineProfile } from './decide/orderShape.js';

/** What of a proposal decides the image. */
type Proposed = Pick<BakeProposal, 'shape' | 'perform'>;

/**
 * The order whose bake makes the proposed image: its actions one after the other, in the order that all whom it is for
 * allow. Undefined when the work of one of them is not known. Pure.
 */
export function proposedOrder(
  proposal: Proposed,
  work: (key: string) => Action | undefined,
): Order | undefined {
  const { profile } = proposal.shape;
  const actions: Action[] = [];
  for (const place of proposal.perform) {
    const shaped = proposal.shape.actions[place];
    const known = shaped === undefined ? undefined : work(shaped.key);
    if (shaped === undefined || known === undefined) return undefined;
    const { name, maxAgeSeconds } = shaped;
    actions.push({ ...known, name, ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) });
  }
  const dag = chainedDag(actions);
  if (dag === undefined) return undefined;
  const order: Omit<Order, 'digest'> = {
    hardware: profile.hardware,
    operatingSystem: profile.operatingSystem,
    network: { kind: profile.network },
    dag,
    identity: new Map(),
    clientDomain: profile.clientDomain,
    ...(profile.line === undefined ? {} : { line: profile.line }),
  };
  return Object.freeze({ ...order, digest: orderDigest(order) });
}

/** Keys of the proposed actions, in the order of performing. Pure. */
export function proposedKeys({ shape, perform }: Proposed): readonly string[] {
  return perform.flatMap((place) => shape.actions[place]?.key ?? []);
}

/** A name that tells images of other machines and other actions apart, and that nothing has yet. Pure. */
export function learnedName(
  profile: MachineProfile,
  keys: readonly string[],
  isTaken: (name: string) => boolean,
): string {
  const { hardware, operatingSystem, network, line, clientDomain } = profile;
  return freshName(
    'learned',
    {
      hardware: { ...hardware },
      operatingSystem: { ...operatingSystem },
      network,
      line,
      clientDomain,
      keys,
    },
    isTaken,
  );
}

/** `PREFIX-` and 12 hexadecimal digits of what it is made of, or of that and a number where the name is taken. Pure. */
export function freshName(
  prefix: 'learned' | 'rewarmed',
  madeOf: Parameters<typeof canonicalJson>[0],
  isTaken: (name: string) => boolean,
): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${prefix}-${sha256(canonicalJson([madeOf, attempt])).slice(0, 12)}`;
    if (!isTaken(name)) return name;
  }
}
