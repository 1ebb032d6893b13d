import type { Action } from '../../../model/action.js';
import type { GoldenImage } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { Order } from '../../../model/order.js';
import type { RejectionTest, Rung } from '../../../model/plan.js';
import type { Trial } from './random.js';

/**
 * The matching rules again, as naively as the paper words them (section 3.2) and sharing nothing with the planner:
 * every assignment of recorded entries to distinct actions is tried. For small orders only.
 */

export type OracleVerdict =
  /** Not to be told of. */
  | { readonly kind: 'hidden' }
  | {
      readonly kind: 'accepted';
      readonly rung: Rung;
      readonly line: string;
      readonly net: number;
      readonly prepared: boolean;
    }
  | { readonly kind: 'rejected'; readonly test: RejectionTest; readonly action: string | undefined };

export function judge(trial: Trial, image: GoldenImage): OracleVerdict {
  const { order } = trial;
  const rejected = (test: RejectionTest, action?: string): OracleVerdict => ({
    kind: 'rejected',
    test,
    action,
  });

  const foreign = image.owner !== undefined && image.owner !== order.clientDomain;
  if (foreign && image.policy?.shared !== 'disk' && image.policy?.shared !== 'memory')
    return { kind: 'hidden' };

  if (image.hardware.isa !== order.hardware.isa || image.hardware.diskMiB < order.hardware.diskMiB)
    return rejected('hardware');
  const { name, version, kernel } = order.operatingSystem;
  if (image.operatingSystem.name !== name) return rejected('operating-system');
  if (version !== undefined && image.operatingSystem.version !== version) return rejected('operating-system');
  if (kernel !== undefined && image.boot.guestKernel !== kernel) return rejected('operating-system');
  const lines = image.lines.filter(
    (line) =>
      (order.line === undefined || order.line === line) &&
      (trial.lines === undefined || trial.lines.some((here) => here.line === line)),
  );
  const line = lines[0];
  if (line === undefined) return rejected('line');

  const record = image.performed;
  const asked = order.dag.actions.filter((action) => !action.identity);
  const nameOf = (key: string): string | undefined => asked.find((action) => action.key === key)?.name;

  // Subset test: no operation that the request does not require.
  for (let place = 0; place < record.length; place++) {
    const entry = record[place];
    if (entry === undefined) continue;
    const soFar = record.slice(0, place + 1).filter((other) => other.key === entry.key).length;
    if (soFar <= asked.filter((action) => action.key === entry.key).length) continue;
    const identity = order.dag.actions.find((action) => action.identity && action.key === entry.key);
    return rejected('subset', identity?.name ?? nameOf(entry.key) ?? entry.name);
  }

  const keys = record.map((entry) => entry.key);
  const whole = assignments(asked, keys);

  // Prefix test: "A" performed only if all preceding operations are.
  if (!whole.some((nodes) => holdsPredecessors(order, nodes))) {
    const largest = largestPrefix(order, asked, keys);
    const place = keys.findIndex(
      (key, at) =>
        keys.slice(0, at + 1).filter((other) => other === key).length >
        largest.filter((action) => action.key === key).length,
    );
    return rejected('prefix', place < 0 ? undefined : nameOf(keys[place] ?? ''));
  }

  // Partial order test: what was performed obeys the order. Then the same with ages, then with devices too.
  const ran = (nodes: readonly Action[]): boolean =>
    holdsPredecessors(order, nodes) && obeysOrder(order, nodes);
  const firstUnreachable = (admits: (nodes: readonly Action[]) => boolean): number => {
    for (let length = 1; length <= keys.length; length++) {
      if (!assignments(asked, keys.slice(0, length)).some((nodes) => ran(nodes) && admits(nodes)))
        return length - 1;
    }
    return -1;
  };
  const unordered = firstUnreachable(() => true);
  if (unordered >= 0) return rejected('partial-order', nameOf(keys[unordered] ?? ''));
  const lacking = order.dag.actions.find((action) => action.kind === 'opaque' && !keys.includes(action.key));
  if (lacking !== undefined) return rejected('opaque', lacking.name);
  const recent = (nodes: readonly Action[]): boolean =>
    nodes.every((action, place) => {
      const age = (trial.now - Date.parse(record[place]?.performedAt ?? '')) / 1000;
      return action.maxAgeSeconds === undefined || age <= action.maxAgeSeconds;
    });
  const stale = firstUnreachable(recent);
  if (stale >= 0) return rejected('max-age', nameOf(keys[stale] ?? ''));
  const stray = image.devices.find((device) => !record.some((entry) => entry.name === device.action));
  if (stray !== undefined) return rejected('devices', stray.action);
  const present = (nodes: readonly Action[]): boolean =>
    nodes.every((action, place) => {
      if (action.kind !== 'host') return true;
      const recorded = record[place]?.name ?? '';
      // Random orders only add disks.
      return (
        image.devices.some((device) => device.kind === 'disk' && device.action === recorded) &&
        recorded.substring(0, 20) === action.name.substring(0, 20)
      );
    });
  const missing = firstUnreachable((nodes) => recent(nodes) && present(nodes));
  if (missing >= 0) return rejected('devices', nameOf(keys[missing] ?? ''));

  return climb(trial, image, lines, line);
}

