import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { asVmplantsError, VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import { atLeast, machineType, parseVersion, type QemuHost, type QemuVersion, TCG_CPU } from './host.js';
import { kvmPayload, PAYLOAD_PORT, PAYLOAD_STATUS } from './kvmPayload.js';

export interface ProbeOptions {
  /** Path of the emulator, for example `/usr/bin/qemu-system-x86_64`. */
  readonly binary: string;
  /** Directory for the probe's temporary files. */
  readonly temporaryDirectory: string;
  /** `tcg` skips the question whether KVM works; `auto` asks it. */
  readonly accelerator: 'auto' | 'tcg';
}

/** How long a working KVM may take for a payload of some hundred instructions. */
const KVM_DEADLINE_MILLISECONDS = 3000;
/** Counted up when the probe answers in other words, so that kept answers are asked for again. */
const ANSWER_VERSION = 2;
const VERSION_DEADLINE_MILLISECONDS = 10_000;

/**
 * Finds out what QEMU on this host is and whether hardware virtualisation really works, by running a payload under
 * exactly the CPU that machines will get. The answer is data: callers keep it, and ask again when `fingerprint`
 * gives another value. Rejects with FAILED_PRECONDITION when there is no usable QEMU.
 */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<QemuHost> {
  const binary = await resolveBinary(options.binary);
  const version = await findVersion(binary, signal);
  const processor = await readProcessor();
  const facts = { binary, version, fingerprint: await fingerprint(binary, options.accelerator) };
  const emulated = { ...facts, accelerator: 'tcg', cpuModel: TCG_CPU } as const;
  if (options.accelerator === 'tcg')
    return { ...emulated, acceleratorReason: 'machines are emulated (TCG), as was asked for' };
  const failure = await tryKvm(binary, version, options.temporaryDirectory, signal);
  if (failure !== undefined) {
    return {
      ...emulated,
      acceleratorReason: `KVM does not work here: machines are emulated (TCG), several times slower; ${failure.why}`,
      ...(failure.said === undefined ? {} : { acceleratorDetail: failure.said }),
    };
  }
  return {
    ...facts,
    accelerator: 'kvm',
    cpuModel: `host ${processor}`,
    acceleratorReason: 'machines run under KVM: a payload came through',
  };
}

/** What the probe's answer depends on: the emulator's file, the kernel, the processor and the choice of accelerator. */
export async function fingerprint(binary: string, accelerator: ProbeOptions['accelerator']): Promise<string> {
  const file = await stat(await resolveBinary(binary));
  const facts = [
    ANSWER_VERSION,
    binary,
    file.size,
    file.mtimeMs,
    release(),
    await readProcessor(),
    accelerator,
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

async function resolveBinary(binary: string): Promise<string> {
  try {
    return await realpath(binary);
  } catch (error) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `expected the emulator at ${binary}, found nothing there`,
      {
        reason: 'QEMU_MISSING',
        hint: 'apt-get install qemu-system-x86',
        cause: error,
      },
    );
  }
}

async function findVersion(binary: string, signal: AbortSignal): Promise<QemuVersion> {
  const { stdout } = await run(binary, ['--version'], VERSION_DEADLINE_MILLISECONDS, signal);
  const version = parseVersion(stdout);
  if (version === undefined || !atLeast(version, 6, 2)) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `expected QEMU 6.2 or later at ${binary}, found ${JSON.stringify(stdout.split('\n', 1)[0]?.slice(0, 100))}`,
      { reason: 'QEMU_UNSUITABLE', hint: 'install a later QEMU' },
    );
  }
  return version;
}

interface KvmFailure {
  /** In half a sentence. */
  readonly why: string;
  /** The emulator's last line: often an assertion that only its authors understand. */
  readonly said?: string;
}

/** Undefined when the payload ran; otherwise why it did not. */
async function tryKvm(
  binary: string,
  version: QemuVersion,
  temporaryDirectory: string,
  signal: AbortSignal,
): Promise<KvmFailure | undefined> {
  const device = await stat('/dev/kvm').catch(() => undefined);
  if (device === undefined) return { why: 'there is no /dev/kvm' };
  const directory = await mkdtemp(join(temporaryDirectory, 'vmplants-probe-'));
  try {
    const rom = join(directory, 'payload.rom');
    await writeFile(rom, kvmPayload());
    // In its own directory, because a QEMU that aborts may leave a core file behind.
    const outcome = await run(
      binary,
      payloadArguments(version, rom),
      KVM_DEADLINE_MILLISECONDS,
      signal,
      directory,
    );
    if (outcome.status === PAYLOAD_STATUS) return undefined;
    if (outcome.timedOut)
      return {
        why: `/dev/kvm is there, but a payload did not finish within ${KVM_DEADLINE_MILLISECONDS} ms`,
      };
    return {
      why: '/dev/kvm is there, but QEMU did not run a payload with it',
      said: lastLine(outcome.stderr),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function payloadArguments(version: QemuVersion, rom: string): readonly string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ...['-machine', machineType(version), '-accel', 'kvm', '-cpu', 'host', '-m', '16', '-bios', rom],
    ...['-device', `isa-debug-exit,iobase=${PAYLOAD_PORT},iosize=1`],
  ];
}

interface Outcome {
  readonly status: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the emulator to its end or its deadline. Rejects only when the signal is aborted. */
function run(
  binary: string,
  args: readonly string[],
  milliseconds: number,
  signal: AbortSignal,
  directory = '/',
): Promise<Outcome> {
  throwIfAborted(signal);
  const options = {
    signal,
    cwd: directory,
    timeout: milliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(binary, args, options, (error, stdout, stderr) => {
      if (signal.aborted) return reject(asVmplantsError(signal.reason));
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ status, timedOut: error?.killed === true, stdout, stderr });
    });
  });
}

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? 'it ended without a word' : line.slice(0, 200);
}

/** Maker, family, model and stepping, and a digest of the feature flags: equal means that frozen memories can move. */
async function readProcessor(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const field = (name: string): string =>
    new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '?';
  const flags = createHash('sha256').update(field('flags')).digest('hex').slice(0, 8);
  return `${field('vendor_id')}-${field('cpu family')}-${field('model')}-${field('stepping')}-${flags}`;
}
