import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openConsole } from '../../../plant/console.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import type { ProductionLine } from '../../../plant/line/line.js';
import { createRig, fakeOrder, NEVER, produce } from '../produce/rig.js';

test('the console of a silent guest is free as soon as its caller leaves, and only then', async () => {
  const fake = createFakeLine({ timeScale: 0.01 });
  let socket = '';
  const line: ProductionLine = {
    ...fake,
    start: async (spec, signal) => ({
      ...(await fake.start(spec, signal)),
      openConsole: (until: AbortSignal) => openConsole(socket, until),
    }),
  };
  const rig = await createRig({ line });
  socket = join(rig.directory, 'console');
  const silent = createServer((connection) => connection.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => {
    silent.listen(socket, resolve);
  });
  const { plant } = await rig.open();
  try {
    const { vmid } = (await produce(plant, fakeOrder())).vm;
    const left = new AbortController();
    const opened = await plant.console(vmid, left.signal);
    await expect(plant.console(vmid, NEVER)).rejects.toMatchObject({ reason: 'CONSOLE_IN_USE' });
    left.abort();
    const again = await plant.console(vmid, NEVER);
    // Late, as the handler of the call that is over does it: it must not free what is another's.
    opened.close();
    await expect(plant.console(vmid, NEVER)).rejects.toMatchObject({ reason: 'CONSOLE_IN_USE' });
    again.close();
  } finally {
    await plant.close();
    silent.close();
    await rig.remove();
  }
});
