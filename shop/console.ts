import { invalidArgument } from '../model/errors.js';
import type { ConsoleInput, ConsoleInput__Output } from '../proto/gen/vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput } from '../proto/gen/vmplants/v1/ConsoleOutput.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

/** Connects a client to the serial console of a VM through its plant. The first message names the VM. */
export async function* consoleOfVm(
  parts: ShopParts,
  requests: AsyncIterable<ConsoleInput__Output>,
  signal: AbortSignal,
): AsyncGenerator<ConsoleOutput, void, undefined> {
  const typed = requests[Symbol.asyncIterator]();
  const first = await typed.next();
  if (first.done === true) {
    throw invalidArgument([
      { field: 'vmid', description: 'expected a message that names the VM, found none' },
    ]);
  }
  const vmid = checkVmid(first.value.vmid);
  const { plant } = await locate(parts.links, parts.hints, vmid, {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  yield* plant.console(from(first.value, typed), {
    timeoutMilliseconds: parts.limits.consoleMilliseconds,
    signal,
  });
}

async function* from(
  first: ConsoleInput,
  rest: AsyncIterator<ConsoleInput__Output>,
): AsyncGenerator<ConsoleInput, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
