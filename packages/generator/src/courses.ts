import { addDays } from './calendar.js';
import { attend } from './attendance.js';
import { CLASS_SIZE, MONEY, type Sector } from './figures.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { CATEGORIES, type Category, type Institution } from './institutions.js';
import {
  creditOf,
  participantsOf,
  type ClassPlan,
  type ProjectPlan,
  type Session,
} from './projects.js';
import { uuid7, type Random } from './random.js';
import { instant } from './calendar.js';
import type { Level, Modality, Window } from './windows.js';

/** One who comes, for so many hours, nominated by a unit. */
export interface Comer {
  teacherId: string;
  hours: number;
  nominator: string;
}

export interface Course {
  name: string;
  level: Level;
  sector: Sector;
  category: Category;
  organiser: string;
  approver: string;
  deliverer: Institution;
  modality: Modality;
}

const TIMES = {
  8: { from: '08:30', to: '17:30', minutes: 360 },
  4: { from: '19:00', to: '22:00', minutes: 180 },
} as const;

function sessionsOf(random: Random, window: Window, hours: number): Session[] {
  const { hoursADay, startsOn } = window;
  const times = hoursADay === 8 ? TIMES[8] : TIMES[4];
  return Array.from({ length: Math.ceil(hours / hoursADay) }, (_, day) => {
    const date = addDays(startsOn, day);
    return { id: uuid7(random, instant(date, times.from)), date, ...times };
  });
}

/** Yuan for one participant, by the day face to face and by the hour online. */
function priceOf(random: Random, window: Window, hours: number): number {
  const [low, high] = MONEY.day;
  const [least, most] = MONEY.onlineHour;
  if (window.hoursADay === 8) return (hours / 8) * random.int(low, high);
  return hours * random.int(least, most);
}

/** A project of one organiser in one window, with a class for each length and 60 participants. */
export function courseOf(
  random: Random,
  course: Course,
  window: Window,
  comers: readonly Comer[],
): ProjectPlan {
  const { modality, organiser } = course;
  const id = uuid7(random, instant(addDays(window.startsOn, -62), '09:00'));
  const classes: ClassPlan[] = [];
  let yuan = 0;
  for (const [hours, list] of groupBy(comers, (comer) => comer.hours)) {
    const count = Math.ceil(list.length / CLASS_SIZE.most);
    for (let part = 0; part < count; part += 1) {
      const members = list.filter((_, at) => at % count === part);
      const sessions = sessionsOf(random, window, hours);
      const classId = uuid7(random, instant(addDays(window.startsOn, -35), '09:00'));
      const groups = groupBy(members, ({ nominator }) => nominator);
      classes.push({
        id: classId,
        name: `${hours} 学时${classes.length + 1}班`,
        modality,
        place: modality === 'ONLINE' ? '国家智慧教育平台' : course.deliverer.name,
        sessions,
        groups: new Map(
          [...groups].map(([unit, group]) => [
            unit,
            group.map(({ teacherId }) => attend(random, teacherId, sessions)),
          ]),
        ),
      });
      yuan += members.length * priceOf(random, window, hours);
    }
  }
  const days = Math.max(...classes.map(({ sessions }) => sessions.length));
  return {
    id,
    name: `${course.name}（${CATEGORIES[course.category]}）`,
    level: course.level,
    sector: course.sector,
    category: course.category,
    year: Number(window.startsOn.slice(0, 4)),
    organiser,
    approver: course.approver,
    deliverer: course.deliverer,
    classes,
    startsOn: window.startsOn,
    endsOn: addDays(window.startsOn, days - 1),
    budgetFen: Math.ceil(yuan / 10) * 1_000,
  };
}

/** Hours that each participant of a project will be credited with. */
export function creditsOf(project: ProjectPlan): Map<string, number> {
  return new Map(
    project.classes.flatMap((row) =>
      participantsOf(row).map((one) => [one.teacherId, creditOf(row, one)] as const),
    ),
  );
}
