/** How sizes and durations are written in a request. Pure text to number; bounds are the schema's business. */

const MIB_PER_UNIT: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 };
const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** A number of MiB, or `512MiB`, `2GiB`, `1TiB`. Undefined when it is not written so, or not a whole number of MiB. */
export function parseMebibytes(written: string | number): number | undefined {
  return wholeMebibytes(typeof written === 'number' ? written : quantity(written, MIB_PER_UNIT));
}

/** A number of seconds, or `500ms`, `60s`, `5m`, `1h`, `7d`. Undefined when it is not written so. */
export function parseSeconds(written: string | number): number | undefined {
  const seconds = typeof written === 'number' ? written : quantity(written, SECONDS_PER_UNIT);
  return seconds !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

function wholeMebibytes(mebibytes: number | undefined): number | undefined {
  return mebibytes !== undefined && Number.isSafeInteger(mebibytes) && mebibytes >= 0 ? mebibytes : undefined;
}

function quantity(written: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]{0,3})$/.exec(written);
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  if (unit === '') return Number(digits);
  return Object.hasOwn(units, unit) ? Number(digits) * (units[unit] ?? Number.NaN) : undefined;
}
