import type { Progress } from '../model/progress.js';
import { formatSeconds } from './amounts.js';
import { cutToWidth } from './cells.js';
import { progressText } from './progressText.js';
import type { Screen, Terminal } from './terminal.js';

/** Shows people how a long piece of work goes on. */
export interface ProgressDisplay {
  report(progress: Progress): void;
  /** A line that stays, for example the VMID that was given. */
  note(text: string): void;
  /** Takes the live line away; to be called whatever happens. */
  end(): void;
}

/** How often the seconds on the live line are counted on. */
const TICK_MILLISECONDS = 200;
const ERASE_LINE = '\r\u001b[2K';

/**
 * On a terminal: one live line for the step that runs, with its seconds, which turns into a lasting line when the
 * step ends. Elsewhere (a file, a pipe, CI): one plain line for everything that is reported. Always on stderr.
 * @param now milliseconds
 */
export function createProgressDisplay(
  terminal: Terminal,
  options: { readonly quiet: boolean; readonly now: () => number },
): ProgressDisplay {
  if (options.quiet) return { report() {}, note() {}, end() {} };
  return terminal.stderr.isTTY === true
    ? liveDisplay(terminal.stderr, terminal.colour, options.now)
    : plainDisplay(terminal.stderr);
}

function plainDisplay(screen: Screen): ProgressDisplay {
  return {
    report: (progress) => void screen.write(`${progressText(progress)}\n`),
    note: (text) => void screen.write(`${text}\n`),
    end() {},
  };
}

function liveDisplay(screen: Screen, colour: boolean, now: () => number): ProgressDisplay {
  let running: { readonly progress: Progress; readonly since: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    if (running === undefined) return;
    const seconds = formatSeconds((now() - running.since) / 1000);
    const line = cutToWidth(`  ${progressText(running.progress)} ${seconds}`, screen.columns ?? 80);
    screen.write(ERASE_LINE + (colour ? `\u001b[2m${line}\u001b[0m` : line));
  };
  const keep = (line: string): void => void screen.write(`${ERASE_LINE}${line}\n`);

  return {
    report(progress) {
      if (progress.seconds !== undefined) {
        const mark = colour ? '\u001b[32m✓\u001b[0m' : '✓';
        keep(`${mark} ${cutToWidth(progressText(progress), (screen.columns ?? 80) - 2)}`);
        // Steps may overlap: the live line belongs to the one that began last.
        if (running !== undefined && sameStep(running.progress, progress)) running = undefined;
      } else {
        const since = running !== undefined && sameStep(running.progress, progress) ? running.since : now();
        running = { progress, since };
      }
      draw();
      timer ??= setInterval(draw, TICK_MILLISECONDS).unref();
    },
    note(text) {
      keep(text);
      draw();
    },
    end() {
      clearInterval(timer);
      timer = undefined;
      if (running !== undefined) screen.write(ERASE_LINE);
      running = undefined;
    },
  };
}

function sameStep(one: Progress, other: Progress): boolean {
  return one.phase === other.phase && one.action === other.action;
}
