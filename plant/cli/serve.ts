import { mkdir } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { LOG_LEVELS } from '../../cli/logLevels.js';
import { write } from '../../cli/terminal.js';
import { untilAborted } from '../../cli/untilAborted.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { VmplantsError } from '../../model/errors.js';
import type { Registration } from '../../registry/registration.js';
import type { ProductionLine } from '../line/line.js';
import { parseCosts } from './costs.js';
import { dataDirectory, warehouseDirectory } from './directories.js';
import { bakeRoot, cloneRoot } from './layout.js';
import { addLinesFlags, type LinesFlags, linesOptions } from './lineFlags.js';
import { memorySize } from './memorySize.js';
import { type OpenedLine, openLine } from './openLine.js';
import type { PlantEnvironment } from './plantEnvironment.js';
import { addRegisterFlags, type RegisterFlags, register, registerSettings } from './registerFlags.js';
import { toolEnvironment } from './toolEnvironment.js';

interface ServeOptions extends LinesFlags, RegisterFlags {
  readonly listen: string;
  readonly data?: string;
  readonly warehouse?: string;
  readonly name?: string;
  readonly maxVms: number;
  readonly memory?: number;
  readonly networks: number;
  readonly cost?: string;
  readonly learnDisk: number;
  readonly learnImages: number;
  readonly prepareMemory?: number;
  readonly prepareSpare: number;
  readonly logLevel: string;
  readonly insecureAnyAddress?: boolean;
}

/** How long calls may take to finish once the plant is told to stop. */
const STOP_MILLISECONDS = 5000;

/** A decision takes up to a second of one core. */
const DECIDE_EVERY_MILLISECONDS = 5000;

/** `vmplant serve`: bids, produces and monitors until SIGTERM or Ctrl-C; its VMs outlive it. */
export function addServe(program: Command, environment: PlantEnvironment): void {
  const command = addLinesFlags(
    program
      .command('serve')
      .description(
        'run the plant of this host; VMs go on running when it stops, and are adopted at its next start',
      )
      .option('--listen <ADDRESS>', 'host:port or unix:PATH to serve on', '127.0.0.1:7071')
      .option('--data <DIR>', 'data directory: records and clones')
      .option('--warehouse <DIR>', 'directory of the golden images')
      .option('--name <NAME>', 'name of the plant (default: the host name)')
      .option('--max-vms <N>', 'most VMs at once', wholeNumber(1, 100_000), 32)
      .option(
        '--memory <SIZE>',
        "memory for all VMs (default: three quarters of the host's)",
        memorySize(32, 2 ** 40),
      )
      .option('--networks <N>', 'host-only networks', wholeNumber(0, 4096), 4)
      .option('--cost <LIST>', 'cost models with weights (default: compute=4,network=50)')
      .option(
        '--learn-disk <SIZE>',
        'disk for golden images that the plant bakes by itself of what it is asked for; 0 for none',
        memorySize(0, 2 ** 40),
        10 * 1024,
      )
      .option('--learn-images <N>', 'most such images', wholeNumber(0, 10_000), 64)
      .option(
        '--prepare-memory <SIZE>',
        'memory for machines that wait resumed for an order; they make room for VMs; 0 for none (default: an eighth of --memory)',
        memorySize(0, 2 ** 40),
      )
      .option('--prepare-spare <N>', 'machines that wait for each image in demand', wholeNumber(0, 1000), 1)
      .addOption(
        new Option('--log-level <LEVEL>', 'least important records to log')
          .choices([...LOG_LEVELS])
          .default('info'),
      )
      .option('--insecure-any-address', 'allow an address that other machines reach, without TLS'),
  );
  addRegisterFlags(command).action(async (_options: unknown, command: Command) => {
    await serve(environment, command.optsWithGlobals<ServeOptions>());
  });
}

