import type { PerformedAction } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import { descendantsOf } from '../configure/descendants.js';
import type { VmHistory } from '../info/record.js';

/**
 * What ran in a VM that was configured: what its image brought and what ran well after it, as an image could say it;
 * and the names of what ran besides. An action counts among the latter when its effect belongs to one VM, when it ended
 * well only through its handler, or when it comes after such a one or one that was skipped. Pure.
 *
 * @param performedAt RFC 3339
 */
export function vmHistory(
  order: Order,
  brought: readonly PerformedAction[],
  { outcomes, runs }: Pick<ConfigurationResult, 'outcomes' | 'runs'>,
  performedAt: string,
): VmHistory {
  const apart = new Set<string>();
  for (const { name, identity } of order.dag.actions) {
    const outcome = outcomes.get(name);
    // Without an outcome the image brought it.
    if (!identity && (outcome === undefined || outcome === 'performed')) continue;
    apart.add(name);
    for (const after of descendantsOf(order.dag, name)) apart.add(after);
  }
  const ran = runs.flatMap(({ path, key, seconds, status }): readonly PerformedAction[] => {
    const [name = ''] = path;
    return path.length === 1 && status === 0 && !apart.has(name) ? [{ key, name, seconds, performedAt }] : [];
  });
  const didRun = ({ name }: { readonly name: string }): boolean => {
    const outcome = outcomes.get(name);
    return outcome === 'performed' || outcome === 'handled';
  };
  return {
    performed: [...brought, ...ran],
    perVm: order.dag.actions
      .filter((action) => apart.has(action.name) && didRun(action))
      .map(({ name }) => name),
  };
}
