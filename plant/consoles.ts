import { VmplantsError } from '../model/errors.js';
import type { Console } from './console.js';
import type { LiveMachine } from './machines.js';
import { untilAborted, withDeadline } from './untilAborted.js';

/** The consoles of a plant's VMs: one at a time for a VM. */
export interface Consoles {
  /**
   * @throws VmplantsError UNIMPLEMENTED on a line without consoles; FAILED_PRECONDITION, CONSOLE_IN_USE; as
   * `Machine.openConsole` does
   */
  readonly open: (live: LiveMachine, signal: AbortSignal) => Promise<Console>;
}

/** Whoever has left is noticed a moment later: the news comes by way of the shop. */
const LEAVING_MILLISECONDS = 1_000;

export function createConsoles(): Consoles {
  /** Until each is free again. */
  const inUse = new Map<string, Promise<void>>();

  /** Takes the console; the answer gives it back. */
  const take = async (vmid: string, signal: AbortSignal): Promise<() => void> => {
    const before = inUse.get(vmid);
    if (before !== undefined) {
      await withDeadline(signal, LEAVING_MILLISECONDS, (within) => untilAborted(before, within)).catch(
        (error: unknown) => {
          if (signal.aborted) throw error;
        },
      );
    }
    if (inUse.has(vmid)) {
      throw new VmplantsError('FAILED_PRECONDITION', `the console of ${vmid} is in use`, {
        reason: 'CONSOLE_IN_USE',
        hint: 'Close the other console first.',
      });
    }
    let free: () => void = () => undefined;
    inUse.set(
      vmid,
      new Promise((resolve) => {
        free = resolve;
      }),
    );
    return () => {
      inUse.delete(vmid);
      free();
    };
  };

  return {
    open: async ({ machine, vmid }, signal) => {
      if (machine.openConsole === undefined) {
        throw new VmplantsError('UNIMPLEMENTED', `the production line of ${vmid} has no console`);
      }
      const leave = await take(vmid, signal);
      try {
        const opened = await machine.openConsole(signal);
        let closed = false;
        const close = (): void => {
          // Once: the next one to open it must not lose it to a late call.
          if (closed) return;
          closed = true;
          leave();
          opened.close();
        };
        signal.addEventListener('abort', close, { once: true });
        if (signal.aborted) close();
        return { ...opened, close };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
