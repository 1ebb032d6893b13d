import type { ConsoleInput } from '../../proto/gen/vmplants/v1/ConsoleInput.js';

/** The messages of a console call: the first names the VM, the others carry what is typed. */
export async function* consoleMessages(
  vmid: string,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<ConsoleInput, void, undefined> {
  yield { vmid };
  for await (const data of input) yield { data: Buffer.from(data) };
}