function climb(trial: Trial, image: GoldenImage, lines: readonly string[], preferred: string): OracleVerdict {
  const failed = (rung: Rung): boolean =>
    trial.excluded.some((clone) => clone.image === image.name && clone.rung === rung);
  const saved = image.performed.reduce((sum, entry) => sum + entry.seconds, 0);
  let misfit: RejectionTest | undefined;
  let line: string | undefined;
  const memory = image.memory;
  const foreign = image.owner !== undefined && image.owner !== trial.order.clientDomain;
  if (failed('warm') || memory === undefined || (foreign && image.policy?.shared !== 'memory'))
    misfit = 'line';
  else if (memory.memoryMiB !== trial.order.hardware.memoryMiB) misfit = 'hardware';
  else if (memory.vcpus !== trial.order.hardware.vcpus) misfit = 'hardware';
  else if (memory.network !== trial.order.network.kind) misfit = 'network';
  else if (memory.guestKernel !== image.boot.guestKernel) misfit = 'operating-system';
  else {
    line = lines.find((name) => {
      const here: LineEnvironment | undefined = trial.lines?.find((candidate) => candidate.line === name);
      if (trial.lines === undefined) return true;
      return (
        here?.resumes === true &&
        here.vmm === memory.vmm &&
        here.accelerator === memory.accelerator &&
        here.cpuModel === memory.cpuModel
      );
    });
    if (line === undefined) misfit = 'line';
  }
  if (line !== undefined) {
    const prepared = trial.ready?.has(image.name) === true;
    const net = prepared ? saved + (trial.readySeconds ?? 0.5) : saved;
    return { kind: 'accepted', rung: 'warm', line, net, prepared };
  }
  if (failed('disk')) return { kind: 'rejected', test: misfit ?? 'line', action: undefined };
  return { kind: 'accepted', rung: 'disk', line: preferred, net: saved - image.bootSeconds, prepared: false };
}

/** Every way to read the recorded keys as distinct actions. */
function assignments(asked: readonly Action[], keys: readonly string[]): readonly (readonly Action[])[] {
  const [first, ...rest] = keys;
  if (first === undefined) return [[]];
  return asked
    .filter((action) => action.key === first)
    .flatMap((action) =>
      assignments(
        asked.filter((other) => other !== action),
        rest,
      ).map((others) => [action, ...others]),
    );
}

function holdsPredecessors(order: Order, nodes: readonly Action[]): boolean {
  const names = nodes.map((action) => action.name);
  return nodes.every((action) =>
    (order.dag.predecessors.get(action.name) ?? []).every((name) => names.includes(name)),
  );
}

function obeysOrder(order: Order, nodes: readonly Action[]): boolean {
  const names = nodes.map((action) => action.name);
  return nodes.every((action, place) =>
    (order.dag.predecessors.get(action.name) ?? []).every((name) => {
      const before = names.indexOf(name);
      return before < 0 || before < place;
    }),
  );
}

/** The union of all prefixes of the DAG that hold nothing but recorded keys. */
function largestPrefix(order: Order, asked: readonly Action[], keys: readonly string[]): readonly Action[] {
  const possible = asked.filter((action) => keys.includes(action.key));
  const union = new Set<Action>();
  for (let bits = 0; bits < 2 ** possible.length; bits++) {
    const some = possible.filter((_, index) => (bits >> index) % 2 === 1);
    if (holdsPredecessors(order, some)) for (const action of some) union.add(action);
  }
  return [...union];
}

/** Name of the image that wins among the accepted ones. */
export function winner(
  images: readonly GoldenImage[],
  verdicts: readonly OracleVerdict[],
): string | undefined {
  const created = (image: GoldenImage): number => {
    const time = Date.parse(image.created);
    return Number.isNaN(time) ? 0 : time;
  };
  const accepted = images.flatMap((image, index) => {
    const verdict = verdicts[index];
    return verdict?.kind === 'accepted' ? [{ image, verdict }] : [];
  });
  accepted.sort(
    (first, second) =>
      second.verdict.net - first.verdict.net ||
      second.image.performed.length - first.image.performed.length ||
      Number(first.verdict.rung === 'disk') - Number(second.verdict.rung === 'disk') ||
      created(second.image) - created(first.image) ||
      (first.image.name < second.image.name ? -1 : 1),
  );
  return accepted[0]?.image.name;
}
