import { z } from 'zod';
import { MAX_AGE_SECONDS, MAX_TIMEOUT_SECONDS } from './limits.js';
import { describeFound, expected } from './names.js';
import { parseMebibytes, parseSeconds } from './quantities.js';

const SIZE_PATTERN = /^[0-9]{1,15}(\.[0-9]{1,6})? ?(MiB|GiB|TiB)?$/;
const DURATION_PATTERN = /^[0-9]{1,15}(\.[0-9]{1,6})? ?(ms|s|m|h|d)?$/;
const SIZE_RULE = 'a whole number of MiB, or a size such as "512MiB" or "2GiB"';
const DURATION_RULE = 'a number of seconds, or a duration such as "500ms", "60s", "5m", "1h" or "7d"';

/** A size in MiB within bounds, both included. */
export function sizeSchema(least: number, most: number) {
  return quantitySchema(SIZE_PATTERN, SIZE_RULE).transform((written, context) => {
    const mebibytes = parseMebibytes(written);
    if (mebibytes === undefined)
      return fail(context, `expected ${SIZE_RULE}, found ${describeFound(written)}`);
    if (mebibytes < least || mebibytes > most) {
      return fail(context, `expected ${least} to ${most} MiB, found ${mebibytes} MiB`);
    }
    return mebibytes;
  });
}

/** Seconds that a script may take. Parts of a second are rounded up: the guest counts whole ones. */
export const timeoutSchema = quantitySchema(DURATION_PATTERN, DURATION_RULE).transform((written, context) => {
  const seconds = parseSeconds(written);
  const whole = seconds === undefined ? undefined : Math.ceil(seconds);
  if (whole === undefined || whole > MAX_TIMEOUT_SECONDS) {
    return fail(
      context,
      `expected ${DURATION_RULE}, from 1 s to ${MAX_TIMEOUT_SECONDS} s, found ${describeFound(written)}`,
    );
  }
  return whole;
});

/** Seconds for which an image that performed an action may stand for it. */
export const maxAgeSchema = quantitySchema(DURATION_PATTERN, DURATION_RULE).transform((written, context) => {
  const seconds = parseSeconds(written);
  if (seconds === undefined || seconds > MAX_AGE_SECONDS) {
    return fail(
      context,
      `expected ${DURATION_RULE}, more than 0 and at most ten years, found ${describeFound(written)}`,
    );
  }
  return seconds;
});

function quantitySchema(pattern: RegExp, rule: string) {
  const error = expected(rule);
  return z.union([z.string().regex(pattern, { error }), z.number({ error })], { error });
}

function fail(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
