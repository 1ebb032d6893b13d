import type { Machine } from '../../plant/line/line.js';
import { patience } from './conversation.js';
import type { LineSubject } from './subject.js';

const ANSWER_MILLISECONDS = 1000;

/** The daemon itself is stopped, and the guest has nobody else who would listen. */
export const deafDaemon: LineSubject['deaf'] = {
  vmid: 'vm-deaf',
  script: '(sleep 0.2; kill -STOP $(pidof vmguestd)) >/dev/null 2>&1 &',
  untilDeaf: async (machine) => {
    while (await answers(machine));
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
