import type { MachineExit } from '../line/line.js';
import type { LiveMachine, Machines } from '../machines.js';
import type { PlantParts } from '../parts.js';

/**
 * Watches the machines of the plant (VMPlants paper, section 3.2: "information gathered by a VM monitor"). A monitor
 * process that ends makes its VM `failed` at once and frees its memory and network; its files stay until it is
 * collected. One that does not answer is `unresponsive` until it does again.
 */
export interface MachineMonitor {
  /** Begins to watch a machine whose VM is running. */
  readonly watch: (live: LiveMachine) => void;
  /** Asks every machine once whether it answers, at the same time. */
  readonly ask: () => Promise<void>;
  readonly close: () => void;
}

export interface MonitorOptions {
  readonly parts: Pick<PlantParts, 'info' | 'log'>;
  readonly machines: Machines;
  readonly intervalMilliseconds: number;
  /** How long an answer may take. */
  readonly answerMilliseconds: number;
}

export const DEFAULT_MONITOR = { intervalMilliseconds: 5_000, answerMilliseconds: 3_000 };

export function createMonitor(options: MonitorOptions): MachineMonitor {
  const { parts, machines } = options;
  const { info, log } = parts;
  let closed = false;

  const ended = (live: LiveMachine, exit: MachineExit): void => {
    const { vmid } = live;
    // Collected in the meantime, or another machine has its name.
    if (closed || machines.get(vmid) !== live) return;
    machines.remove(vmid);
    const record = info.get(vmid);
    if (record === undefined || record.vm.state === 'collecting') return;
    const reason = `the monitor ended: ${describeExit(exit)}`;
    log.warn({ vmid, reason }, 'a VM failed');
    info.update(vmid, {
      // A creation that failed before has its own reason, which says more.
      vm: record.vm.state === 'failed' ? {} : { state: 'failed', reason: reason },
      process: undefined,
      holds: false,
    });
  };

  const askOne = async (live: LiveMachine): Promise<void> => {
    const { vmid } = live;
    const answered = await live.machine
      .responds(AbortSignal.timeout(options.answerMilliseconds))
      .catch(() => false);
    const record = info.get(vmid);
    if (closed || record === undefined || machines.get(vmid) !== live) return;
    const next = answered ? 'running' : 'unresponsive';
    const { state } = record.vm;
    if ((state !== 'running' && state !== 'unresponsive') || state === next) return;
    log.warn({ vmid, state: next }, 'a VM changed its state');
    info.update(vmid, { vm: { state: next } });
  };

  const ask = async (): Promise<void> => {
    await Promise.all(machines.all().map(askOne));
  };
  let asking = false;
  const timer = setInterval(() => {
    // A round that takes longer than the interval is not joined by another.
    if (asking) return;
    asking = true;
    ask()
      .catch((error: unknown) =>
        log.error({ err: error }, 'what the machines answered could not be recorded'),
      )
      .finally(() => {
        asking = false;
      });
  }, options.intervalMilliseconds);
  timer.unref();

  return {
    watch: (live) => {
      live.machine.exited
        .then((exit) => ended(live, exit))
        .catch((error: unknown) => {
          // The store may be full: the next start of the plant finds the machine gone and says so.
          log.error({ vmid: live.vmid, err: error }, 'the end of a VM could not be recorded');
        });
    },
    ask,
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
}

function describeExit(exit: MachineExit): string {
  const how =
    exit.signal !== undefined
      ? `by signal ${exit.signal}`
      : exit.status !== undefined
        ? `with status ${exit.status}`
        : 'in a way that is not known';
  const said = exit.message.trim();
  return said === '' ? how : `${how}: ${said.slice(-300)}`;
}
