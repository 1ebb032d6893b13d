/**
 * How a machine that was stopped and went on can tell it from inside. Its clocks stand still with it, so no two
 * entries of a log that ticks are further apart than others. But the battery-backed clock goes on, in whole seconds:
 * the seconds after it begin earlier by as much on the machine's own clock.
 */

/** Shell: logs both clocks some fifty times a second into the file, until the file is removed. */
export function tickingScript(file: string): string {
  const tick = `read up idle </proc/uptime; read rtc </sys/class/rtc/rtc0/since_epoch; echo "$up $rtc" >>${file}`;
  return `: >${file}; (while [ -e ${file} ]; do ${tick}; sleep 0.01; done) >/dev/null 2>&1 &\n`;
}

/** Shell: writes of the log the entries with which a new second begins, and ends the logging. */
export function edgesScript(file: string): string {
  return `awk '$2 != second { print; second = $2 }' ${file}; rm ${file}\n`;
}

/** Seconds that have to be whole on either side, for the entries to tell when they began. */
const SECONDS_EACH_SIDE = 2;

/**
 * How long the machine stood still, in milliseconds, from what `edgesScript` wrote. An entry tells that a second began,
 * never too early and at times too late, so of several the earliest is the right one: the machine stood still for as
 * long as the seconds begin earlier, by its own clock, than they did. Throws when the log is too short to tell.
 */
export function standstill(edges: string): number {
  // The first entry is not the beginning of a second, only of the log.
  const begins = edges
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ').map(Number))
    .map(([up = Number.NaN, second = Number.NaN]) => up - second);
  let longest = Number.NaN;
  for (let split = SECONDS_EACH_SIDE; split + SECONDS_EACH_SIDE <= begins.length; split += 1) {
    const shift = Math.min(...begins.slice(0, split)) - Math.min(...begins.slice(split));
    longest = Number.isNaN(longest) ? shift : Math.max(longest, shift);
  }
  if (Number.isNaN(longest)) throw new Error(`expected a log of some seconds, found:\n${edges}`);
  return Math.max(0, longest) * 1000;
}
