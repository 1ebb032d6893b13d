import { type Benchmark, type Measurement, measurement } from './measurement.js';
import { writeExperimentDocs } from './support/experimentDocs.js';
import {
  type CreatedVm,
  type ExperimentResult,
  type ExperimentSpec,
  runExperiment,
} from './support/experimentRun.js';
import { benchWarehouseOf, type Surroundings } from './support/surroundings.js';

/** Nodes of the paper's cluster, each with a plant (VMPlants paper, section 4.2). */
const PLANTS = 8;

/** Of the VMs at the beginning of a series, and of those at its end: whether cloning slows down as a plant fills. */
const COMPARED = 16;

interface Series {
  readonly memoryMiB: number;
  readonly requests: number;
  /** VMs that the paper's prototype created of as many requests (section 4.3). */
  readonly paperCreated: number;
}

/**
 * The paper's two series. Its smallest golden machine had 32 MiB; 80 MiB is the least in which this guest's kernel
 * unpacks itself.
 */
const SMALL: Series = { memoryMiB: 80, requests: 128, paperCreated: 121 };
const LARGE: Series = { memoryMiB: 256, requests: 40, paperCreated: 40 };

/**
 * `experiment`: the paper's experiment (section 4): 128 VMs of one golden image, and then 40 larger ones, requested one
 * after the other by one client of a shop with eight plants; all of them are alive at the end.
 *
 * `-created`: VMs, against the paper's. `-alive`: VMs that run and are what was asked for at the end, against those
 * requested. `-cloning-growth`, `-creation-growth`: mean seconds of the last 16, against the first 16.
 * `-control-growth`: the same of starting another program beside each creation: growth of the others beyond this one
 * is not the host's being busy.
 * `experiment-cloning-memory`: mean seconds of cloning the larger, against the smaller.
 */
export function experiment(surroundings: Surroundings): Benchmark {
  return {
    name: 'experiment',
    async *run(context) {
      const results: ExperimentResult[] = [];
      for (const [name, series] of [
        ['experiment', SMALL],
        ['experiment-256', LARGE],
      ] as const) {
        context.report(`${name}: ${series.requests} VMs with ${series.memoryMiB} MiB on ${PLANTS} plants`);
        const result = await runExperiment(surroundings, context, specOf(surroundings, 'qemu', series));
        results.push(result);
        yield* linesOf(name, result, series);
      }
      const [small, large] = results.map(({ created }) => mean(created.map((vm) => vm.cloningSeconds)));
      if (small !== undefined && large !== undefined)
        yield measurement('experiment-cloning-memory', 's', large, small);
      if (surroundings.docsDirectory !== undefined)
        await writeExperimentDocs(surroundings.docsDirectory, results);
    },
  };
}

/** Mean seconds that the paper's UML production line took to clone and boot a VM (section 4.3). */
const PAPER_UML_SECONDS = 76;

/** `experiment-uml`: the first series with User-Mode Linux, whose clones boot; `-cloning` against the paper's 76 s. */
export function experimentUml(surroundings: Surroundings): Benchmark {
  return {
    name: 'experiment-uml',
    async *run(context) {
      context.report(`experiment-uml: ${SMALL.requests} VMs with ${SMALL.memoryMiB} MiB on ${PLANTS} plants`);
      const result = await runExperiment(surroundings, context, specOf(surroundings, 'uml', SMALL));
      yield* linesOf('experiment-uml', result, SMALL);
      const cloning = mean(result.created.map((vm) => vm.cloningSeconds));
      yield measurement('experiment-uml-cloning', 's', cloning, PAPER_UML_SECONDS);
    },
  };
}

function specOf(surroundings: Surroundings, line: ExperimentSpec['line'], { memoryMiB, requests }: Series) {
  const warehouse = benchWarehouseOf(surroundings);
  const image = { warehouse, name: `micro-${memoryMiB}`, base: 'micro', memoryMiB } as const;
  return { line, image, requests, plants: PLANTS };
}

function linesOf(name: string, result: ExperimentResult, series: Series): readonly Measurement[] {
  const { created, alive } = result;
  return [
    measurement(`${name}-created`, 'VMs', created.length, series.paperCreated),
    measurement(`${name}-alive`, 'VMs', alive, series.requests),
    growth(`${name}-cloning-growth`, created, (vm) => vm.cloningSeconds),
    growth(`${name}-creation-growth`, created, (vm) => vm.creationSeconds),
    growth(`${name}-control-growth`, created, (vm) => vm.controlSeconds),
  ];
}

function growth(name: string, created: readonly CreatedVm[], time: (vm: CreatedVm) => number): Measurement {
  const times = created.map(time);
  return measurement(name, 's', mean(times.slice(-COMPARED)), mean(times.slice(0, COMPARED)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
