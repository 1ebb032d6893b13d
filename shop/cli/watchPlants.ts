import { setTimeout as after } from 'node:timers/promises';
import { formatAge } from '../../cli/amounts.js';
import { drawsBoxes } from '../../cli/drawsBoxes.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { write } from '../../cli/terminal.js';
import { asVmplantsError } from '../../model/errors.js';
import type { PlantDescription } from '../client.js';
import { createRedraw } from './redraw.js';
import { type PlantsMoment, renderPlantsLive, type Warning } from './renderPlantsLive.js';
import { type SeenPlant, seePlants } from './seenPlants.js';

/** What a shop knows of its plants now. */
export interface PlantsAnswer {
  readonly plants: readonly PlantDescription[];
  /** Why the list may be out of date. */
  readonly warning?: string;
}

/** Shows a moment. */
export type ShowMoment = (moment: PlantsMoment) => Promise<void>;

/** No terminal says how large it is: nothing is left out, and nothing cut. */
const UNBOUNDED = { columns: 10_000, rows: 100_000 };
const TERMINAL_ROWS = 24;
/** Of a warning; a shop may say any. */
const MOST_CHARACTERS = 1000;

/**
 * Asks again and again, and shows every answer, until the environment's signal. A shop that stops answering is asked on,
 * and the last answer is shown with a warning; rejects where it does not answer the first time.
 */
export async function watchPlants(
  environment: CliEnvironment,
  everyMilliseconds: number,
  ask: () => Promise<PlantsAnswer>,
  show: ShowMoment,
): Promise<void> {
  const { signal } = environment;
  let plants: readonly SeenPlant[] | undefined;
  let answeredAt = environment.monotonic();
  while (!signal.aborted) {
    const warnings: Warning[] = [];
    try {
      const answer = await ask();
      plants = seePlants(plants ?? [], answer.plants);
      answeredAt = environment.monotonic();
      if (answer.warning !== undefined) warnings.push(outdated(answer.warning));
    } catch (thrown) {
      if (signal.aborted) return;
      if (plants === undefined) throw thrown;
      const ago = formatAge(environment.monotonic() - answeredAt);
      const { code, message } = asVmplantsError(thrown);
      const text = `no answer from the shop for ${ago}: ${lineOf(message)}`;
      warnings.push({ kind: `no answer: ${code}`, text });
    }
    await show({ plants, time: `${new Date(environment.now()).toISOString().slice(0, 19)}Z`, warnings });
    await after(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}

function outdated(warning: string): Warning {
  const text = lineOf(warning);
  // Numbers in it may go on.
  return { kind: text.replace(/\d+/g, '#'), text };
}

function lineOf(text: string): string {
  return escapeLine(text.slice(0, MOST_CHARACTERS));
}

/**
 * On a terminal in place; elsewhere one table after the other, each with its time, and a warning on stderr when it begins.
 * @param warn writes one
 */
export function momentScreen(
  environment: CliEnvironment,
  wide: boolean,
  warn: (text: string) => Promise<void>,
): ShowMoment {
  const { stdout } = environment.terminal;
  const boxes = drawsBoxes(environment);
  if (stdout.isTTY === true) {
    const colour = (environment.variables.NO_COLOR ?? '') === '';
    const redraw = createRedraw(stdout);
    return (moment) => {
      const size = { columns: stdout.columns ?? 80, rows: (stdout.rows ?? TERMINAL_ROWS) - 1 };
      return redraw(renderPlantsLive(moment, { ...size, boxes, colour, wide }));
    };
  }
  const style = { ...UNBOUNDED, boxes, colour: false, wide };
  let warned: readonly string[] = [];
  return async (moment) => {
    const lines = renderPlantsLive({ ...moment, warnings: [] }, style);
    await write(stdout, `${lines.join('\n')}\n\n`);
    for (const { kind, text } of moment.warnings) if (!warned.includes(kind)) await warn(text);
    warned = moment.warnings.map(({ kind }) => kind);
  };
}
