import { mkdirSync } from 'node:fs';
import type { Bid } from '../model/bid.js';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage } from '../model/goldenImage.js';
import type { LineEnvironment } from '../model/lineEnvironment.js';
import type { Order } from '../model/order.js';
import type { Plan, Rejection } from '../model/plan.js';
import type { PlantStatus as AuctionStatus, PlantQuote } from '../model/plantStatus.js';
import type { Vm } from '../model/vm.js';
import { startBackground } from './background.js';
import { openCatalogue } from './catalogue.js';
import { openClaims } from './claims.js';
import { type Collected, createCollector } from './collect.js';
import { confirmingLine } from './confirmingLine.js';
import type { Console } from './console.js';
import { createConsoles } from './consoles.js';
import { dependantsOf } from './dependantsOf.js';
import { type ExecEvent, type ExecWork, execInGuest } from './exec.js';
import { type ImageChange, type ImageMaker, type ImageMaking, openImageMaker } from './imageMaker.js';
import type { ImageReport } from './imageReport.js';
import { createImageReports } from './imageReports.js';
import type { Dependants } from './learn/dependants.js';
import { hidingImages } from './learn/hidingImages.js';
import type { LearningReport } from './learn/report.js';
import { createMachines, type LiveMachine } from './machines.js';
import { createMonitor, DEFAULT_MONITOR } from './monitor/monitor.js';
import type { PlantParts } from './parts.js';
import { choose } from './planner/choose.js';
import { computeBid, refusalError, refuse } from './planner/computeBid.js';
import type { CostModel } from './planner/cost.js';
import { planIndexed } from './planner/plan.js';
import type { PlannerQuery } from './planner/query.js';
import type { PlantSnapshot } from './planner/snapshot.js';
import { openPool } from './prepare/pool.js';
import type { PreparedCount } from './prepare/prepared.js';
import { pointOfOrder } from './prepare/preparePoint.js';
import { createBootTimes } from './produce/bootTimes.js';
import { createFailedRungs } from './produce/failedRungs.js';
import { type KnownOfImages, plannerQuery } from './produce/planOrder.js';
import { openProductions, type ProduceEvent, type ProductionRequest } from './produce/productions.js';
import { type Recovery, recover } from './produce/recover.js';
import { createSteps } from './produce/steps.js';
import type { PublicationRequest, PublishEvent } from './publish/publication.js';
import { createReservations, type Place } from './reservations.js';
import { openSharing, type SharedWarehouse } from './sharing.js';
import { shownVm } from './shownVm.js';
import { plantSnapshot } from './snapshot.js';
import { plantStatus, quote } from './status.js';
import { followStatus } from './statusStream.js';
import { type WatchEvent, watchVms } from './watch.js';

