import { yearOf } from './calendar.js';
import { EVALUATION, SIZES, type Size, type SizeName, type Way } from './figures.js';
import type { Register } from './id-number.js';
import { institutionsOf, type Institution } from './institutions.js';
import { Random } from './random.js';
import { staffOf, type Teacher } from './teachers.js';
import { plantTree, type Tree } from './tree.js';

export interface PlanOptions {
  size: SizeName;
  /** The same number gives the same province. */
  seed: number;
  /** The day on which the province stands, `YYYY-MM-DD`. */
  today: string;
  /** Another way than that of the size. */
  way?: Way;
}

/** What is there before anything happens. */
export interface World extends PlanOptions {
  figures: Size;
  random: Random;
  /** The day on which the registers are filled. */
  founding: string;
  /** Years that money is planned for, and, at sizes with a history, that have one. */
  years: readonly number[];
  tree: Tree;
  teachers: Teacher[];
  institutions: readonly Institution[];
  way: Way;
  /** ID numbers given so far. */
  register: Register;
}

/** The parameters hold from this day on: nothing can be registered before it. */
const EARLIEST = '2021-01-01';

/** Throws for a day too early for the years of the size. */
export function worldOf(options: PlanOptions): World {
  const figures = SIZES[options.size];
  const random = new Random(options.seed, options.size);
  const thisYear = yearOf(options.today);
  const first = thisYear - (figures.yearsBefore ?? 1);
  const founding = `${first - 1}-11-20`;
  if (founding < EARLIEST) {
    const year = thisYear + Number(EARLIEST.slice(0, 4)) - first + 1;
    throw new Error(`size ${options.size} needs a day of ${year} or later, not ${options.today}`);
  }
  const tree = plantTree(random.stream('tree'), figures);
  const register = { areas: figures.areas, taken: new Set<string>() };
  const cohort = { day: founding, joiners: false, register };
  return {
    ...options,
    figures,
    way: options.way ?? figures.way,
    random,
    founding,
    years: Array.from({ length: thisYear - first + 1 }, (_, at) => first + at),
    tree,
    teachers: staffOf(random.stream('teachers'), tree.schools, cohort),
    institutions: institutionsOf(
      random.stream('institutions'),
      founding,
      EVALUATION.institutionDeviation,
    ),
    register,
  };
}
