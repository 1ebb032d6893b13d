import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddedDevice, LocatedImage } from '../../model/goldenImage.js';
import type {
  CloneSpec,
  Machine,
  MachineSnapshot,
  NewDevice,
  ProductionLine,
} from '../../plant/line/line.js';
import {
  type Configuration,
  configurationIso,
  freshIdentity,
  type Identity,
  type Listening,
  listen,
  newNonce,
  patience,
  type Result,
  summarise,
} from './conversation.js';
import type { LineSubject } from './subject.js';

/** A machine under test and what belongs to it. */
export interface Specimen {
  readonly spec: CloneSpec;
  readonly machine: Machine;
  readonly listening: Listening;
  readonly identity: Identity;
}

type Asked = Partial<Pick<CloneSpec, 'vmid' | 'image' | 'rung' | 'purpose' | 'macs' | 'network'>>;

/** A line with two golden images, and clones of them that are all gone after each test. */
export class Rig {
  private counter = 0;
  private readonly directories = new Set<string>();

  private constructor(
    readonly line: ProductionLine,
    readonly root: string,
    /** Can only be booted. */
    readonly base: LocatedImage,
    private frozenImage: LocatedImage | undefined,
  ) {}

  static async open(subject: LineSubject): Promise<Rig> {
    const root = await mkdtemp(join(tmpdir(), 'vmp-line-'));
    const line = await subject.create(join(root, 'line'));
    await mkdir(join(root, 'vms'));
    const base = await subject.goldenImage(join(root, 'images', 'base'));
    const rig = new Rig(line, root, base, undefined);
    if (line.capabilities.freeze) rig.frozenImage = await rig.bakeFrozen();
    return rig;
  }

  /** Can be resumed, where the line can; otherwise the base. */
  get golden(): LocatedImage {
    return this.frozenImage ?? this.base;
  }

  spec(asked: Asked = {}): CloneSpec {
    this.counter += 1;
    const vmid = asked.vmid ?? `vm-${this.counter}`;
    const image = asked.image ?? this.golden;
    const directory = join(this.root, 'vms', `${vmid}-${this.counter}`);
    this.directories.add(directory);
    const { hardware } = image.descriptor;
    return {
      vmid,
      directory,
      image,
      rung: image.descriptor.memory === undefined ? 'disk' : 'warm',
      vcpus: hardware.vcpus,
      memoryMiB: hardware.memoryMiB,
      network: 'host-only',
      macs: [this.mac()],
      generationId: randomUUID(),
      purpose: 'vm',
      ...asked,
    };
  }

  mac(): string {
    this.counter += 1;
    return `52:54:00:00:${(this.counter >> 8).toString(16).padStart(2, '0')}:${(this.counter & 255).toString(16).padStart(2, '0')}`;
  }

  /** Cloned and started, still paused. */
  async start(asked: Asked = {}): Promise<Specimen> {
    const spec = this.spec(asked);
    await this.line.clone(spec, patience());
    const machine = await this.line.start(spec, patience());
    return this.hold(spec, machine);
  }

  /** A specimen of a machine that came about in another way. */
  hold(spec: CloneSpec, machine: Machine): Specimen {
    this.counter += 1;
    const identity = freshIdentity(`host-${this.counter}`, spec.macs);
    return { spec, machine, listening: listen(machine), identity };
  }

  /** Running, and its guest ready. */
  async running(asked: Asked = {}): Promise<Specimen> {
    const specimen = await this.start(asked);
    await specimen.machine.run(patience());
    if (specimen.spec.rung === 'warm') await specimen.machine.guest.send({ kind: 'hello' }, patience());
    await specimen.listening.until((message) => message.kind === 'ready');
    return specimen;
  }

  /** Rings with an ISO and waits for the end. The machine must run, or be about to. */
  async configure(
    specimen: Specimen,
    configuration: Partial<Configuration> & Pick<Configuration, 'actions'>,
    doorbell: { readonly manifestDigest?: string; readonly nonce?: string } = {},
  ): Promise<Result> {
    const nonce = configuration.nonce ?? newNonce();
    await this.deliver(specimen, { vmid: specimen.spec.vmid, ...configuration, nonce }, doorbell);
    return await this.outcome(specimen, doorbell.nonce ?? nonce);
  }

  /** The first configuration, with the specimen's own identity. */
  async personalise(specimen: Specimen, actions: Configuration['actions'] = []): Promise<Result> {
    return await this.configure(specimen, { identity: specimen.identity, actions });
  }

  async deliver(
    { spec, machine }: Specimen,
    configuration: Configuration,
    doorbell: { readonly manifestDigest?: string; readonly nonce?: string } = {},
  ): Promise<void> {
    const { image, manifestDigest } = configurationIso(configuration);
    const file = join(spec.directory, `configure-${newNonce()}.iso`);
    await writeFile(file, image);
    await machine.deliver(file, patience());
    await machine.run(patience());
    const { nonce } = configuration;
    const ring = {
      kind: 'configure',
      nonce,
      manifestDigest,
      epochMilliseconds: Date.now(),
      ...doorbell,
    } as const;
    await machine.guest.send(ring, patience());
  }

  async outcome({ listening }: Specimen, nonce: string): Promise<Result> {
    await listening.until((one) => (one.kind === 'done' || one.kind === 'refused') && one.nonce === nonce);
    return summarise(listening.messages, nonce);
  }