export interface PlantOptions extends PlantParts {
  readonly costModels: readonly CostModel[];
  /** How it makes golden images of its own; absent: it only clones those that there are. */
  readonly making?: ImageMaking;
  /** Where other plants may use the same golden images; absent: it has its warehouse for itself. */
  readonly shared?: SharedWarehouse;
  /** How often machines are asked whether they answer, and how long an answer may take. */
  readonly monitor?: { readonly intervalMilliseconds: number; readonly answerMilliseconds: number };
  /** When work in the background begins, see `BackgroundOptions`. */
  readonly background?: { readonly quietMilliseconds: number; readonly everyMilliseconds: number };
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
  /** What shops and brokers decide by whom to ask for a bid: now, and again when it has changed. */
  readonly status: (signal: AbortSignal) => AsyncGenerator<AuctionStatus, void, undefined>;
  /**
   * @throws VmplantsError FAILED_PRECONDITION, NO_MATCHING_IMAGE or TOO_LARGE; RESOURCE_EXHAUSTED when the plant is full
   */
  readonly bid: (order: Order) => Bid;
  /** @throws VmplantsError FAILED_PRECONDITION, TOO_LARGE; RESOURCE_EXHAUSTED when the plant is full */
  readonly explain: (order: Order) => Explanation;
  /**
   * Holds a place for a VM that is about to be produced, at most for so long; the same VMID renews it. Nothing has to
   * be held for a VM of the same order that is there or being made.
   * @throws VmplantsError RESOURCE_EXHAUSTED; FAILED_PRECONDITION, TOO_LARGE; ALREADY_EXISTS, OTHER_ORDER
   */
  readonly reserve: (place: Place, milliseconds: number) => void;
  /** Gives a place back that is held, if one is. */
  readonly release: (vmid: string) => void;
  /** The VM is its client's from now on and stays: see `claims.ts`, also for what it throws. */
  readonly claim: (vmid: string) => Vm;
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
  /** Images with what is known of them here, those in quarantine last; of one client domain, what it may use. */
  readonly imageReports: (clientDomain: string | undefined) => Promise<readonly ImageReport[]>;
  /** @throws VmplantsError NOT_FOUND when there is none that the domain may decide about; FAILED_PRECONDITION, NO_OWNER */
  readonly updateImage: (change: ImageChange, signal: AbortSignal) => Promise<ImageReport>;
  /** Makes a golden image of a VM; see `publish/`. Leaving the stream ends the work. */
  readonly publish: (
    request: PublicationRequest,
    signal: AbortSignal,
  ) => AsyncGenerator<PublishEvent, void, undefined>;
  /** What was learned, and what would be done about it now; unless it is a dry run, that is then begun. */
  readonly learn: (options: { readonly dryRun: boolean }) => Promise<LearningReport>;
  /** Where machines are kept running and waiting. */
  readonly prepared: () => readonly PreparedCount[];
  /** Resolves when there is nothing to do in the background now. For tests and benches. */
  readonly settled: () => Promise<void>;
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
  /** Places that are held; the snapshot counts them as taken. */
  readonly reserved: number;
  readonly quote: PlantQuote;
  readonly images: number;
  readonly lines: readonly LineEnvironment[];
}

/** How long a bid holds. It reserves nothing. */
const BID_HOLDS_MILLISECONDS = 10_000;

const DEFAULT_BACKGROUND = { quietMilliseconds: 1_000, everyMilliseconds: 10_000 };

