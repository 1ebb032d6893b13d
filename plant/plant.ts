import { mkdirSync } from 'node:fs';
import type { Bid } from '../model/bid.js';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage } from '../model/goldenImage.js';
import type { LineEnvironment } from '../model/lineEnvironment.js';
import type { Order } from '../model/order.js';
import type { Plan, Rejection } from '../model/plan.js';
import type { Vm } from '../model/vm.js';
import { openCatalogue } from './catalogue.js';
import { type Collected, createCollector } from './collect.js';
import { type Console, openConsole } from './console.js';
import { type ExecEvent, type ExecWork, execInGuest } from './exec.js';
import { createMachines, type LiveMachine } from './machines.js';
import { createMonitor, DEFAULT_MONITOR } from './monitor/monitor.js';
import type { PlantParts } from './parts.js';
import { choose } from './planner/choose.js';
import { computeBid, refusalError } from './planner/computeBid.js';
import type { CostModel } from './planner/cost.js';
import { planIndexed } from './planner/plan.js';
import type { PlantSnapshot } from './planner/snapshot.js';
import { plannerQuery } from './produce/planOrder.js';
import { openProductions, type ProduceEvent, type ProductionRequest } from './produce/productions.js';
import { type Recovery, recover } from './produce/recover.js';
import { createSteps } from './produce/steps.js';
import { shownVm } from './shownVm.js';
import { plantSnapshot } from './snapshot.js';
import { type WatchEvent, watchVms } from './watch.js';

export interface PlantOptions extends PlantParts {
  readonly costModels: readonly CostModel[];
  /** How often machines are asked whether they answer, and how long an answer may take. */
  readonly monitor?: { readonly intervalMilliseconds: number; readonly answerMilliseconds: number };
}

/** What a bid is answered with; a dry run also says how the order would be produced, or why it cannot be. */
export interface Explanation {
  readonly bid: Bid | undefined;
  readonly plan: Plan | undefined;
  /** Where no image matches: why each does not. */
  readonly rejected: readonly Rejection[];
}

/** A VMPlant (VMPlants paper, section 3.2): bids, plans, produces and monitors the VMs of one host. */
export interface Plant {
  readonly name: string;
  readonly describe: () => PlantStatus;
  /**
   * @throws VmplantsError FAILED_PRECONDITION, NO_MATCHING_IMAGE or TOO_LARGE; RESOURCE_EXHAUSTED when the plant is full
   */
  readonly bid: (order: Order) => Bid;
  /** @throws VmplantsError FAILED_PRECONDITION, TOO_LARGE; RESOURCE_EXHAUSTED when the plant is full */
  readonly explain: (order: Order) => Explanation;
  /**
   * Produces the order, or joins the production that runs under the VMID, or answers with the VM that exists. What
   * is wrong with the request is thrown at once; the production goes on when nobody follows it any more.
   */
  readonly produce: (
    request: ProductionRequest,
    signal: AbortSignal,
  ) => AsyncGenerator<ProduceEvent, void, undefined>;
  /** @throws VmplantsError NOT_FOUND */
  readonly query: (vmid: string) => Vm;
  /** Oldest first; of one client domain, or of all. */
  readonly list: (clientDomain: string | undefined) => readonly Vm[];
  readonly collect: (vmid: string, signal: AbortSignal) => Promise<Collected>;
  readonly watch: (signal: AbortSignal) => AsyncGenerator<WatchEvent, void, undefined>;
  readonly images: () => readonly GoldenImage[];
  /** Names of images that a VM here was cloned from: they must not be removed. */
  readonly imagesInUse: () => ReadonlySet<string>;
  readonly exec: (
    vmid: string,
    work: ExecWork,
    signal: AbortSignal,
  ) => AsyncGenerator<ExecEvent, void, undefined>;
  /** One at a time for a VM. */
  readonly console: (vmid: string, signal: AbortSignal) => Promise<Console>;
  /** What was found and done when the plant started. */
  readonly recovery: Recovery;
  /** Rolls back what is being made and lets go of the machines, which go on running. Closes the information system. */
  readonly close: () => Promise<void>;
}

export interface PlantStatus {
  readonly snapshot: PlantSnapshot;
  readonly images: number;
  readonly lines: readonly LineEnvironment[];
}

/** How long a bid holds. It reserves nothing. */
const BID_HOLDS_MILLISECONDS = 10_000;

