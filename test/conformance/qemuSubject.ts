import { tmpdir } from 'node:os';
import type { Machine } from '../../plant/line/line.js';
import { createQemuLine } from '../../plant/line/qemu/line.js';
import { probe } from '../../plant/line/qemu/probe.js';
import { patience } from './conversation.js';
import { makeMicroImage } from './microImage.js';
import type { LineSubject } from './subject.js';

export const QEMU_BINARY = '/usr/bin/qemu-system-x86_64';

const ANSWER_MILLISECONDS = 1000;

export const qemuSubject: LineSubject = {
  name: 'qemu',
  create: async () => {
    const options = { binary: QEMU_BINARY, temporaryDirectory: tmpdir(), accelerator: 'auto' } as const;
    return createQemuLine({ host: await probe(options, patience()) });
  },
  goldenImage: (directory) => makeMicroImage(directory),
  // The daemon itself is stopped, and the guest has nobody who listens to a power button.
  deaf: {
    vmid: 'vm-deaf',
    script: '(sleep 0.2; kill -STOP $(pidof vmguestd)) >/dev/null 2>&1 &',
    untilDeaf: async (machine) => {
      while (await answers(machine));
    },
  },
};

/** Whether the daemon answers within a time that it never needs. */
async function answers(machine: Machine): Promise<boolean> {
  const heard = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => end(false), ANSWER_MILLISECONDS);
    const unsubscribe = machine.guest.subscribe(({ kind }) => {
      if (kind === 'ready') end(true);
    });
    const end = (answered: boolean): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(answered);
    };
  });
  await machine.guest.send({ kind: 'hello' }, patience());
  return await heard;
}
