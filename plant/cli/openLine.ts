import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProductionLine } from '../line/line.js';
import type { QemuHost } from '../line/qemu/host.js';

export const LINE_NAMES = ['qemu', 'uml', 'fake'] as const;

export type LineName = (typeof LINE_NAMES)[number];

export interface OpenLineOptions {
  readonly line: LineName;
  /** Path of the emulator. */
  readonly qemu: string;
  readonly accelerator: 'auto' | 'tcg';
  readonly temporaryDirectory: string;
  /** Where the answer of the probe for hardware virtualisation is kept: it takes seconds where KVM hangs. */
  readonly probeFile: string;
  /** Where User-Mode Linux is; needed for its line alone. */
  readonly uml?: {
    /** Path of its kernel, which is a program of the host. */
    readonly binary: string;
    /** Path of the client of its management console. */
    readonly mconsole: string;
    /** Where the disks of golden images are kept in the form that it reads. */
    readonly expandedDirectory: string;
  };
}

/** A production line of this host, and in one sentence how it virtualises. */
export interface OpenedLine {
  readonly line: ProductionLine;
  readonly explanation: string;
  /** The emulator's own words on that, for a log. */
  readonly detail?: string;
  /** Removes what the line keeps of golden images other than these; absent where it keeps nothing. */
  readonly tidy?: (keep: ReadonlySet<string>) => Promise<void>;
}

export async function openLine(options: OpenLineOptions, signal: AbortSignal): Promise<OpenedLine> {
  if (options.line === 'fake') {
    const { createFakeLine } = await import('../line/fake/line.js');
    return { line: createFakeLine(), explanation: 'the fake line: no virtual machine is started' };
  }
  if (options.line === 'uml') return await openUml(options, signal);
  const [{ createQemuLine }, { probe, fingerprint }] = await Promise.all([
    import('../line/qemu/line.js'),
    import('../line/qemu/probe.js'),
  ]);
  let host = await readKept(options.probeFile);
  const known =
    host === undefined ? undefined : await fingerprint(options.qemu, options.accelerator).catch(() => '');
  if (host === undefined || host.fingerprint !== known) {
    const { qemu: binary, temporaryDirectory, accelerator } = options;
    host = await probe({ binary, temporaryDirectory, accelerator }, signal);
    await keep(options.probeFile, host);
  }
  return {
    line: createQemuLine({ host }),
    explanation: host.acceleratorReason,
    ...(host.acceleratorDetail === undefined ? {} : { detail: host.acceleratorDetail }),
  };
}

async function openUml(options: OpenLineOptions, signal: AbortSignal): Promise<OpenedLine> {
  const { uml, temporaryDirectory } = options;
  if (uml === undefined) throw new Error('expected the paths of User-Mode Linux');
  const [{ openUmlLine }, { removeExpanded }] = await Promise.all([
    import('../line/uml/open.js'),
    import('../line/uml/expandedDisk.js'),
  ]);
  const line = await openUmlLine({ ...uml, temporaryDirectory }, signal);
  return {
    line,
    explanation:
      'User-Mode Linux: machines are processes of this host, which boot and have one processor; nothing isolates them: ' +
      "whoever is root in a guest can have this plant's rights on the host",
    tidy: (keep) => removeExpanded(uml.expandedDirectory, keep),
  };
}

/** The kept answer; undefined when there is none, or it is of another shape: then the question is asked again. */
async function readKept(file: string): Promise<QemuHost | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isQemuHost(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

async function keep(file: string, host: QemuHost): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(host, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function isQemuHost(value: unknown): value is QemuHost {
  if (typeof value !== 'object' || value === null) return false;
  const host: Partial<Record<keyof QemuHost, unknown>> = value;
  const { version } = host;
  return (
    typeof host.binary === 'string' &&
    (host.accelerator === 'kvm' || host.accelerator === 'tcg') &&
    typeof host.acceleratorReason === 'string' &&
    typeof host.cpuModel === 'string' &&
    typeof host.fingerprint === 'string' &&
    typeof version === 'object' &&
    version !== null &&
    ['major', 'minor', 'micro'].every((part) => part in version)
  );
}
