import { mkdir, rm } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { createProgressDisplay, type ProgressDisplay } from '../../cli/progressDisplay.js';
import { write } from '../../cli/terminal.js';
import { wholeNumber } from '../../cli/wholeNumber.js';
import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { BakeParts } from '../bake/bakeParts.js';
import { noFreezingLine } from '../bake/freezingLine.js';
import { assembleBase, BASE_MEMORY_MIB, BASE_NAMES, type BaseName, isBaseName } from './bases.js';
import { clientDomain } from './clientDomain.js';
import { cacheDirectory, dataDirectory, warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';
import { bakeRoot } from './layout.js';
import { addLineFlags, type LineFlags, lineOptions } from './lineFlags.js';
import { memorySize } from './memorySize.js';
import { openLine } from './openLine.js';
import type { PlantEnvironment } from './plantEnvironment.js';
import { readOrder } from './readOrder.js';
import { toolEnvironment } from './toolEnvironment.js';

interface BuildOptions extends GlobalOptions, LineFlags {
  readonly file?: string;
  readonly allowOutside?: boolean;
  readonly base?: BaseName;
  readonly memory?: number;
  readonly vcpus: number;
  readonly disk?: number;
  readonly network: 'host-only' | 'none';
  readonly owner?: string;
  readonly data?: string;
  readonly warehouse?: string;
  readonly quiet?: boolean;
}

/** `vmplant warehouse build NAME`: makes a golden image, of packages (a base) or of an order on top of another image. */
export function addWarehouseBuild(warehouse: Command, environment: PlantEnvironment): void {
  addLineFlags(
    warehouse
      .command('build')
      .argument('<name>', `name of the new image; ${BASE_NAMES.join(' and ')} are bases, made from packages`)
      .description('make a golden image: assemble a base, or perform an order and freeze it')
      .option('-f, --file <ORDER>', 'request to perform: all of it that belongs to no one VM')
      .option('--allow-outside', 'let the request name source files outside of its own directory')
      .addOption(new Option('--base <NAME>', 'make this base under another name').choices([...BASE_NAMES]))
      .option(
        '--memory <SIZE>',
        `memory of a base; a frozen memory fits requests of exactly this (default: ${BASE_NAMES.map((base) => `${BASE_MEMORY_MIB[base]}MiB for ${base}`).join(', ')})`,
        memorySize(32, 2 ** 20),
      )
      .option('--vcpus <N>', 'processors of a base', wholeNumber(1, 64), 1)
      .option('--disk <SIZE>', 'size of the disk of a base', memorySize(16, 2 ** 22))
      .addOption(
        new Option('--network <KIND>', 'network of a base')
          .choices(['host-only', 'none'])
          .default('host-only'),
      )
      .option(
        '--owner <DOMAIN>',
        'client domain that the image belongs to, which alone may use it until it is shared (default: everybody)',
        clientDomain,
      )
      .addOption(outputOption(VALUE_FORMATS))
      .option('--data <DIR>', 'data directory of the plant; the machine lies there while it is made')
      .option('--warehouse <DIR>', 'directory of the warehouse')
      .option('-q, --quiet', 'print the name alone, no progress'),
  ).action(async (name: string, _options: unknown, command: Command) => {
    const options = command.optsWithGlobals<BuildOptions>();
    const format = chooseFormat(options.output, VALUE_FORMATS);
    const display = createProgressDisplay(environment.terminal, {
      quiet: options.quiet === true,
      now: environment.now,
    });
    let image: GoldenImage;
    try {
      image = await build(environment, name, options, display);
    } finally {
      display.end();
    }
    const { stdout } = environment.terminal;
    if (options.quiet === true) await write(stdout, `${image.name}\n`);
    else await printResult(stdout, format, image, () => `${image.name}\n`);
  });
}

async function build(
  environment: PlantEnvironment,
  name: string,
  options: BuildOptions,
  display: ProgressDisplay,
): Promise<GoldenImage> {
  const { signal } = environment;
  const base = options.base ?? (isBaseName(name) ? name : undefined);
  if ((base === undefined) === (options.file === undefined)) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      base === undefined
        ? `expected -f ORDER, or a base (${BASE_NAMES.join(', ')}); found the name ${JSON.stringify(name)} alone`
        : `${name}: expected a base or -f ORDER, found both`,
      { reason: 'USAGE' },
    );
  }
  const data = dataDirectory(environment, options.data);
  const [{ openWarehouse }, { checkImageName }, { DEFAULT_DEADLINES }, { removeStaleBakes }] =
    await Promise.all([
      import('../../warehouse/warehouse.js'),
      import('../../warehouse/layout.js'),
      import('../parts.js'),
      import('../bake/scratch.js'),
    ]);
  checkImageName(name);
  const order =
    options.file === undefined
      ? undefined
      : await readOrder(environment, { file: options.file, allowOutside: options.allowOutside === true });
  if (options.line === 'uml') throw noFreezingLine(['uml']);
  const { line, explanation } = await openLine(
    lineOptions(options, data, environment.temporaryDirectory),
    signal,
  );
  display.note(explanation);
  const warehousePath = warehouseDirectory(environment, options.warehouse);
  await mkdir(warehousePath, { recursive: true });
  const { createLog } = await import('../../cli/log.js');
  // What matters reaches the terminal as progress and errors.
  const log = createLog(environment.terminal.stderr, 'vmplant', 'warn');
  const warehouse = await openWarehouse({ directory: warehousePath, signal, log });
  try {
    const images = warehouse.images();
    const parts: BakeParts = {
      line,
      warehouseDirectory: warehousePath,
      scratchRoot: bakeRoot(data),
      toolEnvironment: toolEnvironment(environment.variables),
      deadlines: DEFAULT_DEADLINES,
      clock: { now: environment.now, monotonic: environment.monotonic },
      random: environment.randomBytes,
      log,
    };
    await removeStaleBakes(parts.scratchRoot, [line], signal);
    if (base !== undefined) return await buildBase(environment, parts, name, base, options, images, display);
    if (order === undefined) throw new VmplantsError('INTERNAL', 'neither a base nor an order');
    const { bake } = await import('../bake/bake.js');
    const baked = await bake(parts, { name, order, images, ...ownerOf(options) }, display.report, signal);
    if (baked.leftOut.length > 0) {
      display.note(`left out, because they belong to one VM: ${baked.leftOut.join(', ')}`);
    }
    return baked.image.descriptor;
  } finally {
    await warehouse.close();
  }
}