/** Puts records and reality in order (see `recover`), then gives the plant, ready to serve. */
export async function createPlant(options: PlantOptions): Promise<Plant> {
  const { info, limits, warehouse } = options;
  mkdirSync(options.cloneRoot, { recursive: true, mode: 0o700 });
  const steps = createSteps(options);
  const machines = createMachines();
  const monitor = createMonitor({ parts: options, machines, ...(options.monitor ?? DEFAULT_MONITOR) });
  const recovery = await recover(options, steps, machines, monitor.watch);
  const catalogue = openCatalogue(warehouse);
  const productions = openProductions({
    parts: options,
    steps,
    index: catalogue.index,
    onMachine: (machine, line) => {
      const live = machines.add(machine, line);
      monitor.watch(live);
      return live;
    },
  });
  const collector = createCollector({ parts: options, productions, machines });
  const openConsoles = new Set<string>();

  const snapshot = (): PlantSnapshot => plantSnapshot(info.records(), limits);
  const bidFor = (order: Order): ReturnType<typeof computeBid> =>
    computeBid({
      plant: options.name,
      order,
      snapshot: snapshot(),
      choice: choose(catalogue.index(), plannerQuery(options, order)),
      models: options.costModels,
      holdsForMilliseconds: BID_HOLDS_MILLISECONDS,
    });
  const liveMachine = (vmid: string): LiveMachine => {
    const record = info.get(vmid);
    if (record === undefined) throw noSuchVm(vmid);
    const live = machines.get(vmid);
    if (live !== undefined) return live;
    throw new VmplantsError('FAILED_PRECONDITION', `${vmid} is ${record.vm.state}: no machine of it runs`, {
      reason: 'NOT_RUNNING',
    });
  };

  return {
    name: options.name,
    recovery,
    describe: () => ({
      snapshot: snapshot(),
      images: warehouse.images().length,
      lines: options.lines.map(({ environment }) => environment),
    }),
    bid: (order) => {
      const result = bidFor(order);
      if (result.kind === 'bid') return result.bid;
      throw refusalError(result.refusal);
    },
    explain: (order) => {
      const result = bidFor(order);
      if (result.kind === 'refusal' && result.refusal.reason !== 'NO_MATCHING_IMAGE') {
        throw refusalError(result.refusal);
      }
      const planned = planIndexed(catalogue.index(), plannerQuery(options, order));
      return {
        bid: result.kind === 'bid' ? result.bid : undefined,
        plan: planned.kind === 'plan' ? planned.plan : undefined,
        rejected: planned.kind === 'plan' ? planned.plan.rejected : planned.rejected,
      };
    },
    produce: (request, signal) => {
      const going = productions.get(request.vmid);
      const record = info.get(request.vmid);
      const known = going?.orderDigest ?? record?.vm.orderDigest;
      if (known !== undefined && known !== request.order.digest) {
        throw new VmplantsError('ALREADY_EXISTS', `${request.vmid} is a VM of another order`, {
          reason: 'OTHER_ORDER',
        });
      }
      if (going !== undefined) return going.events.follow(signal);
      if (record !== undefined) return existing(record.vm);
      return productions.begin(request).events.follow(signal);
    },
    query: (vmid) => {
      const record = info.get(vmid);
      if (record === undefined) throw noSuchVm(vmid);
      return shownVm(record.vm);
    },
    list: (clientDomain) =>
      info
        .records()
        .map(({ vm }) => shownVm(vm))
        .filter((vm) => clientDomain === undefined || vm.clientDomain === clientDomain),
    collect: collector.collect,
    watch: (signal) => watchVms(info, signal),
    images: () => warehouse.images().map(({ descriptor }) => descriptor),
    imagesInUse: () => new Set(info.records().map(({ vm }) => vm.image)),
    exec: (vmid, work, signal) => execInGuest(liveMachine(vmid), work, options, signal),
    console: async (vmid, signal) => {
      const { machine } = liveMachine(vmid);
      if (machine.consoleSocket === undefined) {
        throw new VmplantsError('UNIMPLEMENTED', `the production line of ${vmid} has no console`);
      }
      if (openConsoles.has(vmid)) {
        throw new VmplantsError('FAILED_PRECONDITION', `the console of ${vmid} is in use`, {
          reason: 'CONSOLE_IN_USE',
          hint: 'Close the other console first.',
        });
      }
      openConsoles.add(vmid);
      try {
        const opened = await openConsole(machine.consoleSocket, signal);
        let closed = false;
        const close = (): void => {
          // Once: the next one to open it must not lose it to a late call.
          if (closed) return;
          closed = true;
          openConsoles.delete(vmid);
          opened.close();
        };
        signal.addEventListener('abort', close, { once: true });
        if (signal.aborted) close();
        return { ...opened, close };
      } catch (error) {
        openConsoles.delete(vmid);
        throw error;
      }
    },
    close: async () => {
      const ending = new VmplantsError('UNAVAILABLE', 'the plant is shutting down', {
        reason: 'SHUTTING_DOWN',
      });
      await productions.close(ending);
      await collector.idle();
      monitor.close();
      catalogue.close();
      for (const { machine } of machines.all()) machine.release();
      info.close();
    },
  };
}

/** A VM that is there already: its creation is not repeated. */
async function* existing(vm: Vm): AsyncGenerator<ProduceEvent, void, undefined> {
  if (vm.state === 'collecting' || vm.state === 'producing') {
    throw new VmplantsError('FAILED_PRECONDITION', `${vm.vmid} is being removed`, {
      reason: 'BEING_REMOVED',
      hint: 'Try again in a few seconds.',
    });
  }
  yield { kind: 'vm', vm: shownVm(vm) };
}

function noSuchVm(vmid: string): VmplantsError {
  return new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant`, { reason: 'NO_SUCH_VM' });
}
