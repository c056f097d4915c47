import type { Book } from './book.js';
import { addDays, instant, yearOf } from './calendar.js';
import type { Careers } from './careers.js';
import { LEAVES, LONG_LEAVE, MATERNITY_AGE } from './figures.js';
import type { Random } from './random.js';
import { registrarOf } from './registers.js';
import type { Teacher } from './teachers.js';

type Reason = keyof typeof LEAVES;

/** From the start of the spring term, so many days: a leave begins in the year that draws it. */
const [TERM, DAYS] = ['02-20', 270];

/** The last but one digit of an ID number is even for women. */
const isWoman = ({ idNumber }: Teacher): boolean => Number(idNumber[16]) % 2 === 0;

function reasonOf(random: Random, teacher: Teacher, year: number): Reason {
  const [youngest, oldest] = MATERNITY_AGE;
  const age = year - yearOf(teacher.born);
  const mother = isWoman(teacher) && age >= youngest && age <= oldest;
  return random.weighted({
    MATERNITY: mother ? LEAVES.MATERNITY.share : 0,
    SICK: LEAVES.SICK.share,
    SECONDMENT: LEAVES.SECONDMENT.share,
  });
}

/**
 * Long leaves that begin in a year, of a few who are neither away nor about to leave. Of an illness
 * that still lasts today the last day is not known.
 */
export function takeLeaves(book: Book, careers: Careers, year: number): void {
  const { world } = careers;
  const { today } = world;
  const random = world.random.stream(`leaves/${year}`);
  const registrar = registrarOf(world);
  const count = Math.round(careers.active.size * LONG_LEAVE);
  const able = [...careers.active.values()].filter(
    ({ id }) => !careers.leaving.has(id) && !careers.isAway(id, `${year}-01-01`, `${year}-12-31`),
  );
  for (const teacher of random.shuffled(able).slice(0, count)) {
    const reason = reasonOf(random, teacher, year);
    const from = addDays(`${year}-${TERM}`, random.int(0, DAYS));
    const [shortest, longest] = LEAVES[reason].days;
    const to = addDays(from, random.int(shortest, longest) - 1);
    if (from > today) continue;
    careers.leave(teacher.id, { from, to });
    const lasts = reason === 'SICK' && to > today;
    book.step('personnel', 'leave.record', instant(from, '09:30'), registrar(teacher.unitCode), {
      ...{ teacherId: teacher.id, reason, from },
      ...(!lasts && { to }),
    });
  }
}
