import { halfUp } from '../project/rules.js';
import type { RatingGrade } from './entity.js';

/** Policy `evaluation.grades`: the lowest score of each grade, in hundredths. */
export interface Grades {
  A: number;
  B: number;
  C: number;
}

/** The grade of a score. */
export function gradeOf(score: number, grades: Grades): RatingGrade {
  if (score >= grades.A) return 'A';
  if (score >= grades.B) return 'B';
  return score >= grades.C ? 'C' : 'D';
}

/**
 * Kendall's W in hundredths, with its correction for ties: how far the raters (the three channels)
 * rank the projects alike. Null under three projects or when every rater ties all of them.
 */
export function kendallW(raters: readonly (readonly number[])[]): number | null {
  const m = BigInt(raters.length);
  const projects = raters[0]?.length ?? 0;
  const n = BigInt(projects);
  if (projects < 3 || raters.length < 2) return null;
  const ranked = raters.map(doubledRanks);
  let sum = 0n;
  let squares = 0n;
  for (let project = 0; project < projects; project += 1) {
    const rank = BigInt(ranked.reduce((total, ranks) => total + (ranks[project] ?? 0), 0));
    sum += rank;
    squares += rank * rank;
  }
  const ties = raters.reduce((total, values) => total + tieTerm(values), 0n);
  const denominator = 4n * n * (m * m * (n * n * n - n) - m * ties);
  return denominator > 0n ? halfUp(1_200n * (n * squares - sum * sum), denominator) : null;
}

/** Twice the mid-rank of each value, so that ties stay whole numbers. */
const doubledRanks = (values: readonly number[]): number[] =>
  values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });

/** Σ(t³ − t) over groups of ties. */
function tieTerm(values: readonly number[]): bigint {
  const sizes = new Map<number, bigint>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0n) + 1n);
  return [...sizes.values()].reduce((total, t) => total + t * t * t - t, 0n);
}
