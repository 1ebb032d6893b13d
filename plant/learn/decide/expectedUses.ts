/**
 * A use of a week ago tells half as much of the days to come as one of now: long enough that what is ordered once a
 * week (a course, a nightly build) is not forgotten in between, short enough that last month's work makes room.
 */
const HALF_LIFE_DAYS = 7;

const DAY_MILLISECONDS = 86_400_000;

/**
 * Expected uses a day, from when it was used so far: the uses counted with exponentially decaying weight, over the
 * time that such weights are worth. A shape that was seen once counts as well: what it shares with others may be baked.
 * A use from the future (clocks differ) counts as one of now.
 *
 * @param times milliseconds since the epoch
 */
export function expectedUsesPerDay(times: readonly number[], now: number): number {
  let weight = 0;
  for (const time of times) weight += 2 ** (-Math.max(0, now - time) / (HALF_LIFE_DAYS * DAY_MILLISECONDS));
  return (weight * Math.LN2) / HALF_LIFE_DAYS;
}

/** How many uses the last so many days saw. */
export function usesWithin(times: readonly number[], days: number, now: number): number {
  let uses = 0;
  for (const time of times) if (now - time <= days * DAY_MILLISECONDS) uses += 1;
  return uses;
}
