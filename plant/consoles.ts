import { VmplantsError } from '../model/errors.js';
import { type Console, openConsole } from './console.js';
import type { LiveMachine } from './machines.js';

/** The consoles of a plant's VMs: one at a time for a VM. */
export interface Consoles {
  /**
   * @throws VmplantsError UNIMPLEMENTED on a line without consoles; FAILED_PRECONDITION, CONSOLE_IN_USE; as
   * `openConsole` does
   */
  readonly open: (live: LiveMachine, signal: AbortSignal) => Promise<Console>;
}

export function createConsoles(): Consoles {
  const inUse = new Set<string>();
  return {
    open: async ({ machine, vmid }, signal) => {
      if (machine.consoleSocket === undefined) {
        throw new VmplantsError('UNIMPLEMENTED', `the production line of ${vmid} has no console`);
      }
      if (inUse.has(vmid)) {
        throw new VmplantsError('FAILED_PRECONDITION', `the console of ${vmid} is in use`, {
          reason: 'CONSOLE_IN_USE',
          hint: 'Close the other console first.',
        });
      }
      inUse.add(vmid);
      try {
        const opened = await openConsole(machine.consoleSocket, signal);
        let closed = false;
        const close = (): void => {
          // Once: the next one to open it must not lose it to a late call.
          if (closed) return;
          closed = true;
          inUse.delete(vmid);
          opened.close();
        };
        signal.addEventListener('abort', close, { once: true });
        if (signal.aborted) close();
        return { ...opened, close };
      } catch (error) {
        inUse.delete(vmid);
        throw error;
      }
    },
  };
}
