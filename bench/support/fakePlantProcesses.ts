import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Server, startServer } from '../../dev/serverProcess.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES } from '../../plant/parts.js';
import { bakeFakeBase } from './plantReplay.js';
import type { Surroundings } from './surroundings.js';

const NOTHING = (): undefined => undefined;

/** `vmplant serve --line fake`, each a process of its own, over one warehouse. */
export async function startFakePlants(
  count: number,
  { programs, toolEnvironment }: Surroundings,
  directory: string,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly string[]; end(): Promise<void> }> {
  const warehouse = join(directory, 'warehouse');
  await mkdir(directory);
  await bakeFakeBase(
    directory,
    {
      line: createFakeLine({ timeScale: 0 }),
      warehouseDirectory: warehouse,
      scratchRoot: join(directory, 'scratch'),
      toolEnvironment,
      deadlines: DEFAULT_DEADLINES,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      random: (bytes) => randomBytes(bytes),
      log: { info: NOTHING, warn: NOTHING, error: NOTHING },
    },
    signal,
  );
  const servers: Server[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (let number = 0; number < count; number++) {
      const places = ['--data', join(directory, `plant-${number}`), '--warehouse', warehouse];
      const flags = ['--line', 'fake', '--listen', '127.0.0.1:0', '--name', `plant-${number}`];
      servers.push(await startServer(programs.vmplant, ['serve', ...flags, ...places], { programs, signal }));
    }
    return { addresses: servers.map(({ address }) => address), end };
  } catch (error) {
    await end();
    throw error;
  }
}
