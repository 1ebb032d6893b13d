import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { until } from './until.js';

/** Stops a process with SIGSTOP, and waits until every thread of it stands still: the signal alone takes a moment. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const tasks = `/proc/${child.pid}/task`;
  await until('the process stands still', async () => {
    const states = (await readdir(tasks)).map(async (task) => {
      const stat = await readFile(`${tasks}/${task}/stat`, 'utf8').catch(() => ') T');
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    });
    return (await Promise.all(states)).every((state) => state === 'T');
  });
}
