import { yearOf } from './calendar.js';
import { EVALUATION, SIZES, type Size, type SizeName } from './figures.js';
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
  /** ID numbers given so far. */
  taken: Set<string>;
}

export function worldOf(options: PlanOptions): World {
  const figures = SIZES[options.size];
  const random = new Random(options.seed, options.size);
  const thisYear = yearOf(options.today);
  const first = thisYear - (figures.yearsBefore ?? 1);
  const founding = `${first - 1}-11-20`;
  const tree = plantTree(random.stream('tree'), figures);
  const taken = new Set<string>();
  const cohort = { day: founding, joiners: false, taken };
  return {
    ...options,
    figures,
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
    taken,
  };
}
