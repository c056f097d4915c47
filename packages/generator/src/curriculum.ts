import { HOURS, type Location, type Size } from './figures.js';
import type { Random } from './random.js';
import type { Teacher } from './teachers.js';
import type { Window } from './windows.js';

/** Share of teachers with a week of provincial or national training in a year. */
const AWAY = 0.2;
/** Rounding up to whole days adds about so many hours to what is aimed at. */
const ROUNDING = 5;

/** What a teacher means to do in a year, and what has come of it. */
export interface Curriculum {
  teacher: Teacher;
  target: number;
  credited: number;
  /** Hours that school meetings will still bring. */
  coming: number;
  windows: ReadonlySet<string>;
}

function targetOf(random: Random, teacher: Teacher, location: Location): number {
  if (teacher.stage === 'HIGHER') return 0;
  const figures = HOURS[teacher.stage === 'SECONDARY_VOCATIONAL' ? 'VOCATIONAL' : 'BASIC'];
  const { minimum, short, shortFrom, excess, ruralLess } = figures;
  const less = location === 'RURAL' ? ruralLess : 0;
  if (random.chance(short)) return random.int(shortFrom, minimum - 1) - ROUNDING - less;
  return minimum + Math.max(0, random.exponential(excess) - ROUNDING - less);
}

export interface TeacherYear {
  windows: readonly Window[];
  /** How many of them a teacher takes part in, alone or besides a week away. */
  taken: Readonly<Size['windows']>;
  /** Those in which the teacher is on a long leave. */
  missed: ReadonlySet<string>;
  schoolHours: number;
  leaving: boolean;
}

/**
 * Draws the year of one teacher; whoever leaves in the summer has only its first half, and whoever
 * is on a long leave the windows outside it.
 */
export function drawCurriculum(
  random: Random,
  teacher: Teacher,
  location: Location,
  year: TeacherYear,
): Curriculum {
  const vocational = teacher.stage === 'SECONDARY_VOCATIONAL';
  const open = year.windows.filter(
    ({ kind, startsOn }) =>
      !(vocational && kind === 'COUNTY') && !(year.leaving && startsOn.slice(5) > '07-31'),
  );
  const away = random.shuffled(open.filter(({ kind }) => kind === 'PROVINCE')).slice(0, 1);
  const goesAway = random.chance(vocational ? 2 * AWAY : AWAY);
  const near = random.shuffled(open.filter(({ kind }) => kind !== 'PROVINCE'));
  const count = goesAway ? year.taken.away : year.taken.usual;
  const chosen = [...near.slice(0, count), ...(goesAway ? away : [])];
  const present = 1 - year.missed.size / year.windows.length;
  const share = year.leaving ? 0.6 : present;
  return {
    teacher,
    target: targetOf(random, teacher, location) * share,
    credited: 0,
    coming: year.schoolHours * share,
    windows: new Set(chosen.map(({ key }) => key).filter((key) => !year.missed.has(key))),
  };
}

/** Hours that a teacher takes in a window: an even part of what is missing, in whole days. */
export function hoursIn(curriculum: Curriculum, window: Window, later: readonly Window[]): number {
  const { target, credited, coming, windows } = curriculum;
  if (!windows.has(window.key)) return 0;
  const missing = target - credited - coming;
  if (missing <= 0) return 0;
  const left = 1 + later.filter(({ key }) => windows.has(key)).length;
  const wanted = Math.ceil(missing / left / window.hoursADay) * window.hoursADay;
  return Math.min(window.most, Math.max(window.least, wanted));
}
