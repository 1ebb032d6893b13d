import { constants } from 'node:fs';
import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { apart } from './argv.js';
import { PROGRAM } from './host.js';
import { runTool } from './runTool.js';

export interface ProbeOptions {
  readonly binary: string;
  readonly mconsole: string;
  readonly temporaryDirectory: string;
  readonly memoryDirectory: string;
  readonly asRoot: boolean;
}

export interface ProbedKernel {
  /** Links resolved. */
  readonly binary: string;
  readonly release: string;
}

const VERSION_MILLISECONDS = 10_000;
const BOOT_MILLISECONDS = 30_000;
/** A kernel without a disk ends with these words, long after it has proven that it can trace a process. */
const CAME_THROUGH = 'Unable to mount root fs';

/**
 * Finds out whether User-Mode Linux really runs here, by booting its kernel, in the namespaces that machines get, to
 * the point where it looks for its disk. Rejects with FAILED_PRECONDITION.
 */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<ProbedKernel> {
  const { binary: asked, mconsole, temporaryDirectory, memoryDirectory } = options;
  const binary = await resolve(asked);
  await resolve(mconsole);
  await access('/dev/net/tun', constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw unsuitable(
      'a usable /dev/net/tun, for the network interfaces of its machines',
      'load the module tun',
      error,
    );
  });
  const { stdout } = await runTool(binary, ['--version'], { milliseconds: VERSION_MILLISECONDS }, signal);
  const release = /^\d+\.\d+[\w.+-]*$/m.exec(stdout)?.[0];
  if (release === undefined) {
    throw unsuitable(
      `a kernel of User-Mode Linux at ${asked}`,
      'apt-get install user-mode-linux',
      new Error(stdout.slice(0, 200)),
    );
  }
  const directory = await mkdtemp(join(temporaryDirectory, 'vmplants-uml-'));
  try {
    const outcome = await runTool(
      PROGRAM.unshare,
      [
        ...apart(options),
        PROGRAM.shell,
        '-c',
        '"$@"; exit $?',
        'probe',
        binary,
        ...probeArguments(directory),
      ],
      {
        milliseconds: BOOT_MILLISECONDS,
        directory,
        environment: { HOME: directory, TMPDIR: memoryDirectory },
      },
      signal,
    );
    const said = `${outcome.stdout}${outcome.stderr}`;
    if (said.includes(CAME_THROUGH)) return { binary, release };
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      outcome.timedOut
        ? `User-Mode Linux does not run here: it did not boot within ${BOOT_MILLISECONDS / 1000} s`
        : 'User-Mode Linux does not run here: its kernel ended before it looked for a disk',
      {
        reason: 'UML_DOES_NOT_RUN',
        hint: 'it needs ptrace, namespaces and an executable file system in memory; containers often forbid one of them',
        cause: new Error(said.slice(-500)),
      },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function probeArguments(directory: string): readonly string[] {
  return [
    ...['mem=64M', 'umid=probe', `uml_dir=${directory}/`],
    ...['con=null', 'con0=null,fd:1', 'ssl=null', 'console=tty0', 'hostfs=/dev/null', 'noreboot'],
  ];
}

async function resolve(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `expected User-Mode Linux at ${path}, found nothing there`,
      {
        reason: 'UML_MISSING',
        hint: 'apt-get install user-mode-linux uml-utilities',
        cause: error,
      },
    );
  }
}

function unsuitable(expected: string, hint: string, cause: unknown): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `User-Mode Linux: expected ${expected}`, {
    reason: 'UML_UNSUITABLE',
    hint,
    cause,
  });
}