async function serve(environment: PlantEnvironment, options: ServeOptions): Promise<void> {
  const { signal, terminal } = environment;
  const name = plantName(options.name ?? environment.hostName);
  const costModels = parseCosts(options.cost);
  const registering = await registerSettings(options);
  const data = dataDirectory(environment, options.data);
  const images = warehouseDirectory(environment, options.warehouse);
  const { createLog } = await import('../../cli/log.js');
  const log = createLog(terminal.stderr, 'vmplant', options.logLevel);
  const [
    { createPlant },
    { createPlantHandlers },
    { DEFAULT_DEADLINES, DEFAULT_LIMITS, NO_CRASH },
    { openInformationSystem },
    { openPlantId },
    { openWarehouse },
    { removeLeftovers },
    { createRequestMemory, remembering },
    { plantService, serve: startServer },
  ] = await Promise.all([
    import('../plant.js'),
    import('../server.js'),
    import('../parts.js'),
    import('../info/informationSystem.js'),
    import('../info/plantId.js'),
    import('../../warehouse/warehouse.js'),
    import('../bake/removeLeftovers.js'),
    import('../../proto/requestMemory.js'),
    import('../../proto/serve.js'),
  ]);
  await mkdir(images, { recursive: true });
  const clock = { now: environment.now, monotonic: environment.monotonic };
  /** What has been opened so far, to be closed from the last to the first. */
  const opened: (() => Promise<void> | void)[] = [];
  try {
    const info = openInformationSystem({ directory: data, clock, log });
    opened.push(info.close);
    const lines: ProductionLine[] = [];
    const tidies: NonNullable<OpenedLine['tidy']>[] = [];
    for (const lineOptions of linesOptions(options, data, environment.temporaryDirectory)) {
      const { line, explanation, detail, tidy } = await openLine(lineOptions, signal);
      log.info({ ...line.environment }, explanation);
      if (detail !== undefined) log.debug({ detail }, 'what the emulator said when KVM was tried');
      lines.push(line);
      if (tidy !== undefined) tidies.push(tidy);
    }
    // Without the program's signal: what goes on while the plant stops still clones from it.
    const warehouse = await openWarehouse({ directory: images, signal: new AbortController().signal, log });
    opened.push(warehouse.close);
    const memoryMiB = options.memory ?? Math.floor(environment.hostMemoryMiB * 0.75);
    const making = {
      warehouseDirectory: images,
      scratchRoot: bakeRoot(data),
      toolEnvironment: toolEnvironment(environment.variables),
      refresh: () => warehouse.refresh(),
      problems: () => warehouse.problems(),
      learning: {
        enabled: options.learnDisk > 0 && options.learnImages > 0,
        budget: { bytes: options.learnDisk * 2 ** 20, images: options.learnImages },
        decideEveryMilliseconds: DECIDE_EVERY_MILLISECONDS,
      },
    };
    const removed = await removeLeftovers({ ...making, lines, clock }, signal);
    if (removed.length > 0) log.info({ removed }, 'what died while it made golden images is removed');
    const plantId = openPlantId(data, name, environment.randomBytes);
    const plant = await createPlant({
      name,
      lines,
      warehouse,
      info,
      cloneRoot: cloneRoot(data),
      limits: {
        ...DEFAULT_LIMITS,
        maxVms: options.maxVms,
        memoryMiB,
        networks: options.networks,
      },
      deadlines: DEFAULT_DEADLINES,
      clock,
      random: environment.randomBytes,
      log,
      crashPoint: NO_CRASH,
      costModels,
      making,
      shared: { directory: images, plant: plantId },
      prepare: {
        memoryMiB: options.prepareMemory ?? Math.floor(memoryMiB / 8),
        spare: options.prepareSpare,
        maxPerImage: options.maxVms,
      },
    });
    opened.push(plant.close);
    const tidyUp = (): void => {
      const keep = new Set([
        ...warehouse.images().map((image) => image.descriptor.name),
        ...plant.imagesInUse(),
      ]);
      for (const tidy of tidies) {
        tidy(keep).catch((err: unknown) =>
          log.warn({ err }, 'what a line kept of a golden image is still there'),
        );
      }
    };
    tidyUp();
    opened.push(warehouse.onChange(tidyUp));
    log.info({ ...plant.recovery }, 'records and reality are in order');
    const server = await startServer({
      address: options.listen,
      // What many shops ask, or one shop of many plants, is read and judged once.
      services: [
        remembering(
          plantService(
            createPlantHandlers({
              plant,
              logger: log,
              version: environment.version,
              orders: new WeakMap(),
            }),
          ),
          'Bid',
          createRequestMemory(),
        ),
      ],
      logger: log,
      insecureAnyAddress: options.insecureAnyAddress === true,
    });
    let registration: Registration | undefined;
    opened.push(async () => {
      // Only now nothing new comes. Who has VMs, or may have begun one, is waited for.
      if (plant.list(undefined).length === 0) await registration?.leave();
    });
    opened.push(() => server.stop(STOP_MILLISECONDS));
    if (registering !== undefined) {
      const registered = {
        id: plantId,
        name,
        lines: lines.map((line) => line.name),
        address: server.address,
      };
      registration = await register(registering, registered, environment, log);
      opened.push(async () => registration?.close());
    }
    await write(terminal.stdout, `plant ${name} serves on ${server.address}\n`);
    await untilAborted(signal);
    await write(terminal.stderr, stoppingText(name, options.line, plant.list(undefined).length));
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

function stoppingText(name: string, lines: readonly string[], vms: number): string {
  if (lines.includes('fake')) return `plant ${name} stops\n`;
  if (vms === 0) return `plant ${name} stops; it has no VMs\n`;
  return `plant ${name} stops; its VMs (${vms}) go on running and are adopted at its next start\n`;
}

/** As DNS labels and the records say it. */
function plantName(text: string): string {
  const name = text.toLowerCase();
  if (/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    `--name: expected letters, digits, dots and hyphens; found ${JSON.stringify(text)}`,
    { reason: 'USAGE' },
  );
}
