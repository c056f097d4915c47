/** Calendar dates `YYYY-MM-DD` in Asia/Shanghai (UTC+8 all year). */

const DAY_MS = 86_400_000;

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

export const yearOf = (date: string): number => Number(date.slice(0, 4));

/** The instant at which the clock in Shanxi shows `time` (`HH:MM`) on `date`. */
export const instant = (date: string, time: string): string =>
  new Date(`${date}T${time}:00+08:00`).toISOString();

/** The first Monday from `date` on. */
export const monday = (date: string): string => {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return addDays(date, (8 - weekday) % 7);
};