  /** Runs one script outside of any order; gives what it wrote. Fails unless it ends well. */
  async execute(specimen: Specimen, script: string): Promise<string> {
    const nonce = newNonce();
    await specimen.machine.guest.send(
      { kind: 'exec', nonce, timeoutSeconds: 60, script: `${script}\n` },
      patience(),
    );
    const [action] = (await this.outcome(specimen, nonce)).actions;
    if (action?.status !== 0) throw new Error(`${script}: ${JSON.stringify(action)}`);
    return action.output;
  }

  /**
   * Freezes a machine that was made for it, and puts what comes out into an image of its own.
   * @param devices those that were added to it, in order
   */
  async freeze(specimen: Specimen, name: string, devices: readonly NewDevice[] = []): Promise<LocatedImage> {
    const nonce = newNonce();
    await specimen.machine.guest.send({ kind: 'quiesce', nonce }, patience());
    await this.outcome(specimen, nonce);
    const frozen = await specimen.machine.freeze(patience());
    return await this.publish(specimen.spec, specimen.spec.directory, frozen, name, devices);
  }

  /** An empty directory for a snapshot. */
  async snapshotDirectory(): Promise<string> {
    this.counter += 1;
    const directory = join(this.root, `snapshot-${this.counter}`);
    await mkdir(directory);
    return directory;
  }

  /**
   * Takes a snapshot and puts it into an image of its own.
   * @param devices those that were added to the machine, in order
   */
  async snapshot(
    { spec, machine }: Specimen,
    name: string,
    memory: boolean,
    devices: readonly NewDevice[] = [],
  ): Promise<{ readonly image: LocatedImage; readonly snapshot: MachineSnapshot }> {
    const directory = await this.snapshotDirectory();
    const snapshot = await machine.snapshot({ directory, memory }, patience());
    return { snapshot, image: await this.publish(spec, directory, snapshot, name, devices) };
  }

  /** The image of a frozen or copied machine, as publishing would lay it out. */
  private async publish(
    spec: CloneSpec,
    from: string,
    frozen: Pick<MachineSnapshot, 'diskFile' | 'addedDisks' | 'memory'>,
    name: string,
    devices: readonly NewDevice[],
  ): Promise<LocatedImage> {
    const directory = join(this.root, 'images', name);
    await mkdir(directory);
    const { memory } = frozen;
    const addedFiles = frozen.addedDisks.map((disk) => disk.file);
    const memoryFiles = memory === undefined ? [] : [memory.file, memory.deviceStateFile];
    for (const file of [frozen.diskFile, ...memoryFiles, ...addedFiles]) {
      await rename(join(from, file), join(directory, file));
    }
    const { boot } = spec.image.descriptor;
    for (const file of [boot.kernel, boot.initrd])
      await copyFile(join(spec.image.directory, file), join(directory, file));
    const added: AddedDevice[] = [];
    for (const device of devices) {
      if (device.kind === 'iso') {
        await copyFile(device.isoFile, join(directory, 'attached.iso'));
        added.push({ kind: 'iso', action: device.action, file: 'attached.iso' });
      } else if (device.kind === 'network-interface') {
        added.push({ kind: 'network-interface', action: device.action });
      } else {
        const file = frozen.addedDisks.find((disk) => disk.action === device.action)?.file ?? '';
        added.push({ kind: 'disk', action: device.action, file, sizeMiB: device.sizeMiB });
      }
    }
    const base = spec.image.descriptor.disk.backingImage ?? spec.image.descriptor.name;
    const { memory: _inherited, ...inherited } = spec.image.descriptor;
    return {
      directory,
      backingDirectory: spec.image.backingDirectory ?? spec.image.directory,
      descriptor: {
        ...inherited,
        name,
        disk: { file: frozen.diskFile, format: 'qcow2', backingImage: base },
        ...(memory === undefined ? {} : { memory: { ...memory, guestKernel: boot.guestKernel } }),
        devices: [...spec.image.descriptor.devices, ...added],
      },
    };
  }

  /** What is left of a clone: its directory, and processes that have its path among their arguments. */
  leftovers(directory: string): readonly string[] {
    return [...(existsSync(directory) ? [directory] : []), ...processesNaming(`${directory}/`)];
  }

  /** SHA-256 of every file of an image. */
  async digests({ directory }: LocatedImage): Promise<Readonly<Record<string, string>>> {
    const digests: Record<string, string> = {};
    for (const name of (await readdir(directory)).sort()) {
      digests[name] = createHash('sha256')
        .update(await readFile(join(directory, name)))
        .digest('hex');
    }
    return digests;
  }

  /** Removes every clone made so far. */
  async clear(): Promise<void> {
    for (const directory of this.directories) await this.line.discard(directory, undefined, patience());
    this.directories.clear();
  }

  async close(): Promise<void> {
    await this.clear();
    await rm(this.root, { recursive: true });
  }

  private async bakeFrozen(): Promise<LocatedImage> {
    const specimen = await this.running({ image: this.base, rung: 'disk', purpose: 'bake' });
    const image = await this.freeze(specimen, 'frozen');
    await this.clear();
    return image;
  }
}

function processesNaming(text: string): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const commandLine = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (commandLine.includes(text)) found.push(`${entry} ${commandLine.slice(0, 60)}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}
