import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartSvg, distribution, type Series } from './chart.js';
import type { CreatedVm, ExperimentResult } from './experimentRun.js';

/** Width of the bins of a distribution, as a part of the longest time. */
const BINS = 40;

type Time = 'creationSeconds' | 'cloningSeconds';

/** Writes the figures and what they are drawn from (VMPlants paper, figures 4, 5 and 6). */
export async function writeExperimentDocs(
  directory: string,
  results: readonly ExperimentResult[],
): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
  await write('experiment.json', `${JSON.stringify(experimentRecord(results), undefined, 1)}\n`);
  const shares = (title: string, time: Time): string =>
    chartSvg({
      title,
      xLabel: 'seconds',
      yLabel: 'share of the VMs',
      kind: 'line',
      series: seriesOf(results, (vms) => distribution(timesOf(vms, time), binSeconds(results, time))),
    });
  await write(
    'experiment-creation.svg',
    shares('From the request to its answer (figure 4)', 'creationSeconds'),
  );
  await write('experiment-cloning.svg', shares('Cloning (figure 5)', 'cloningSeconds'));
  await write(
    'experiment-sequence.svg',
    chartSvg({
      title: 'Cloning, by the place in the series of requests (figure 6)',
      xLabel: 'request',
      yLabel: 'seconds',
      kind: 'dots',
      series: seriesOf(results, (vms) =>
        vms.map(({ sequence, cloningSeconds }) => [sequence, cloningSeconds]),
      ),
    }),
  );
}

/** What the figures are drawn from, for other tools. */
export function experimentRecord(results: readonly ExperimentResult[]): object {
  return {
    runs: results.map(({ spec, created, failures, alive }) => ({
      line: spec.line,
      memoryMiB: spec.image.memoryMiB,
      plants: spec.plants,
      requests: spec.requests,
      created: created.length,
      failures,
      alive,
      creation: distributionRecord(created, results, 'creationSeconds'),
      cloning: distributionRecord(created, results, 'cloningSeconds'),
      vms: created.map(({ sequence, plant, creationSeconds, cloningSeconds }) => ({
        sequence,
        plant,
        creationSeconds: rounded(creationSeconds),
        cloningSeconds: rounded(cloningSeconds),
      })),
    })),
  };
}

function distributionRecord(
  created: readonly CreatedVm[],
  results: readonly ExperimentResult[],
  time: Time,
): object {
  const width = binSeconds(results, time);
  return {
    binSeconds: width,
    /** Middle of the bin, and the share of the VMs in it. */
    distribution: distribution(timesOf(created, time), width).map(([middle, share]) => [
      rounded(middle),
      rounded(share),
    ]),
  };
}

function seriesOf(
  results: readonly ExperimentResult[],
  points: (vms: readonly CreatedVm[]) => Series['points'],
): readonly Series[] {
  return results.map(({ spec, created }) => ({
    name: `${spec.image.memoryMiB} MiB (${created.length} VMs)`,
    points: points(created),
  }));
}

/** The same for all runs, so that their shares can be compared; a whole number of milliseconds. */
function binSeconds(results: readonly ExperimentResult[], time: Time): number {
  const longest = Math.max(0, ...results.flatMap(({ created }) => timesOf(created, time)));
  return Math.max(1, Math.ceil((longest * 1000) / BINS)) / 1000;
}

function timesOf(created: readonly CreatedVm[], time: Time): readonly number[] {
  return created.map((vm) => vm[time]);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
