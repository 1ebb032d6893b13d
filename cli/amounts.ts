/** How amounts are written for people. Programs get plain numbers in the JSON and YAML forms. */

/** Time since a moment, in the two largest units that say something: `8s`, `3m12s`, `5h`, `2d3h`, `41d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % 60, 's');
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10) return twoUnits(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 10 ? twoUnits(days, 'd', hours % 24, 'h') : `${days}d`;
}

/** Age of what was made at a moment; empty when nobody knows when, which is written as the epoch. Milliseconds. */
export function formatAgeSince(moment: number, now: number): string {
  return moment > 0 ? formatAge(now - moment) : '';
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** A duration: `0.04 s`, `3.2 s`, `75 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** A size in binary units: `812 B`, `3.4 KiB`, `512 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** A size given in MiB, as `formatBytes`. */
export function formatMiB(mebibytes: number): string {
  return formatBytes(mebibytes * 1024 * 1024);
}

/** A cost: at most two digits after the point. */
export function formatCost(cost: number): string {
  return String(Math.round(cost * 100) / 100);
}

/** `1 VM`, `2 VMs`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
