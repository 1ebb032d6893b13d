import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VmplantsError } from '../../model/errors.js';
import { cloneRoot, probeFile } from '../../plant/cli/layout.js';
import { openLine } from '../../plant/cli/openLine.js';
import type { ProductionLine } from '../../plant/line/line.js';
import type { VmshopClient } from '../../shop/client.js';
import type { BenchContext } from '../measurement.js';
import { type BaseImage, baseImage } from './baseImage.js';
import { discardClones } from './discardClones.js';
import {
  type ExperimentMachine,
  experimentMachine,
  experimentProof,
  experimentRequest,
  isProven,
} from './experimentOrder.js';
import { startShopAndPlants } from './shopAndPlants.js';
import type { Surroundings } from './surroundings.js';
import { inWorkplace, QEMU } from './workplace.js';

/** One series of requests, one after the other (VMPlants paper, section 4.2). */
export interface ExperimentSpec {
  readonly line: 'qemu' | 'uml';
  readonly image: BaseImage;
  readonly requests: number;
  readonly plants: number;
}

export interface CreatedVm {
  /** Place in the series of requests, from 1 on. */
  readonly sequence: number;
  readonly plant: string;
  /** From the client's request to the shop's answer (figure 4). */
  readonly creationSeconds: number;
  /** Until the clone's machine runs: resumed, or booted where the line does not resume (figure 5). */
  readonly cloningSeconds: number;
  /** That starting another program took just before: what of a change is the host's, whatever keeps it busy. */
  readonly controlSeconds: number;
}

export interface ExperimentResult {
  readonly spec: ExperimentSpec;
  readonly created: readonly CreatedVm[];
  /** Error codes of the requests that failed. */
  readonly failures: readonly string[];
  /** How many of the VMs ran at the end, answered, and were what was asked for. */
  readonly alive: number;
}

/** As much as a node of the paper's cluster had. */
const PLANT_MEMORY = '1536MiB';
/** The paper's prototype bid by the memory that was free for clones (section 4.1); it prepared and learned nothing. */
const PLANT_FLAGS = [
  ...['--memory', PLANT_MEMORY, '--max-vms', '64', '--cost', 'free-memory=100'],
  ...['--prepare-memory', '0', '--learn-disk', '0', '--log-level', 'warn'],
];

const CONTROL_MILLISECONDS = 60_000;

const COLLECTED_AT_ONCE = 4;

/** Creates the VMs, looks at all of them when the last one is there, and removes them. */
export function runExperiment(
  surroundings: Surroundings,
  context: BenchContext,
  spec: ExperimentSpec,
): Promise<ExperimentResult> {
  return inWorkplace(surroundings, context, async ({ line, data }) => {
    await baseImage(surroundings, spec.image, data, context);
    const plants = Array.from({ length: spec.plants }, (_, index) => ({
      name: `plant-${index + 1}`,
      data: join(data, String(index + 1)),
      flags: ['--line', spec.line, ...PLANT_FLAGS],
    }));
    for (const plant of plants) {
      await mkdir(plant.data, { mode: 0o700 });
      // Known already: asking again would take each plant some seconds of a core.
      await copyFile(probeFile(data), probeFile(plant.data));
    }
    const driver = spec.line === 'uml' ? await umlLine(surroundings, data, context.signal) : line;
    try {
      const { client, close } = await startShopAndPlants(
        surroundings,
        spec.image.warehouse,
        plants,
        context.signal,
      );
      try {
        return await createAll(client, context, spec);
      } finally {
        await close();
      }
    } finally {
      for (const plant of plants) await discardClones(driver, cloneRoot(plant.data));
    }
  });
}

/** What ends the plants' machines where they could not be collected. */
async function umlLine(
  { temporaryDirectory }: Surroundings,
  data: string,
  signal: AbortSignal,
): Promise<ProductionLine> {
  const uml = {
    binary: '/usr/bin/linux.uml',
    mconsole: '/usr/bin/uml_mconsole',
    expandedDirectory: join(data, 'expanded'),
  };
  const host = { qemu: QEMU, accelerator: 'auto', temporaryDirectory, probeFile: probeFile(data) } as const;
  const { line } = await openLine({ ...host, line: 'uml', uml }, signal);
  return line;
}

async function createAll(
  client: VmshopClient,
  context: BenchContext,
  spec: ExperimentSpec,
): Promise<ExperimentResult> {
  const { signal, now, report } = context;
  const machines = new Map<string, ExperimentMachine>();
  const created: CreatedVm[] = [];
  const failures: string[] = [];
  try {
    for (let sequence = 1; sequence <= spec.requests; sequence++) {
      const machine = experimentMachine(sequence);
      const request = experimentRequest(machine, spec.image.memoryMiB, spec.line);
      const controlSeconds = await timeControl(context);
      const began = now();
      try {
        const vm = await client.create(request, { signal });
        const creationSeconds = (now() - began) / 1000;
        machines.set(vm.vmid, machine);
        const seconds = ['CloneSeconds', 'StartSeconds', 'BootSeconds'].map((name) => vm.classad[name] ?? 0);
        const cloningSeconds = seconds.map(Number).reduce((sum, value) => sum + value, 0);
        created.push({ sequence, plant: vm.plant, creationSeconds, cloningSeconds, controlSeconds });
        if (sequence % 8 === 0)
          report(
            `  ${sequence} of ${spec.requests}: ${creationSeconds.toFixed(3)} s, ${cloningSeconds.toFixed(3)} s of it cloning`,
          );
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } =
          error instanceof VmplantsError ? error : { code: 'UNKNOWN', message: String(error) };
        report(`  ${sequence} of ${spec.requests}: ${code}: ${message}`);
        failures.push(code);
      }
    }
    const alive = await countAlive(client, machines, context);
    report(`  ${created.length} of ${spec.requests} created, ${alive} of them alive at the end`);
    return { spec, created, failures, alive };
  } finally {
    await collectAll(client, [...machines.keys()]);
  }
}

/** Seconds in which the emulator starts and ends without a machine. */
async function timeControl({ now, signal }: BenchContext): Promise<number> {
  const began = now();
  await promisify(execFile)(QEMU, ['--version'], { signal, timeout: CONTROL_MILLISECONDS });
  return (now() - began) / 1000;
}

async function countAlive(
  client: VmshopClient,
  machines: ReadonlyMap<string, ExperimentMachine>,
  { signal, report }: BenchContext,
): Promise<number> {
  const { vms } = await client.list({ signal });
  let alive = 0;
  for (const [vmid, machine] of machines) {
    if (vms.find((vm) => vm.vmid === vmid)?.state !== 'running') continue;
    let said = '';
    const decoder = new TextDecoder();
    const { status } = await client.exec(vmid, experimentProof(machine), {
      signal,
      onOutput: (data) => {
        said += decoder.decode(data, { stream: true });
      },
    });
    if (status === 0 && isProven(said, machine)) alive += 1;
    else report(`  ${vmid} is not what was asked for, exit status ${status}: ${said}`);
  }
  return alive;
}

/** Also after an interrupt. What cannot be collected is ended with the rest. */
async function collectAll(client: VmshopClient, vmids: readonly string[]): Promise<void> {
  const left = [...vmids];
  const collectNext = async (): Promise<void> => {
    for (let vmid = left.pop(); vmid !== undefined; vmid = left.pop()) {
      await client.collect(vmid, { timeoutMilliseconds: 60_000 }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: COLLECTED_AT_ONCE }, collectNext));
}
