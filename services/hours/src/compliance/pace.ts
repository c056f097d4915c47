import { serviceMonths, type Post } from '../teacher/rules.js';

/** How far a teacher is on the way to the year's minimum. */
export interface Pace {
  /** Hundredths of hours that an even pace over her months in service had brought by the day. */
  expected: number;
  missing: number;
  /** Her months in service that are still to come, the one that has begun included. */
  monthsLeft: number;
}

/**
 * The pace of a year on a day: an even share of the minimum for each month in service that is
 * over. Null for whoever is on target, and where no number holds.
 */
export function behind(
  posts: readonly Post[],
  { year, required, centihours }: { year: number; required: number | null; centihours: number },
  on: string,
): Pace | null {
  if (required === null || centihours >= required) return null;
  const months = serviceMonths(posts, year).map(({ month }) => month);
  // A month is over when the next one has begun.
  const now = on.slice(0, 4) === String(year) ? Number(on.slice(5, 7)) : on < `${year}` ? 1 : 13;
  const over = months.filter((month) => month < now).length;
  const expected = months.length === 0 ? 0 : Math.floor((required * over) / months.length);
  if (centihours >= expected) return null;
  return { expected, missing: required - centihours, monthsLeft: months.length - over };
}
