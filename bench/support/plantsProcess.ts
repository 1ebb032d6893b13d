import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Opening, Said } from './auctionChild.js';

/** A process with plants, or with servers that answer like plants. */
export interface PlantsProcess {
  readonly addresses: readonly string[];
  /** What the cheapest plant would ask for an order now. */
  readonly lowestCost: () => Promise<number>;
  /** Ends the process at once. */
  readonly end: () => Promise<void>;
}

const CHILD = fileURLToPath(new URL('auctionChild.ts', import.meta.url));

export async function startPlantsProcess(opening: Opening, signal: AbortSignal): Promise<PlantsProcess> {
  const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const { addresses = [] } = await ask(child, opening, signal);
    return {
      addresses,
      lowestCost: async () => (await ask(child, 'lowest-cost', signal)).lowestCost ?? Number.NaN,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function ask(child: ChildProcess, message: Opening | 'lowest-cost', signal: AbortSignal): Promise<Said> {
  return new Promise((resolve, reject) => {
    const release = (): void => {
      child.off('message', hear);
      child.off('exit', die);
      signal.removeEventListener('abort', abort);
    };
    const hear = (said: Said): void => {
      release();
      if (said.error === undefined) resolve(said);
      else reject(new Error(`the process of the plants failed: ${said.error}`));
    };
    const die = (status: number | null, killedBy: string | null): void => {
      release();
      reject(new Error(`the process of the plants ended with ${killedBy ?? `status ${status}`}`));
    };
    const fail = (error: Error | null): void => {
      if (error === null) return;
      release();
      reject(
        new Error(`the process of the plants is gone: ${child.signalCode ?? child.exitCode}`, {
          cause: error,
        }),
      );
    };
    const abort = (): void => {
      release();
      reject(signal.reason);
    };
    child.on('message', hear);
    child.on('exit', die);
    signal.addEventListener('abort', abort, { once: true });
    child.send(message, fail);
  });
}
