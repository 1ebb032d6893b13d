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
  const here = image.lines.filter(
    (line) =>
      (order.line === undefined || order.line === line) &&
      (trial.lines === undefined || trial.lines.some((one) => one.line === line)),
  );
  const factsOf = (line: string): LineEnvironment | undefined =>
    trial.lines?.find((one) => one.line === line);
  const bootsOther = (line: string): boolean =>
    kernel !== undefined && (factsOf(line)?.guestKernel ?? image.boot.guestKernel) !== kernel;
  const isSmall = (line: string): boolean =>
    (factsOf(line)?.maxVcpus ?? 64) < order.hardware.vcpus ||
    (factsOf(line)?.minMemoryMiB ?? 0) > order.hardware.memoryMiB;
  const lines = here.filter((line) => !bootsOther(line) && !isSmall(line));
  const [preferred] = here;
  if (preferred === undefined) return rejected('line');
  if (lines.length === 0) return rejected(bootsOther(preferred) ? 'operating-system' : 'hardware');

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

  return climb(trial, image, lines);
}

/** Every way to use the image on every line, waiting machines included, and the best of them. */
function climb(trial: Trial, image: GoldenImage, lines: readonly string[]): OracleVerdict {
  const saved = image.performed.reduce((sum, entry) => sum + entry.seconds, 0);
  const failed = (rung: Rung, line: string): boolean =>
    trial.excluded.some(
      (clone) => clone.image === image.name && clone.rung === rung && (clone.line ?? line) === line,
    );
  // Among lines that boot it, the image's preference counts, not how long each takes.
  const bootedOn = lines.find((line) => !failed('disk', line));
  const ways = lines.flatMap((line, place) =>
    (['warm', 'disk'] as const).flatMap((rung) => {
      if (failed(rung, line) || (rung === 'warm' && whyNotWarm(trial, image, line) !== undefined)) return [];
      const waits = trial.ready?.some(
        (point) => point.image === image.name && point.line === line && point.rung === rung,
      );
      const clone = {
        rung,
        line,
        place,
        prepared: false,
        net: rung === 'warm' ? saved : saved - (trial.bootSecondsOf?.(line, image) ?? image.bootSeconds),
      };
      const clones = rung === 'disk' && line !== bootedOn ? [] : [clone];
      if (waits !== true) return clones;
      return [...clones, { ...clone, prepared: true, net: saved + (trial.readySeconds ?? 0.5) }];
    }),
  );
  ways.sort(
    (first, second) =>
      second.net - first.net ||
      Number(first.rung === 'disk') - Number(second.rung === 'disk') ||
      Number(second.prepared) - Number(first.prepared) ||
      first.place - second.place,
  );
  const [best] = ways;
  if (best !== undefined) {
    const { rung, line, net, prepared } = best;
    return { kind: 'accepted', rung, line, net, prepared };
  }
  const first = lines[0] ?? '';
  const misfit = failed('warm', first) ? whyMemory(trial, image) : whyNotWarm(trial, image, first);
  const everywhere = trial.excluded.some(
    (clone) => clone.image === image.name && clone.rung === 'warm' && clone.line === undefined,
  );
  return { kind: 'rejected', test: everywhere ? 'line' : (misfit ?? 'line'), action: undefined };
}

/** Why no line could resume the memory for the order. */
function whyMemory({ order }: Trial, image: GoldenImage): RejectionTest | undefined {
  const { memory } = image;
  const foreign = image.owner !== undefined && image.owner !== order.clientDomain;
  if (memory === undefined || (foreign && image.policy?.shared !== 'memory')) return 'line';
  if (memory.memoryMiB !== order.hardware.memoryMiB) return 'hardware';
  if (memory.vcpus !== order.hardware.vcpus) return 'hardware';
  if (memory.network !== order.network.kind) return 'network';
  return memory.guestKernel === image.boot.guestKernel ? undefined : 'operating-system';
}

function whyNotWarm(trial: Trial, image: GoldenImage, line: string): RejectionTest | undefined {
  const misfit = whyMemory(trial, image);
  if (misfit !== undefined || trial.lines === undefined) return misfit;
  const here = trial.lines.find((candidate) => candidate.line === line);
  const { memory } = image;
  const fits =
    here?.resumes === true &&
    here.vmm === memory?.vmm &&
    here.accelerator === memory.accelerator &&
    here.cpuModel === memory.cpuModel;
  return fits ? undefined : 'line';
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
