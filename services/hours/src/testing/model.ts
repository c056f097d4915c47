/*
 * The hours of a teacher as domain.md tells them, minute by minute and without regard to what came
 * when. Written from its words, to be compared with what the service has come to.
 */

/** A finished participation: whole minutes of Shanghai time since 2025-12-30T00:00. */
export interface ModelCause {
  id: string;
  level: 'NATIONAL' | 'PROVINCIAL' | 'CITY' | 'COUNTY' | 'SCHOOL';
  start: number;
  planned: number;
  attended: number;
}

const DAY = 1_440;
/** 2025-12-30 is day 0: the year begins with day 2. */
const yearOfDay = (day: number): number => (day < 2 ? 2025 : 2026);
const RANK = ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'];
/** HOURS-CAP: at most 8 hours of 45 minutes a day. */
const DAY_CAP = 8 * 45;

/** Credited minutes of each cause by day; a cause that is not there was refused. */
export function creditedMinutes(causes: readonly ModelCause[]): Map<string, Map<number, number>> {
  // HOURS-ABSENCE: no credit when more than 20 % of the planned minutes were missed.
  const present = causes.filter(({ planned, attended }) => (planned - attended) * 5 <= planned);
  // HOURS-OVERLAP: the registrar's rank, then the session's start, then the cause's id.
  const ranked = [...present].sort(
    (a, b) =>
      RANK.indexOf(a.level) - RANK.indexOf(b.level) || a.start - b.start || (a.id < b.id ? -1 : 1),
  );
  const occupied = new Set<number>();
  const ofDay = new Map<number, number>();
  const credited = new Map<string, Map<number, number>>();
  for (const { id, start, planned, attended } of ranked) {
    const minutes = Array.from({ length: planned }, (_, index) => start + index);
    for (const day of new Set(minutes.map((minute) => Math.floor(minute / DAY)))) {
      const own = minutes.filter((minute) => Math.floor(minute / DAY) === day);
      const elsewhere = own.filter((minute) => occupied.has(minute)).length;
      // Who was not there all the time has been there in part; a session over midnight is whole.
      const there = attended === planned ? own.length : attended;
      const left = DAY_CAP - (ofDay.get(day) ?? 0);
      const credit = Math.min(Math.max(0, there - elsewhere), left);
      ofDay.set(day, DAY_CAP - left + credit);
      if (credit > 0) {
        credited.set(id, (credited.get(id) ?? new Map<number, number>()).set(day, credit));
      }
    }
    minutes.forEach((minute) => occupied.add(minute));
  }
  return credited;
}

/** HOURS-UNIT: 45 minutes are an hour, rounded half up to 0.01 hour once for a cause and year. */
export function postings(causes: readonly ModelCause[]): Map<string, number> {
  const minutes = new Map<string, number>();
  for (const [id, days] of creditedMinutes(causes)) {
    for (const [day, credit] of days) {
      const key = `${id} ${yearOfDay(day)}`;
      minutes.set(key, (minutes.get(key) ?? 0) + credit);
    }
  }
  return new Map([...minutes].map(([key, sum]) => [key, Math.floor((sum * 100) / 45 + 0.5)]));
}

/** Hundredths of hours of a year. */
export function balance(causes: readonly ModelCause[], year: number): number {
  return [...postings(causes)]
    .filter(([key]) => key.endsWith(String(year)))
    .reduce((sum, [, centihours]) => sum + centihours, 0);
}
