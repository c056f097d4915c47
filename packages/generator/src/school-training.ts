import { attend } from './attendance.js';
import { instant } from './calendar.js';
import { CLASS_SIZE } from './figures.js';
import type { ProjectPlan, Session } from './projects.js';
import { uuid7, type Random } from './random.js';
import type { Teacher } from './teachers.js';
import type { School } from './tree.js';

/** Hours (学时) of one meeting of a school's own training: 14:00 to 17:00. */
export const MEETING_HOURS = 4;

/** A year of school-based training (校本研修): the whole staff, on some afternoons. */
export function schoolTraining(
  random: Random,
  school: School,
  staff: readonly Teacher[],
  term: { year: number; days: readonly string[] },
): ProjectPlan {
  const first = term.days[0] ?? '';
  const sessions: Session[] = term.days.map((date) => ({
    id: uuid7(random, instant(date, '14:00')),
    date,
    from: '14:00',
    to: '17:00',
    minutes: 180,
  }));
  const count = Math.ceil(staff.length / CLASS_SIZE.most);
  const classes = Array.from({ length: count }, (_, part) => ({
    id: uuid7(random, instant(first, '08:00')),
    name: `校本研修${part + 1}班`,
    modality: 'SCHOOL_BASED' as const,
    place: school.name,
    sessions,
    groups: new Map([
      [
        school.code,
        staff.filter((_, at) => at % count === part).map(({ id }) => attend(random, id, sessions)),
      ],
    ]),
  }));
  // Each class has sessions of its own.
  const own = classes.map((row, at) =>
    at === 0
      ? row
      : {
          ...row,
          sessions: sessions.map((s) => ({ ...s, id: uuid7(random, instant(s.date, s.from)) })),
        },
  );
  return {
    id: uuid7(random, instant(first, '07:00')),
    name: `${school.name}${term.year}年校本研修`,
    level: 'SCHOOL',
    sector: school.sector,
    category: 'SCHOOL_BASED',
    year: term.year,
    organiser: school.code,
    approver: school.sector === 'HIGHER' ? school.code : school.parentCode,
    deliverer: null,
    classes: own,
    startsOn: first,
    endsOn: term.days.at(-1) ?? first,
    budgetFen: 0,
  };
}
