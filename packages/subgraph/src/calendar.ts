/** Calendar arithmetic in Asia/Shanghai (UTC+8 all year, no daylight saving since 1991). */

const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** The calendar date in Asia/Shanghai of an instant, `YYYY-MM-DD`. */
export const localDate = (instant: Date): string =>
  new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 10);

/** SQL of {@link localDate} of a timestamptz. */
export const localDateSql = (instant: string): string =>
  `(${instant} AT TIME ZONE 'Asia/Shanghai')::date`;

/** The calendar year in Asia/Shanghai of an instant. */
export const localYear = (instant: Date): number => Number(localDate(instant).slice(0, 4));

/** Midnight in Asia/Shanghai at which `date` begins. */
export const startOfDay = (date: string): Date => new Date(`${date}T00:00:00+08:00`);

/** The end of the calendar day that an instant lies in; milliseconds since the epoch, as given. */
export const endOfDay = (instant: number): number =>
  (Math.floor((instant + OFFSET_MS) / DAY_MS) + 1) * DAY_MS - OFFSET_MS;

/** `date` plus a number of days. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The same day some years later; for comparison only, since 29 February stays as it is. */
export const yearsAfter = (date: string, years: number): string =>
  `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}`;

/** A real calendar date written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
