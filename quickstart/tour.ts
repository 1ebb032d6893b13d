import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CommandResult, type PrintLine, runCommand } from '../dev/command.js';
import type { Programs } from '../dev/programs.js';
import { type Server, startServer } from '../dev/serverProcess.js';

/** What the tour needs to know of its surroundings. */
export interface TourOptions {
  readonly programs: Programs;
  /** Request that is created twice. */
  readonly example: string;
  /** Kept between runs: the base image and downloaded packages. */
  readonly keptDirectory: string;
  /** Parent of the directory that everything else lies in and that is removed at the end. */
  readonly temporaryDirectory: string;
  /** Leave the servers, VMs and images as they are at the end. */
  readonly keep: boolean;
  readonly print: PrintLine;
  readonly signal: AbortSignal;
  /** Waits until the user wants to end it; used with `keep`. */
  readonly untilStopped: () => Promise<void>;
}

const BASE_IMAGE = 'debian-12';
/** How long the plant may take to bake what it has learned, and then to have a machine wait. */
const LEARN_MILLISECONDS = 300_000;
const ASK_AGAIN_MILLISECONDS = 500;

/**
 * The main job, shown with the same commands that a user types: a base image from packages, a shop and two plants, a
 * VM from a DAG of actions; then the plant learns its prefix and has a machine wait, and the same VM comes from that.
 */
export async function tour(options: TourOptions): Promise<void> {
  const { programs, print, signal } = options;
  const kept = join(options.keptDirectory, 'warehouse');
  await mkdir(kept, { recursive: true });
  // Beside the kept images: what is baked is moved there, which costs nothing within one file system.
  const bakery = join(options.keptDirectory, 'bakery');
  const scratch = await mkdtemp(join(options.temporaryDirectory, 'vmplants-quickstart-'));
  // What the plants learn here is removed with it.
  const warehouse = await mkdtemp(join(options.keptDirectory, 'tour-'));
  const servers: Server[] = [];
  const vmids: string[] = [];
  const timings: [string, number][] = [];
  const quiet = (): void => {};
  const indent = (line: string): void => print(`    ${line}`);
  const vmplant = (args: readonly string[], into: PrintLine = indent): Promise<CommandResult> => {
    print(`  $ vmplant ${args.map(shorten).join(' ')}`);
    return runCommand(programs.vmplant, args, { programs, print: into, signal });
  };
  const shopAddress = (): string => servers.at(-1)?.address ?? '';
  const vmshop = (args: readonly string[], into: PrintLine = indent): Promise<CommandResult> => {
    // What is asked for as JSON is read here, not shown.
    print(`  $ vmshop ${args.map(shorten).join(' ')}${args.includes('json') ? ' >vm.json' : ''}`);
    return runCommand(programs.vmshop, ['--address', shopAddress(), ...args], {
      programs,
      print: into,
      signal,
    });
  };
  /** Without a word: asked again and again. */
  const vmshopQuietly = (args: readonly string[]): Promise<CommandResult> =>
    runCommand(programs.vmshop, ['--address', shopAddress(), ...args], { programs, print: quiet, signal });
  /** People read paths below the checkout better without what leads there. */
  const shorten = (text: string): string =>
    text.replace(scratch, '$TMP').replace(`${dirname(options.keptDirectory)}/`, '');
  const show = (result: CommandResult): void => {
    for (const line of result.stdout.trimEnd().split('\n')) indent(line);
  };
  const timed = async (name: string, work: () => Promise<CommandResult>): Promise<CommandResult> => {
    const result = await work();
    timings.push([name, result.seconds]);
    return result;
  };

  try {
    print('1. A base image: Debian 12 from packages, booted once and frozen warm');
    if (existsSync(join(kept, BASE_IMAGE, 'image.json'))) {
      print('  kept from an earlier run');
    } else {
      await timed('build the Debian base image', () =>
        vmplant(['warehouse', 'build', BASE_IMAGE, '--warehouse', kept, '--data', bakery]),
      );
    }
    await vmplant(['warehouse', 'publish', join(kept, BASE_IMAGE), '--warehouse', warehouse]);

    print('\n2. Two plants and a shop');
    for (const name of ['plant-a', 'plant-b']) {
      const args = [
        'serve',
        '--name',
        name,
        '--listen',
        '127.0.0.1:0',
        '--data',
        join(scratch, name),
        '--warehouse',
        warehouse,
      ];
      print(`  $ vmplant ${args.map(shorten).join(' ')} &`);
      servers.push(await startServer(programs.vmplant, args, { programs, signal }));
    }
    const plants = servers.map((server) => server.address).join(',');
    print(`  $ vmshop serve --listen 127.0.0.1:0 --plants ${plants} &`);
    servers.push(
      await startServer(programs.vmshop, ['serve', '--listen', '127.0.0.1:0', '--plants', plants], {
        programs,
        signal,
      }),
    );

    print('\n3. What the plants bid, and how they would produce it');
    show(await vmshop(['bids', '-f', options.example], quiet));
    show(await vmshop(['plan', '-f', options.example], quiet));

    print('\n4. The VM: every action of the DAG runs');
    const first = await timed('create from the base image', () =>
      vmshop(['create', '-f', options.example, '-o', 'json']),
    );
    vmids.push(vmidOf(first));
    show(await vmshop(['get', vmidOf(first), '-o', 'classad'], quiet));

    print('\n5. The same order a second time: what comes again is worth learning, and surely no secret');
    const again = await vmshop(['create', '-f', options.example, '-q'], quiet);
    vmids.push(again.stdout.trim());

    print('\n6. The plant learns: idle, it bakes what is not one VM’s own, and has a machine wait');
    show(await vmshop(['learn', '--dry-run'], quiet));
    await timed('learn, bake, prepare (background)', () =>
      untilPrepared(() => vmshopQuietly(['images', '-o', 'json']), signal),
    );
    show(await vmshop(['images', '--tree'], quiet));

    print('\n7. And a third time: a machine waits for it');
    show(await vmshop(['plan', '-f', options.example], quiet));
    const last = await timed('create from the prepared machine', () =>
      vmshop(['create', '-f', options.example, '-o', 'json']),
    );
    vmids.push(vmidOf(last));
    show(await vmshop(['list'], quiet));

    print('\nWhere the time went');
    for (const [name, seconds] of timings) print(`  ${name.padEnd(32)}${seconds.toFixed(2).padStart(8)} s`);
    for (const [name, result] of [
      ['first VM', first],
      ['last VM', last],
    ] as const)
      phases(name, result, print);
    const speedup = first.seconds / last.seconds;
    print(`  actions brought by the image, not run again: ${listed(last, 'ActionsPerformed')}`);
    print(`  the last VM was ${speedup.toFixed(1)} times faster`);
    if (options.keep) {
      print(`\nEverything is left running. Try: npx vmshop --address ${shopAddress()} list`);
      print('Ctrl-C ends it and removes everything.');
      await options.untilStopped();
    }
  } finally {
    print('\nCleaning up');
    await cleanUp(options, { vmids, servers, directories: [scratch, warehouse, bakery] });
  }
}