/** Puts records and reality in order (see `recover`), then gives the plant, ready to serve. */
export async function createPlant(options: PlantOptions): Promise<Plant> {
  const { info, limits } = options;
  // What the learner is removing must be in nobody's sight any more.
  const warehouse = hidingImages(options.warehouse);
  const sharing =
    options.shared === undefined ? undefined : await openSharing({ shared: options.shared, parts: options });
  const confirmed = options.lines.map((line) => confirmingLine(line, options.warehouse));
  const lines = sharing === undefined ? confirmed : confirmed.map(sharing.around);
  const parts: PlantParts = { ...options, warehouse, lines };
  mkdirSync(options.cloneRoot, { recursive: true, mode: 0o700 });
  const reservations = createReservations(options.clock);
  const steps = createSteps(parts, reservations);
  const machines = createMachines();
  const monitor = createMonitor({ parts, machines, ...(options.monitor ?? DEFAULT_MONITOR) });
  const failedRungs = createFailedRungs(options.clock, (name) => warehouse.get(name)?.descriptor);
  const bootTimes = createBootTimes();
  const known = (): KnownOfImages => ({
    excluded: failedRungs.excluded(),
    bootSecondsOf: bootTimes.secondsOf,
  });
  let wake: () => void = () => undefined;
  const pool =
    options.prepare === undefined
      ? undefined
      : openPool({
          parts,
          limits: options.prepare,
          failedBefore: failedRungs.has,
          pointFor: (order) => {
            const query = plannerQuery(parts, order, known());
            const choice = choose(catalogue.index(), query);
            if (choice === undefined) return undefined;
            return pointOfOrder(order, choice.image.name, choice.line, choice.rung);
          },
          wake: () => wake(),
        });
  const recovery = await recover(parts, steps, machines, monitor.watch, pool).catch(
    async (error: unknown) => {
      await sharing?.close();
      throw error;
    },
  );
  // Not before all is in order: it would take machines that are about to be adopted for left-overs.
  const unfinished = (): ReadonlySet<string> =>
    new Set([...productions.imagesInWork(), ...(maker?.imagesInWork() ?? [])]);
  const dependants = (): Dependants => dependantsOf(info, unfinished(), sharing?.elsewhere());
  const maker =
    options.making === undefined
      ? undefined
      : openImageMaker({ parts, making: options.making, images: warehouse, machines, dependants, sharing });
  const reports = createImageReports({
    images: warehouse,
    info,
    dependants,
    problems: options.making?.problems ?? (() => []),
    kept: () => maker?.learner.report()?.decision.keep ?? [],
  });
  const background = startBackground({
    // A machine is prepared in a moment; an image takes its time.
    sources: [...(pool === undefined ? [] : [pool]), ...(maker === undefined ? [] : [maker.learner])],
    ...(options.background ?? DEFAULT_BACKGROUND),
    log: options.log,
  });
  wake = background.wake;
  const catalogue = openCatalogue(warehouse);
  const productions = openProductions({
    parts,
    steps,
    index: catalogue.index,
    pool,
    failedRungs,
    bootTimes,
    onProduced: (produced) => {
      maker?.noteProduced(produced);
      background.wake();
    },
    onRungFailed: (image, rung) => maker?.learner.rungFailed(image, rung),
    onBusy: background.busy,
    onIdle: background.idle,
    onMachine: (machine, line, vmid) => {
      const live = machines.add(machine, line, vmid);
      monitor.watch(live);
      return live;
    },
  });
  const collector = createCollector({ parts, productions, machines });
  const claims = openClaims({
    info,
    collect: (vmid) => collector.collect(vmid, new AbortController().signal),
    log: options.log,
  });
  const consoles = createConsoles();

  const snapshot = (except?: string): PlantSnapshot =>
    plantSnapshot(info.records(), limits, info.prepared.all(), reservations.standing(except));
  /** The digest of the order that has this VMID here, if one has. */
  const orderOf = (vmid: string): string | undefined =>
    productions.get(vmid)?.orderDigest ?? info.get(vmid)?.vm.orderDigest;
  const queryFor = (order: Order): PlannerQuery =>
    plannerQuery(options, order, known(), pool?.readyFor(order));
  const bidFor = (order: Order): ReturnType<typeof computeBid> =>
    computeBid({
      plant: options.name,
      order,
      snapshot: snapshot(),
      choice: choose(catalogue.index(), queryFor(order)),
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
      reserved: reservations.standing().length,
      quote: quote(snapshot(), options.costModels),
      images: warehouse.images().length,
      lines: options.lines.map(({ environment }) => environment),
    }),
    status: (signal) =>
      followStatus(
        {
          now: () =>
            plantStatus({
              name: options.name,
              snapshot: snapshot(),
              models: options.costModels,
              images: catalogue.profile(),
              lines: options.lines.map(({ environment }) => environment.line),
            }),
          passing: () => reservations.standing().length > 0,
          onChange: (listener) => {
            const ends = [
              info.subscribe(listener),
              reservations.onChange(listener),
              catalogue.onChange(listener),
            ];
            return () => {
              for (const end of ends) end();
            };
          },
        },
        signal,
      ),
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
      const planned = planIndexed(catalogue.index(), queryFor(order));
      return {
        bid: result.kind === 'bid' ? result.bid : undefined,
        plan: planned.kind === 'plan' ? planned.plan : undefined,
        rejected: planned.kind === 'plan' ? planned.plan.rejected : planned.rejected,
      };
    },
    reserve: (place, milliseconds) => {
      const { vmid, orderDigest, memoryMiB, network, clientDomain } = place;
      const known = orderOf(vmid);
      if (info.get(vmid)?.vm.state === 'collecting') throw beingRemoved(vmid);
      if (known === orderDigest) return;
      if (known !== undefined) throw otherOrder(vmid);
      const refusal = refuse({ hardware: { memoryMiB }, network, clientDomain }, snapshot(vmid));
      if (refusal !== undefined) throw refusalError(refusal);
      reservations.hold(place, milliseconds);
    },
    release: reservations.release,
    claim: (vmid) => shownVm(claims.claim(vmid)),
    produce: (request, signal) => {
      const { vmid } = request;
      const known = orderOf(vmid);
      if (known !== undefined && known !== request.order.digest) throw otherOrder(vmid);
      // Who takes it without a claim to come takes it for good.
      if ((request.claimWithinSeconds ?? 0) === 0 && (info.get(vmid)?.vm.claimWithinSeconds ?? 0) > 0) {
        info.update(vmid, { vm: { claimWithinSeconds: 0 } });
      }
      const going = productions.get(vmid);
      const record = info.get(vmid);
      if (going !== undefined) return going.events.follow(signal);
      if (record !== undefined) return existing(record.vm);
      try {
        return productions.begin(request).events.follow(signal);
      } catch (error) {
        // Whoever held the place goes elsewhere now.
        reservations.release(vmid);
        throw error;
      }
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
    collect: async (vmid, signal) => {
      const collected = await collector.collect(vmid, signal);
      // There is room for machines to wait in.
      background.wake();
      return collected;
    },
    watch: (signal) => watchVms(info, signal),
    images: () => warehouse.images().map(({ descriptor }) => descriptor),
    imagesInUse: () => new Set(info.records().map(({ vm }) => vm.image)),
    imageReports: reports.all,
    updateImage: async (change, signal) => await reports.of(await makerOf(maker).change(change, signal)),
    publish: (request, signal) => makerOf(maker).publish(request, signal),
    learn: async ({ dryRun }) => {
      const learned = await makerOf(maker).decide();
      if (!dryRun) background.wake();
      return { ...learned, doing: learned.unable ?? background.doing() };
    },
    prepared: () => pool?.counts() ?? [],
    settled: background.settled,
    exec: (vmid, work, signal) => execInGuest(liveMachine(vmid), work, options, signal),
    console: (vmid, signal) => consoles.open(liveMachine(vmid), signal),
    close: async () => {
      const ending = new VmplantsError('UNAVAILABLE', 'the plant is shutting down', {
        reason: 'SHUTTING_DOWN',
      });
      await productions.close(ending);
      claims.close();
      await background.close();
      await maker?.close(ending);
      await collector.idle();
      await pool?.close();
      await sharing?.close();
      monitor.close();
      catalogue.close();
      for (const { machine } of machines.all()) machine.release();
      info.close();
    },
  };
}

/** @throws VmplantsError UNIMPLEMENTED on a plant that makes no images */
function makerOf(maker: ImageMaker | undefined): ImageMaker {
  if (maker !== undefined) return maker;
  throw new VmplantsError('UNIMPLEMENTED', 'this plant makes no golden images', {
    reason: 'NO_IMAGE_MAKING',
  });
}

function beingRemoved(vmid: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `${vmid} is being removed`, {
    reason: 'BEING_REMOVED',
    hint: 'Try again in a few seconds.',
  });
}

/** A VM that is there already: its creation is not repeated. */
async function* existing(vm: Vm): AsyncGenerator<ProduceEvent, void, undefined> {
  if (vm.state === 'collecting' || vm.state === 'producing') {
    throw beingRemoved(vm.vmid);
  }
  yield { kind: 'vm', vm: shownVm(vm) };
}

function otherOrder(vmid: string): VmplantsError {
  return new VmplantsError('ALREADY_EXISTS', `${vmid} is a VM of another order`, { reason: 'OTHER_ORDER' });
}

function noSuchVm(vmid: string): VmplantsError {
  return new VmplantsError('NOT_FOUND', `there is no VM ${vmid} on this plant`, { reason: 'NO_SUCH_VM' });
}