async function buildBase(
  environment: PlantEnvironment,
  parts: BakeParts,
  name: string,
  base: BaseName,
  options: BuildOptions,
  images: readonly LocatedImage[],
  display: ProgressDisplay,
): Promise<GoldenImage> {
  const { signal } = environment;
  const [{ bakeBase }, { refuseTaken }, { newScratch }] = await Promise.all([
    import('../bake/bakeBase.js'),
    import('../bake/bake.js'),
    import('../bake/scratch.js'),
  ]);
  // Assembling takes a minute: better told now.
  refuseTaken(name, images);
  const directory = await newScratch(parts.scratchRoot, parts.random);
  try {
    const assembled = await assembleBase(
      base,
      {
        directory,
        cacheDirectory: cacheDirectory(environment),
        environment: parts.toolEnvironment,
        ...(options.disk === undefined ? {} : { diskMiB: options.disk }),
      },
      display.report,
      signal,
    );
    const hardware = { vcpus: options.vcpus, memoryMiB: options.memory ?? BASE_MEMORY_MIB[base] };
    const { network } = options;
    const image = await bakeBase(
      parts,
      { name, assembled, hardware, network, images, ...ownerOf(options) },
      display.report,
      signal,
    );
    return image.descriptor;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function ownerOf({ owner }: BuildOptions): Pick<GoldenImage, 'owner'> {
  return owner === undefined ? {} : { owner };
}