/** Collects every VM, ends every server, removes every file but the base image and the downloads. */
async function cleanUp(
  options: TourOptions,
  left: {
    readonly vmids: readonly string[];
    readonly servers: readonly Server[];
    readonly directories: readonly string[];
  },
): Promise<void> {
  const { print } = options;
  const shop = left.servers.at(2);
  try {
    if (shop !== undefined) await collectVms(options, shop, left.vmids);
  } catch (thrown) {
    print(
      `  not every VM could be collected; what they are and hang on stays in ${left.directories.join(', ')}`,
    );
    throw thrown;
  } finally {
    // The servers are out of the terminal's reach: nobody else would end them.
    for (const server of [...left.servers].reverse()) await server.stop();
  }
  for (const directory of left.directories) await rm(directory, { recursive: true, force: true });
  print(
    `  no process and no temporary file is left; the base image and downloads stay in ${options.keptDirectory}`,
  );
}

/** Ends every VM, also after Ctrl-C: the tour's signal does not count here. */
async function collectVms(options: TourOptions, shop: Server, vmids: readonly string[]): Promise<void> {
  const { programs, print } = options;
  const signal = AbortSignal.timeout(60_000);
  const listed = await runCommand(programs.vmshop, ['--address', shop.address, 'list', '-o', 'json'], {
    programs,
    print: () => {},
    signal,
  });
  const known = new Set([...vmids, ...vmidsIn(listed.stdout)]);
  if (known.size === 0) return;
  await runCommand(programs.vmshop, ['--address', shop.address, 'destroy', ...known], {
    programs,
    print,
    signal,
  });
  print(`  collected ${known.size} ${known.size === 1 ? 'VM' : 'VMs'}`);
}

/** Whether a machine waits on an image that was learned. */
function machineWaits(imagesDocument: string): boolean {
  const listing = JSON.parse(imagesDocument) as {
    readonly images: readonly { readonly origin: string; readonly prepared: number }[];
  };
  return listing.images.some(({ origin, prepared }) => origin === 'learned' && prepared > 0);
}

/** Waits until a plant has learned something and a machine of it waits. */
async function untilPrepared(
  askImages: () => Promise<CommandResult>,
  signal: AbortSignal,
): Promise<CommandResult> {
  const began = performance.now();
  for (;;) {
    const asked = await askImages();
    const seconds = (performance.now() - began) / 1000;
    if (machineWaits(asked.stdout)) return { ...asked, seconds };
    if (seconds * 1000 > LEARN_MILLISECONDS) {
      throw new Error(`no machine was prepared within ${LEARN_MILLISECONDS / 1000} s`);
    }
    await setTimeout(ASK_AGAIN_MILLISECONDS, undefined, { signal });
  }
}

/** The create's answer is JSON with the VM's record. */
function recordOf(result: CommandResult): Record<string, unknown> {
  const value: unknown = JSON.parse(result.stdout);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function classadOf(result: CommandResult): Record<string, unknown> {
  const { classad } = recordOf(result);
  return typeof classad === 'object' && classad !== null ? (classad as Record<string, unknown>) : {};
}

function vmidOf(result: CommandResult): string {
  return String(recordOf(result).vmid);
}

function vmidsIn(stdout: string): readonly string[] {
  return [...stdout.matchAll(/"vmid": *"(vm-[a-z2-7]+)"/g)].map((match) => match[1] ?? '');
}

function listed(result: CommandResult, attribute: string): string {
  const value = classadOf(result)[attribute];
  return Array.isArray(value) ? value.join(', ') : '';
}

/** One line with the phases of a creation as the plant measured them. */
function phases(name: string, result: CommandResult, print: PrintLine): void {
  const parts = Object.entries(classadOf(result))
    .filter(([attribute, value]) => attribute.endsWith('Seconds') && typeof value === 'number')
    .map(
      ([attribute, value]) =>
        `${attribute.replace(/Seconds$/, '').toLowerCase()} ${Number(value).toFixed(2)} s`,
    );
  print(`  ${name}: ${parts.join(', ')}`);
}
